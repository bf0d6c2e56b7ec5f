"""Recordings: what is known of the sound of a file, where it is cut into parts, and what is said in it as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from backend.domain.text import Piece

TICK = 0.1
"""Seconds between two levels of a recording."""
SILENCE = -99
"""The level of no sound at all, in decibels below the loudest there can be."""
FAINT = -60
"""Nothing in a recording that stays below is speech: a whisper across a room is at about -45."""

_SHORTEST, _LONGEST = 0.8, 1.2
_QUIET_TICKS = 10
_PAUSE = 2.0
_ENOUGH, _MOST = 300, 800
_ENDS = tuple(".!?…।\u3002\uff01\uff1f")
_WIDE = 0x2E7F


class Span(NamedTuple):
    """A stretch of a recording, in seconds from its beginning."""

    start: float
    end: float

    @property
    def name(self) -> str:
        """What people call it: "4:58-10:01"."""
        return f"{clock(self.start)}-{clock(self.end)}"


@dataclass(frozen=True)
class Recording:
    """The sound of a file: how long, how loud at each TICK (dBFS), and what the file says of itself."""

    seconds: float
    levels: tuple[int, ...]
    codec: str
    seekable: bool = True
    """Its clock can be believed: a stretch is found without decoding all before it."""
    title: str | None = None
    artist: str | None = None
    warnings: tuple[dict[str, str], ...] = ()

    @property
    def silent(self) -> bool:
        return not self.levels or max(self.levels) < FAINT


class Said(NamedTuple):
    """A sentence or so, and when it is said, in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """What is said in a stretch of sound, in order; `language` is ISO 639-1, None where nobody speaks."""

    language: str | None
    said: tuple[Said, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """How long somebody speaks."""
        return sum(one.end - one.start for one in self.said)


def cut(levels: Sequence[int], part: float) -> list[Span]:
    """Parts of about `part` seconds (0.8 to 1.2 times that) that together are the whole, cut where it is quietest.

    Quiet is the mean level of a second. Of equally quiet places the one nearest to the wanted length is taken.
    """
    whole, each = len(levels), max(_QUIET_TICKS, round(part / TICK))
    loudness = np.asarray(levels, dtype=np.float64)
    quiet = np.convolve(np.pad(loudness, _QUIET_TICKS // 2, mode="edge"), np.ones(_QUIET_TICKS) / _QUIET_TICKS, "valid")
    cuts = [0]
    while whole - cuts[-1] > each * _LONGEST:
        low = cuts[-1] + int(each * _SHORTEST)
        high = min(cuts[-1] + int(each * _LONGEST), whole - int(each * (1 - _SHORTEST)))
        window = quiet[low : max(high, low + 1)]
        quietest = np.flatnonzero(window <= window.min() + 0.5)
        wanted = cuts[-1] + each - low
        cuts.append(low + int(quietest[np.abs(quietest - wanted).argmin()]))
    ends = [*cuts[1:], whole]
    return [Span(round(start * TICK, 1), round(end * TICK, 1)) for start, end in zip(cuts, ends, strict=True)]


def paragraphs(said: Iterable[Said]) -> list[Piece]:
    """The text in paragraphs, each with the second at which it begins: at pauses, else at ends of sentences."""
    return [
        Piece(joined(one.text for one in group), {"second": _second(group[0].start)}) for group in _paragraphs(said)
    ]


def _paragraphs(said: Iterable[Said]) -> Iterator[list[Said]]:
    group: list[Said] = []
    size = 0
    for one in said:
        if group:
            ended = group[-1].text.rstrip().endswith(_ENDS)
            pause = one.start - group[-1].end >= _PAUSE
            if pause or size >= _MOST or (ended and size >= _ENOUGH):
                yield group
                group, size = [], 0
        group.append(one)
        size += len(one.text)
    if group:
        yield group


def joined(texts: Iterable[str]) -> str:
    """Sentences one after the other; scripts that know no spaces get none."""
    whole = ""
    for text in (text.strip() for text in texts):
        together = not whole or not text or ord(whole[-1]) > _WIDE or ord(text[0]) > _WIDE
        whole += text if together else f" {text}"
    return whole


def language(heard: Iterable[Transcript]) -> str | None:
    """The language that is spoken longest."""
    votes: Counter[str] = Counter()
    for one in heard:
        if one.language and one.said:
            votes[one.language] += round(one.seconds * 100)
    return max(votes, key=lambda name: votes[name]) if votes else None


def clock(seconds: float) -> str:
    """As people write times: "3:20", "1:02:03"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _second(start: float) -> float:
    return int(start) if start == int(start) else round(start, 2)
