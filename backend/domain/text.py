"""Making extracted text fit to read, search and embed. Pure functions on strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
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
_SPACES = str.maketrans({"\r": "\n", "\x0c": "\n\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n\n", "\u00a0": " "})
_SPACE_AT_END = re.compile(r"(?<![ \t\u3000])[ \t\u3000]++$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """NFC, one kind of line end, no control or invisible characters, at most one blank line in a row."""
    text = text.replace("\r\n", "\n").translate(_SPACES)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
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
