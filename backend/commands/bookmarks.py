"""Where uploads that were broken off can be gone on with, remembered by this machine: one small file for each.

A file is known again by its path, size and time of change, at one board: what was changed since is another file.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

import typer

FORGOTTEN_SECONDS = 30 * 24 * 3600.0
"""Longer than a board keeps what nobody goes on with."""


class Bookmark:
    """The place of one upload; `place` is None until it has begun."""

    def __init__(self, address: str, file: Path) -> None:
        known = file.stat()
        facts = (address, file.resolve(), known.st_size, known.st_mtime_ns)
        self._path = (
            folder() / hashlib.sha256("\0".join(map(str, facts)).encode("utf-8", "surrogateescape")).hexdigest()
        )

    @property
    def place(self) -> str | None:
        """Its path on the server."""
        try:
            return self._path.read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def put(self, place: str) -> None:
        """Remember where it is; where nothing can be written, an interrupted upload begins anew."""
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(self._path.parent)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text(place, encoding="utf-8")
            draft.replace(self._path)

    def remove(self) -> None:
        """It is over."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def folder() -> Path:
    """Beside the credentials of the command line."""
    return Path(typer.get_app_dir("syncboard")) / "uploads"


def _sweep(marks: Path) -> None:
    for mark in marks.iterdir():
        if time.time() - mark.stat().st_mtime > FORGOTTEN_SECONDS:
            mark.unlink(missing_ok=True)
