"""The lines of subtitles with their times, from each of the formats they come in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from backend.providers.extractors import trees

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}.*$")
_SBV_TIMES = re.compile(rf"^{_TIME},{_TIME}\s*$")
_LRC_TIME = re.compile(r"\[(\d{1,3}):(\d{2})(?:[.:](\d{1,3}))?\]")
_CLOCK = re.compile(r"(\d+):(\d{2}):(\d{2})(?:\.(\d+))?(?::\d+)?")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>\n]*>|\{\\[^}\n]*\}")
_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LINE_SECONDS = 4.0
"""How long a line of a song is taken to last, which says when it begins only."""
_ASS_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


@dataclass
class Cue:
    """What is said from `start` to `end`, in seconds."""

    start: float
    end: float
    text: str


def blocks(text: str) -> list[Cue]:
    """Of WebVTT, SubRip and SubViewer: blocks with a line of times on top."""
    found: list[Cue] = []
    for block in re.split(r"\n\s*\n", _unix(text)):
        lines = block.split("\n")
        for at, line in enumerate(lines[:3]):
            if match := _TIMES.match(line) or _SBV_TIMES.match(line):
                said = "\n".join(filter(None, map(_plain, lines[at + 1 :])))
                if said:
                    found.append(Cue(_seconds(match.groups()[:4]), _seconds(match.groups()[4:]), said))
                break
    return found


def scripted(text: str) -> list[Cue]:
    """Of SubStation Alpha (ssa, ass): the lines of dialogue in the order of their times."""
    fields: tuple[str, ...] = _ASS_FIELDS
    found: list[Cue] = []
    events = _unix(text).partition("[Events]")[2]
    for line in events.split("\n"):
        kind, _, rest = line.partition(":")
        if kind == "Format":
            fields = tuple(name.strip().lower() for name in rest.split(","))
        elif kind == "Dialogue":
            values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
            times = [re.fullmatch(_TIME, values.get(name, "").strip()) for name in ("start", "end")]
            said = _plain(values.get("text", "").replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " "))
            if said and times[0] and times[1]:
                found.append(Cue(_seconds(times[0].groups()), _seconds(times[1].groups()), said))
    return sorted(found, key=lambda cue: cue.start)


def sung(text: str) -> list[Cue]:
    """Of lyrics (lrc): each line as often as it is sung."""
    found = []
    for line in _unix(text).split("\n"):
        said = _plain(re.sub(r"<\d+:[\d.:]+>", "", _LRC_TIME.sub("", line)))
        for minutes, seconds, fraction in _LRC_TIME.findall(line) if said else ():
            start = _seconds((None, minutes, seconds, fraction))
            found.append(Cue(start, start + _LINE_SECONDS, said))
    return sorted(found, key=lambda cue: cue.start)


def timed(data: bytes) -> list[Cue]:
    """Of Timed Text (ttml, dfxp). Raises Unreadable `corrupt`."""
    found = []
    for element in trees.parse(data).iter("p"):
        start, end, length = (_clock(element.get(name, "")) for name in ("begin", "end", "dur"))
        said = _plain(" ".join("".join(_words(element)).split()))
        if said and start is not None:
            found.append(Cue(start, end if end is not None else start + (length or _LINE_SECONDS), said))
    return sorted(found, key=lambda cue: cue.start)


def _words(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield " " if child.tag == "br" else ""
        yield from _words(child)
        yield child.tail or ""


def _clock(value: str) -> float | None:
    if match := _CLOCK.fullmatch(value):
        return _seconds(match.groups())
    match = _OFFSET.fullmatch(value)
    return float(match[1]) * _UNIT_SECONDS[match[2]] if match else None


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(line: str) -> str:
    return html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", line))).strip()
