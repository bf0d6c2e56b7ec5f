"""What a reader of one format hands on, before the text is cleaned and put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.domain.text import Piece


@dataclass
class Draft:
    """Raw text in pieces, with what else the file says of itself."""

    pieces: list[Piece] = field(default_factory=list)
    title: str | None = None
    language: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        """Say what was readable only in part."""
        self.warnings.append({"code": code, "message": message})


@dataclass(frozen=True)
class Source:
    """The file to read."""

    path: Path
    filename: str
    media_type: str
    password: str | None = None
    url: str | None = None
    """Where it was fetched from, when it was."""


ReadFormat = Callable[[Source], Draft]
"""Reads one kind of file. Raises Unreadable when it knows why it cannot, anything else when it does not."""
