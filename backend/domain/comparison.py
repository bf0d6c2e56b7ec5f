"""Two texts side by side, paragraph by paragraph: what is the same, what differs in which words, what only one has."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from backend.domain.content import Part
from backend.domain.word_alignment import Alignment, Word, align
from backend.domain.word_runs import Numbers

Kind = Literal["same", "changed", "only_a", "only_b"]
KINDS: tuple[Kind, ...] = ("same", "changed", "only_a", "only_b")
Span = tuple[int, int]

KIN = 0.25
"""The part of the characters of the shorter of two paragraphs that they must share to stand beside each other."""
FAR = 20
"""Words, besides as many as a paragraph has, between two words of the paragraph it became."""
LONGEST = 2_000
"""Characters of a row: a longer paragraph is cut where a line, a sentence or a word ends."""
MOST_ROWS = 1_000
MOST_CHARACTERS = 300_000
"""Rows, and their characters on both sides, that are shown."""
LONGEST_TEXT = 5_000_000
"""Characters of a text that are compared."""

_BETWEEN = re.compile(r"\n[^\S\n]*(?=\n)")
_CUTS = ("\n", ". ", " ")


class Side(NamedTuple):
    """A piece of one of the two texts, as character offsets into that text, and where it is in the original."""

    text: str
    start: int
    end: int
    place: dict[str, Any] | None


class Row(NamedTuple):
    """One row. The marks are the words the other side does not have, as offsets into the text of the row's side."""

    kind: Kind
    a: Side | None
    b: Side | None
    marks_a: list[Span]
    marks_b: list[Span]


@dataclass(frozen=True)
class Comparison:
    """All of it. `shared_a` is the part of the words of `a` that stand in `b` too, in the same order.

    `counts` says how many rows of each kind there are in all. `truncated` when `rows` lacks some of them, or when a
    stretch was too large to be compared word by word, or a text too long to be compared to its end.
    """

    rows: list[Row]
    counts: dict[Kind, int]
    shared_a: float
    shared_b: float
    truncated: bool


def compare(text_a: str, parts_a: Sequence[Part], text_b: str, parts_b: Sequence[Part]) -> Comparison:
    """Compare two texts; `parts` say which place each stretch of a text comes from."""
    long = max(len(text_a), len(text_b)) > LONGEST_TEXT
    text_a, text_b = text_a[:LONGEST_TEXT], text_b[:LONGEST_TEXT]
    aligned = align(text_a, text_b)
    laid_out = _Layout(aligned, _Text(text_a, parts_a, aligned.words_a), _Text(text_b, parts_b, aligned.words_b))
    rows = list(laid_out.rows())
    counts = {kind: sum(row.kind == kind for row in rows) for kind in KINDS}
    shown = _shown(rows)
    return Comparison(
        shown,
        counts,
        laid_out.shared / max(len(aligned.words_a), 1),
        laid_out.shared / max(len(aligned.words_b), 1),
        truncated=long or not aligned.complete or len(shown) < len(rows),
    )


class _Text:
    """One of the two texts with its words, its paragraphs as ranges of words, and its places."""

    def __init__(self, text: str, parts: Sequence[Part], words: Sequence[Word]) -> None:
        self.text, self.words = text, words
        self.parts, self.part_starts = parts, [part.start for part in parts]
        starts = [start for start, _ in words]
        ends = sorted({bisect_right(starts, cut - 1) for cut in _cuts(text)} | {len(words)} - {0})
        self.ends = np.array([end for end in ends if end], dtype=np.int64)
        self.weights = np.array([end - start for start, end in words], dtype=np.int64)

    def paragraphs(self, start: int, end: int) -> Iterator[Span]:
        """The words from `start` to `end`, paragraph by paragraph."""
        while start < end:
            stop = min(self.end_of_paragraph(start), end)
            yield start, stop
            start = stop

    def end_of_paragraph(self, word: int) -> int:
        return int(self.ends[np.searchsorted(self.ends, word, side="right")])

    def start_of_paragraph(self, word: int) -> int:
        at = int(np.searchsorted(self.ends, word, side="right"))
        return int(self.ends[at - 1]) if at else 0

    def side(self, start: int, end: int) -> Side:
        first, last = self.words[start][0], self.words[end - 1][1]
        return Side(self.text[first:last], first, last, self._place(first))

    def marks(self, start: int, unmatched: Numbers) -> list[Span]:
        """Runs of words that the other side lacks, as offsets into the row that begins with word `start`."""
        if not len(unmatched):
            return []
        offset = self.words[start][0]
        runs = np.split(unmatched, np.flatnonzero(np.diff(unmatched) > 1) + 1)
        return [(self.words[int(run[0])][0] - offset, self.words[int(run[-1])][1] - offset) for run in runs]

    def _place(self, at: int) -> dict[str, Any] | None:
        found = bisect_right(self.part_starts, at) - 1
        return (self.parts[found].place or None) if found >= 0 and at < self.parts[found].end else None


