"""What the house asks of those who draw pages and read the words on pictures; in the manner of `ports.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.domain.ports import Cancelled
from backend.domain.sources import Picture, ReadPage


class Renderer(Protocol):
    """Draws pages of pictures and PDFs, in a child process with limits."""

    def look(self, path: Path, *, media_type: str, cancelled: Cancelled) -> Picture:
        """What a picture file says of itself. Raises Unreadable."""
        ...

    def draw(
        self,
        path: Path,
        *,
        media_type: str,
        page: int,
        longest: int,
        encoding: str,
        password: str | None = None,
        rotation: int = 0,
    ) -> bytes:
        """A page, from 1, as "png" or "webp", at most `longest` pixels at its longer side. Raises Unreadable.

        `rotation` is by how many degrees clockwise it is turned: 0, 90, 180 or 270.
        """
        ...

    def grey(self, path: Path, *, media_type: str, side: int) -> NDArray[np.uint8]:
        """The first page as a square of grey levels, `side` by `side`. Raises Unreadable."""
        ...


class PageReader(Protocol):
    """Reads the words of a page that is a picture (OCR), in a child process with limits."""

    version: str
    """Changes when the same page may give other words: part of every cache key."""
    lacking: tuple[str, ...]
    """The languages that were asked for and its engine for print has no data for; all where that is not installed."""

    def read(self, path: Path, *, media_type: str, page: int, password: str | None, cancelled: Cancelled) -> ReadPage:
        """The words of one page, from 1, of a picture or a PDF. No word at all is no error.

        Raises Unreadable (corrupt, encrypted, too_many_pixels, timed_out, out_of_memory, crashed, cancelled).
        """
        ...
