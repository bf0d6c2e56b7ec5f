"""Subtitles (WebVTT, SubRip): what is said, in pieces that know the second at which they begin."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from backend.domain.text import Piece
from backend.providers.extractors import refusals
from backend.providers.extractors.draft import Draft, Source
from backend.providers.extractors.encodings import decode

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_CUE = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}.*$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"<[^>\n]*>|\{\\[^}\n]*\}")
_PIECE_CHARS = 240
_PAUSE_SECONDS = 4.0


@dataclass
class _Cue:
    start: float
    end: float
    text: str


def read(source: Source) -> Draft:
    """A piece for every few lines that belong together. Raises Unreadable `corrupt`."""
    text, _ = decode(source.path.read_bytes())
    cues = _cues(text)
    if not cues and "-->" not in text:
        raise refusals.corrupt("subtitle file")
    draft = Draft()
    last: _Cue | None = None
    lines: list[str] = []
    for cue in cues:
        pause = last is not None and cue.start - last.end > _PAUSE_SECONDS
        if last is None or pause or sum(map(len, lines)) > _PIECE_CHARS:
            lines = []
            start = int(cue.start) if cue.start == int(cue.start) else round(cue.start, 3)
            draft.pieces.append(Piece("", {"second": start}))
        lines += [line for line in cue.text.split("\n") if line not in lines[-2:]]  # rolling captions say it twice
        draft.pieces[-1] = Piece("\n".join(lines), draft.pieces[-1].place)
        last = cue
    return draft


def _cues(text: str) -> list[_Cue]:
    found: list[_Cue] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.split("\n")
        for at, line in enumerate(lines[:3]):
            if match := _CUE.match(line):
                said = "\n".join(filter(None, map(_plain, lines[at + 1 :])))
                if said:
                    found.append(_Cue(_seconds(match.groups()[:4]), _seconds(match.groups()[4:]), said))
                break
    return found


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(line: str) -> str:
    return html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", line))).strip()
