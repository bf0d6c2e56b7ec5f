"""What a fetch brought, of whatever source: the bytes are in the blob, this is what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.domain import addresses, downloads
from backend.domain.sources import Fetched


@dataclass(frozen=True)
class Arrived:
    """What came, and what it was asked for. `title` is for a document that has none; `details` are kept with it."""

    asked: str
    answer: Fetched
    sha256: str
    filename: str
    media_type: str
    title: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The normalised address where the redirects ended."""
        return addresses.read(self.answer.url).key

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What is to be said about it."""
        mismatch = downloads.mismatch(self.answer.media_type, self.media_type)
        return [*self.answer.warnings, *([mismatch] if mismatch else [])]
