"""Highlights: finding a marked run of text again when the document is read anew.

A highlight keeps its words and those around it, as the TextQuoteSelector of the W3C's Web Annotation Data Model does:
offsets alone are worth nothing in another reading, words alone may stand in many places.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz

COLOURS = ("yellow", "green", "blue", "pink", "purple", "orange")
"""Names of colours; the page knows what they look like on each background."""

CONTEXT = 48
"""Characters kept from either side of a highlight."""
LONGEST = 5_000
SHORTEST_FUZZY = 12
"""A shorter quote is found as it is or not at all: nearly anything resembles a word or two."""
LIKE_ENOUGH = 80.0
"""Out of 100, by `rapidfuzz.fuzz.ratio`: one letter of five may be another one."""
REACH = 20_000
"""Characters on either side of the place where it is expected in which a changed quote is looked for."""
MOST_PLACES = 500


class Anchor(NamedTuple):
    """A highlight of the text it was made in: `quote` stood from `start` to `end`, between `before` and `after`."""

    start: int
    end: int
    quote: str
    before: str
    after: str


class Span(NamedTuple):
    """Where a highlight is: characters from `start` up to `end`."""

    start: int
    end: int


def anchor(text: str, start: int, end: int) -> Anchor:
    """The highlight of `text[start:end]`."""
    return Anchor(start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def anchored(text: str, anchors: Sequence[Anchor]) -> list[Span | None]:
    """Where each highlight is in `text`, a new reading of its document; None where it has no place any more.

    Tried in this order: the same words at the same place with the same neighbours; the same words elsewhere, at the
    place whose neighbours are most alike, then the nearest; the same letters with other spaces, lines or capitals;
    words that differ a little, near the place where they are expected.
    """
    reading = _Reading(text)
    return [_anchored(reading, one) for one in anchors]


class _Reading:
    """A text, and its letters alone with their offsets, made once and only if some quote asks for them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def squeezed(self) -> tuple[str, list[int]]:
        return _squeezed(self.text)


def _anchored(reading: _Reading, one: Anchor) -> Span | None:
    text = reading.text
    if not one.quote.strip():
        return None
    around = one.before + one.quote + one.after
    begin = one.start - len(one.before)
    if begin >= 0 and text[begin : begin + len(around)] == around:
        return Span(one.start, one.end)
    places = [Span(at, at + len(one.quote)) for at in _places(text, one.quote)]
    if places:
        return _best(text, one, places)
    return _squeezed_place(reading, one) or _fuzzy_place(text, one)


def _places(text: str, quote: str) -> Iterator[int]:
    """Where the quote stands, at most MOST_PLACES."""
    at = text.find(quote)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(quote, at + 1)


def _best(text: str, one: Anchor, places: Sequence[Span]) -> Span:
    """The place whose neighbours are most alike those that were, the nearest among equals."""
    return max(places, key=lambda place: (_likeness(text, one, place), -abs(place.start - one.start), -place.start))


def _likeness(text: str, one: Anchor, place: Span) -> float:
    """How alike the neighbours are, 0 to 2; nothing before or after is like nothing."""
    before = text[max(0, place.start - CONTEXT) : place.start]
    after = text[place.end : place.end + CONTEXT]
    return round(
        (fuzz.ratio(_letters(one.before), _letters(before)) + fuzz.ratio(_letters(one.after), _letters(after))) / 100, 2
    )


def _squeezed_place(reading: _Reading, one: Anchor) -> Span | None:
    """The same letters with other spaces, line ends or capitals."""
    wanted = _letters(one.quote)
    if not wanted:
        return None
    letters, offsets = reading.squeezed
    places = [Span(offsets[at], offsets[at + len(wanted) - 1] + 1) for at in _places(letters, wanted)]
    return _best(reading.text, one, places) if places else None


def _fuzzy_place(text: str, one: Anchor) -> Span | None:
    """Words that differ a little, within REACH of where they are expected."""
    if len(one.quote) < SHORTEST_FUZZY:
        return None
    first = max(0, one.start - REACH)
    window = text[first : one.end + REACH]
    found = fuzz.partial_ratio_alignment(one.quote, window, score_cutoff=LIKE_ENOUGH)
    if found is None or len(window) < len(one.quote):
        return None
    start, end = _trimmed(text, first + found.dest_start, first + found.dest_end)
    if fuzz.ratio(_letters(one.quote), _letters(text[start:end])) < LIKE_ENOUGH:
        return None
    return Span(start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at its ends."""
    run = text[start:end]
    return start + len(run) - len(run.lstrip()), end - (len(run) - len(run.rstrip()))


def _letters(text: str) -> str:
    return _squeezed(text)[0]


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text folded and without white space or hyphens, and for each character of it the offset it comes from."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character.isspace() or character in "-\u00ad\u2010\u2011":
            continue
        folded = unicodedata.normalize("NFKC", character).casefold()
        letters.append(folded)
        offsets += [offset] * len(folded)
    return "".join(letters), offsets
