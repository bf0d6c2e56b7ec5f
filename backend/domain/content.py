"""What reading a file gives: text with structure, and where each part of it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WITHOUT_TEXT = "pages_without_text"
"""In the metadata of a PDF: the numbers of its pages that may be pictures; some have a few words stamped on them."""


@dataclass(frozen=True)
class Part:
    """A run of the extracted text that comes from one place.

    `start` and `end` are character offsets into `Content.text`; `place` says where that is in the original:
    `{"page": 3}`, `{"sheet": "2024"}`, `{"slide": 7}`, `{"second": 61.5}`; `{}` when the format has no places.
    """

    start: int
    end: int
    place: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """The readable content of one original.

    `text` is NFC, without control characters, headings kept as Markdown `#` lines where the format has them.
    `parts` are ordered, do not overlap and may leave gaps. `warnings` are sentences for a person
    (`{"code", "message"}`), for what was readable only in part. The text is empty only where the
    metadata names pages `WITHOUT_TEXT`.
    """

    text: str
    media_type: str
    title: str | None = None
    language: str | None = None  # ISO 639-1 where known: "en"
    parts: tuple[Part, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[dict[str, str], ...] = ()
