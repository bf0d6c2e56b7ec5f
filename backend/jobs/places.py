"""Keeps a child of each worker free for what people wait for: bulk work may hold all of its children but one."""

from __future__ import annotations

import fcntl
import tempfile
from typing import Protocol


class Places(Protocol):
    """Where bulk work may run."""

    def take(self) -> int | None:
        """A place for one piece of bulk work, None when all are taken."""
        ...

    def give_back(self, place: int) -> None: ...


class Anywhere:
    """No limit: every runner may do bulk work."""

    def take(self) -> int | None:
        """The same place for everybody."""
        return 0

    def give_back(self, place: int) -> None:
        """Nothing was taken."""


ANYWHERE: Places = Anywhere()


class AllButOne:
    """One place fewer than the worker has children, at least one; made before they are forked.

    A place is a byte of a nameless file that its holder has locked (POSIX record locks belong to a process): a child
    that is killed gives its place back, and the children forked later share the same file.
    """

    def __init__(self, children: int) -> None:
        self.places = max(children - 1, 1)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker lives

    def take(self) -> int | None:
        """A free place, None when other children hold them all."""
        for place in range(self.places):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        return None

    def give_back(self, place: int) -> None:
        """Let another child have it."""
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
