"""Passages: a text cut into pieces of a few hundred tokens that can be searched, embedded and cited."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.domain import sentences
from backend.domain.content import Part

LIMIT = 250
"""Tokens of a passage at most: with the model's two special tokens nothing is ever cut off at 256."""
ENOUGH = 200
"""From here on a passage ends at the next paragraph."""
LITTLE = 60
"""A passage this small is not ended by a heading, page or slide: a vector of a few words says little."""
MAX_CHARS = 2_000
"""A tokenizer may count a long word it does not know as one token; characters bound a passage too."""
LONGEST_WORD = 50
HEADING_PATH_CHARS = 300

_HEADING = re.compile(r"(?m)^(?:(?P<fence>```|~~~).*|(?P<marks>#{1,6})[ \t]+(?P<title>\S.*))$")
_WORD = re.compile(rf"\S{{1,{LONGEST_WORD}}}")
_LINE = re.compile(r"\S[^\n]*")

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class Chunk:
    """One passage: `text == content[start:end]`; `heading` is the path "Chapter > Section"; `place` as in Part."""

    ordinal: int
    text: str
    start: int
    end: int
    heading: str | None = None
    place: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int
    tokens: int
    heading: bool = False
    paragraph: bool = False  # begins a paragraph
    part: bool = False  # begins another page, slide, sheet …


def split(text: str, parts: Sequence[Part], *, count_tokens: CountTokens) -> list[Chunk]:
    """Passages in order, without overlap, that together hold all of `text` but white space.

    Each has at most LIMIT tokens by `count_tokens` (called with many texts at once) and MAX_CHARS characters. They end
    at sentences, and rather at headings, pages and paragraphs. Linear in the length of the text.
    """
    headings = _headings(text)
    starts = [part.start for part in parts]
    chunks: list[Chunk] = []
    for group in _groups(_pieces(text, headings, starts, count_tokens)):
        start, end = group[0].start, group[-1].end
        body = next((piece for piece in group if not piece.heading), group[-1])
        heading = _path_at(headings, body.start)
        chunks.append(Chunk(len(chunks), text[start:end], start, end, heading, _place(parts, starts, start, end)))
    return chunks


def _groups(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    tokens = 0
    for piece in pieces:
        if group and _ends_before(piece, tokens, group[0].start):
            yield group
            group, tokens = [], 0
        group.append(piece)
        tokens += piece.tokens
    if group:
        yield group


def _ends_before(piece: _Piece, tokens: int, start: int) -> bool:
    if tokens + piece.tokens > LIMIT or piece.end - start > MAX_CHARS:
        return True
    if (piece.heading or piece.part) and tokens >= LITTLE:
        return True
    return piece.paragraph and tokens >= ENOUGH


def _pieces(
    text: str, headings: Sequence[tuple[int, str]], part_starts: Sequence[int], count_tokens: CountTokens
) -> list[_Piece]:
    """Sentences, and lines or words of what is too long for one passage."""
    heading_starts = {start for start, _ in headings}
    pieces: list[_Piece] = []
    last_end, last_part = 0, 0
    for start, end, tokens in _measured(text, sentences.spans(text), (_LINE, _WORD), count_tokens):
        part = bisect_right(part_starts, start)
        blank = text.count("\n", last_end, start) > 1
        pieces.append(_Piece(start, end, tokens, start in heading_starts, blank, part != last_part))
        last_end, last_part = end, part
    return pieces


def _measured(
    text: str, spans: Sequence[sentences.Span], finer: Sequence[re.Pattern[str]], count_tokens: CountTokens
) -> Iterator[tuple[int, int, int]]:
    counts = count_tokens([text[start:end] for start, end in spans])
    too_long = [
        span
        for span, count in zip(spans, counts, strict=True)
        if finer and (count > LIMIT or span[1] - span[0] > MAX_CHARS)
    ]
    inner: Iterator[tuple[int, int, int]] = iter(())
    if too_long:
        cut = [match.span() for start, end in too_long for match in finer[0].finditer(text, start, end)]
        inner = _measured(text, cut, finer[1:], count_tokens)
    yield from _merged(zip(spans, counts, strict=True), set(too_long), inner)


def _merged(
    measured: Iterable[tuple[sentences.Span, int]],
    replaced: set[sentences.Span],
    inner: Iterator[tuple[int, int, int]],
) -> Iterator[tuple[int, int, int]]:
    waiting = next(inner, None)
    for (start, end), count in measured:
        if (start, end) not in replaced:
            yield start, end, count
            continue
        while waiting is not None and waiting[0] < end:
            yield waiting
            waiting = next(inner, None)


def _headings(text: str) -> list[tuple[int, str]]:
    """(offset, path) of each Markdown heading outside of code fences."""
    found: list[tuple[int, str]] = []
    path: list[tuple[int, str]] = []
    fenced = False
    for match in _HEADING.finditer(text):
        if match["fence"]:
            fenced = not fenced
        elif not fenced:
            level = len(match["marks"])
            path = [entry for entry in path if entry[0] < level]
            path.append((level, match["title"].strip().rstrip("#").strip()))
            found.append((match.start(), " > ".join(title for _, title in path)[:HEADING_PATH_CHARS]))
    return found


def _path_at(headings: Sequence[tuple[int, str]], offset: int) -> str | None:
    index = bisect_right(headings, offset, key=lambda heading: heading[0])
    return headings[index - 1][1] if index else None


def _place(parts: Sequence[Part], starts: Sequence[int], start: int, end: int) -> dict[str, Any]:
    """The place of the part in which the passage begins, else of the first part it reaches."""
    index = bisect_right(starts, start) - 1
    if index >= 0 and parts[index].end > start:
        return dict(parts[index].place)
    if index + 1 < len(parts) and parts[index + 1].start < end:
        return dict(parts[index + 1].place)
    return {}