def _cuts(text: str) -> Iterator[int]:
    """Where paragraphs end: at blank lines, and within what is longer than a row may be."""
    start = 0
    for end in (*(match.end() for match in _BETWEEN.finditer(text)), len(text)):
        while end - start > LONGEST:
            start += _room(text[start : start + LONGEST])
            yield start
        if end > start:
            yield end
        start = end


def _room(piece: str) -> int:
    """How much of a piece that is too long makes a row."""
    for cut in _CUTS:
        at = piece.rfind(cut, len(piece) // 2)
        if at >= 0:
            return at + len(cut)
    return len(piece)


class _Layout:
    """Puts the paragraphs of the first text beside what they are in the second."""

    def __init__(self, aligned: Alignment, a: _Text, b: _Text) -> None:
        self.a, self.b = a, b
        self.to_b = np.full(len(a.words), -1, dtype=np.int64)
        self.to_a = np.full(len(b.words), -1, dtype=np.int64)
        for block in aligned.blocks:
            self.to_b[block.a : block.a + block.size] = np.arange(block.b, block.b + block.size)
            self.to_a[block.b : block.b + block.size] = np.arange(block.a, block.a + block.size)
        self.shared = 0

    def rows(self) -> Iterator[Row]:
        """In the order of both texts; what only the first has comes before what only the second has."""
        told = 0
        for start, end in self.a.paragraphs(0, len(self.a.words)):
            partner = self._partner(start, end, told)
            if partner is None:
                yield Row("only_a", self.a.side(start, end), None, [], [])
                continue
            yield from self._only_b(told, partner[0])
            yield self._both((start, end), partner)
            told = partner[1]
        yield from self._only_b(told, len(self.b.words))

    def _partner(self, start: int, end: int, told: int) -> Span | None:
        """The words of the second text that this paragraph of the first is, if it is any."""
        found = self.to_b[start:end]
        matched, weights = found[found >= 0], self.a.weights[start:end][found >= 0]
        if not len(matched):
            return None
        # a word that stands by itself far away is there by chance
        groups = np.r_[0, np.cumsum(np.diff(matched) > FAR + end - start)]
        heaviest = np.bincount(groups, weights).argmax()
        matched, weight = matched[groups == heaviest], int(weights[groups == heaviest].sum())
        low, high = int(matched[0]), int(matched[-1]) + 1
        first = max(self.b.start_of_paragraph(low), told)
        if (self.to_a[first:low] < 0).all():
            low = first
        last = self.b.end_of_paragraph(high - 1)
        if (self.to_a[high:last] < 0).all():
            high = last
        whole = slice(self.b.start_of_paragraph(low), self.b.end_of_paragraph(high - 1))
        shorter = min(int(self.a.weights[start:end].sum()), int(self.b.weights[whole].sum()))
        return (low, high) if weight >= KIN * shorter else None

    def _both(self, a: Span, b: Span) -> Row:
        outside = self.to_b[a[0] : a[1]]
        missing_a = np.flatnonzero((outside < b[0]) | (outside >= b[1])) + a[0]
        inside = self.to_a[b[0] : b[1]]
        missing_b = np.flatnonzero((inside < a[0]) | (inside >= a[1])) + b[0]
        self.shared += a[1] - a[0] - len(missing_a)
        kind: Kind = "changed" if len(missing_a) or len(missing_b) else "same"
        marks_a, marks_b = self.a.marks(a[0], missing_a), self.b.marks(b[0], missing_b)
        return Row(kind, self.a.side(*a), self.b.side(*b), marks_a, marks_b)

    def _only_b(self, start: int, end: int) -> Iterator[Row]:
        for first, last in self.b.paragraphs(start, end):
            yield Row("only_b", None, self.b.side(first, last), [], [])


def _shown(rows: Sequence[Row]) -> list[Row]:
    """All rows if that is not too much; else those that differ with their neighbours, as far as there is room."""
    fits = list(_fitting(rows))
    if len(fits) == len(rows):
        return fits
    differs = [row.kind != "same" for row in rows]
    near = [row for at, row in enumerate(rows) if any(differs[max(at - 1, 0) : at + 2])]
    return list(_fitting(near)) or fits


def _fitting(rows: Sequence[Row]) -> Iterator[Row]:
    room = MOST_CHARACTERS
    for row in rows[:MOST_ROWS]:
        room -= len(row.a.text if row.a else "") + len(row.b.text if row.b else "")
        if room < 0:
            return
        yield row
