"""Making extracted text fit to read, search and embed. Pure functions on strings."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.domain.content import Part


@dataclass(frozen=True)
class Piece:
    """A run of text from one place of the original; `place` as in `Part`."""

    text: str
    place: dict[str, Any] = field(default_factory=dict)


# Control characters but tab and newline; soft hyphens, zero-width spaces, byte order marks, bidirectional overrides
# (they can make text read differently from what it says), non-characters and lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_SPACE_AT_END = re.compile(r"[ \t\u00a0\u3000]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_EDGE = 2
_SEEN_AT_LEAST = 3
_LINES_OF_A_PAGE = 3 * _EDGE
_MOST = 0.7
_SEEN_ON_SHARE = 0.4
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad\ufffe\x02] *\n *([^\W\d_]+)")
_ITEM = re.compile(r"\s*([-*+\u2022\u25cf\u25aa\u2013\u2014#>|]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_CLOSED = tuple('.!?:;\u2026\u3002\uff01\uff1f"\u201d\u00bb)')
_FULL_LINE = 0.72


def clean(text: str) -> str:
    """NFC, one kind of line end, no control or invisible characters, at most one blank line in a row."""
    text = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x0c", "\n\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n\n")
    )
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).replace("\u00a0", " ")
    return _BLANK_LINES.sub("\n\n", _SPACE_AT_END.sub("", text)).strip("\n")


def assemble(pieces: Iterable[Piece]) -> tuple[str, tuple[Part, ...]]:
    """The cleaned text of all pieces, a blank line between them, and a part for each piece that has a place."""
    texts: list[str] = []
    parts: list[Part] = []
    at = 0
    for piece in pieces:
        text = clean(piece.text)
        if not text.strip():
            continue
        if piece.place:
            parts.append(Part(at, at + len(text), piece.place))
        texts.append(text)
        at += len(text) + 2
    return "\n\n".join(texts), tuple(parts)


def drop_furniture(pages: Sequence[str]) -> list[str]:
    """The pages without running headers, footers and page numbers.

    A line goes when, numbers aside, it stands among the first or last two lines of at least three pages and of two in
    five. What stands in the middle of a page, or only now and then, is never touched; nor is a page of a few lines;
    and when this would take a good part of the text, it was no furniture and all of it stays.
    """
    lines = [page.split("\n") for page in pages]
    counts: Counter[str] = Counter()
    for page in lines:
        counts.update({_pattern(page[at]) for at in _edges(page)})
    enough = max(_SEEN_AT_LEAST, _SEEN_ON_SHARE * len(pages))
    kept = []
    for page in lines:
        furniture = {at for at in _edges(page) if counts[_pattern(page[at])] >= enough}
        kept.append("\n".join(line for at, line in enumerate(page) if at not in furniture))
    return kept if sum(map(len, kept)) >= _MOST * sum(map(len, pages)) else list(pages)


def _edges(page: Sequence[str]) -> list[int]:
    filled = [at for at, line in enumerate(page) if line.strip()]
    return sorted({*filled[:_EDGE], *filled[-_EDGE:]}) if len(filled) >= _LINES_OF_A_PAGE else []


def _pattern(line: str) -> str:
    return re.sub(r"\d+|\b[ivxl]+\b", "#", " ".join(line.split()).casefold())


def mend_hyphens(text: str) -> str:
    """Join words broken at line ends, unless the hyphen belongs: "state-of-" + "the-art", "Anglo-" + "Saxon"."""
    known = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text))

    def join(match: re.Match[str]) -> str:
        left, right = match[1], match[2]
        inside_compound = match.start() > 0 and text[match.start() - 1] == "-"
        if not right[0].islower() or inside_compound or known[f"{left}-{right}"] > known[left + right]:
            return f"{left}-{right}"
        return left + right

    return _BROKEN_WORD.sub(join, text)


def unwrap(text: str) -> str:
    """Put the lines of a printed column back into paragraphs.

    A line that nearly fills the column goes on in the next one, unless that begins a list item; a short line ends its
    paragraph. Without this each printed line would read as a paragraph of its own.
    """
    lines = [line.strip() for line in text.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    if not lengths:
        return ""
    width = lengths[int(len(lengths) * 0.9)]
    out = lines[0]
    for before, line in itertools.pairwise(lines):
        goes_on = before and line and len(before) >= _FULL_LINE * width and not _ITEM.match(line)
        if goes_on and not before.startswith("#") and not line.startswith("#"):
            out += " " + line
        elif before.endswith(_CLOSED) and line and not _ITEM.match(line):
            out += "\n\n" + line
        else:
            out += "\n" + line
    return out
