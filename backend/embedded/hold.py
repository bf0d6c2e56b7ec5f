"""One board per data folder: a lock that the kernel takes back when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from backend.domain.errors import Conflict


class Hold:
    """Holds `folder` for this process; `run/supervisor.pid` is the lock and carries the number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "run" / "supervisor.pid"
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Raises Conflict (already_running)."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        if not self._lock():
            number = self._path.read_text().strip()
            os.close(self._descriptor)
            raise Conflict(
                f"SyncBoard already runs on {self._folder} (process {number}).",
                code="already_running",
                hint="Stop it with `syncboard down`, or give this one another DATA_DIR and PORT.",
            )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(self, *error: object) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def holder(self) -> int | None:
        """The process that holds the folder now; a number left by a killed one does not count."""
        try:
            self._descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            written = self._path.read_text().strip()
            return None if self._lock() or not written else int(written)
        finally:
            os.close(self._descriptor)

    def _lock(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
