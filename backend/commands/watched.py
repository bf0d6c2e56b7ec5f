"""What a watched folder has sent, remembered in one file: nothing goes twice, whatever is renamed or copied.

Bytes that were sent once are known by their SHA-256, for ever: a document somebody deletes from the board does not
come back because its file is still in the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Self

import typer

from backend.domain import errors

TABLES = """
CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER, changed INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
"""
State = tuple[int, int]
"""Size in bytes and time of change in nanoseconds: a file with the same two was not written to."""


class Memory:
    """One folder's, on one board, for one account. Raises Conflict (`already_watched`) while another has it open."""

    def __init__(self, address: str, account: str, folder: Path) -> None:
        name = hashlib.sha256("\0".join((address, account, str(folder))).encode("utf-8", "surrogateescape")).hexdigest()
        place = Path(typer.get_app_dir("syncboard")) / "watched"
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(place / f"{name}.lock", folder)
            self._rows = sqlite3.connect(place / f"{name}.sqlite", isolation_level=None)
            self._rows.executescript(TABLES)
        except (OSError, sqlite3.Error) as error:
            raise errors.Unavailable(
                f"What was sent cannot be remembered in {place}: {error}.",
                code="storage_failed",
                hint=f"See that it can be written; {name}.sqlite may be removed, then everything is sent again.",
                retryable=False,
            ) from error

    def forget(self) -> None:
        """Take every file for a new one; the board knows its own."""
        self._rows.executescript("DELETE FROM files; DELETE FROM sent;")

    def knows(self, path: Path, state: State) -> bool:
        """Whether this file was dealt with as it is now."""
        row = self._rows.execute("SELECT size, changed FROM files WHERE path = ?", (os.fsencode(path),)).fetchone()
        return bool(row == state)

    def was_sent(self, sha256: str) -> bool:
        """Whether these bytes went to the board before, under whatever name."""
        return self._rows.execute("SELECT 1 FROM sent WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def note(self, path: Path, state: State, sha256: str | None = None) -> None:
        """This file is dealt with; with `sha256`, its bytes are on the board."""
        if sha256:
            self._rows.execute("INSERT OR IGNORE INTO sent VALUES (?)", (sha256,))
        self._rows.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (os.fsencode(path), *state))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.close()
        os.close(self._lock)


def _locked(path: Path, folder: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise errors.Conflict(
            f"{folder} is being watched already.", code="already_watched", hint="One of them is enough."
        ) from error
    return lock
