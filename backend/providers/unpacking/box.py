"""What the unpackers of all formats share: what they are given, what they list, where they put what they take out."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from backend.domain.errors import BoardError, Unreadable
from backend.domain.members import MAX_MEMBERS, MAX_RATIO, SMALL_BYTES
from backend.providers.extractors import refusals

PIECE = 1024 * 1024


@dataclass(frozen=True)
class Box:
    """The file to look into."""

    path: Path
    filename: str
    media_type: str
    password: str | None = None

    @property
    def allowed(self) -> int:
        """How many bytes may come out of it in all."""
        return max(SMALL_BYTES, MAX_RATIO * self.path.stat().st_size)


@dataclass
class Entry:
    """One member as its archive lists it."""

    name: str
    size: int
    encrypted: bool = False
    skipped: dict[str, str] | None = None


@dataclass
class Entries:
    """What a box holds."""

    entries: list[Entry] = field(default_factory=list)
    sequential: bool = False
    warnings: list[dict[str, str]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Raises Unreadable `too_large` for one too many."""
        if len(self.entries) >= MAX_MEMBERS:
            raise too_many()
        self.entries.append(entry)


class Sink:
    """Takes what comes out, counting; a member that fails is noted and the next may still be whole."""

    def __init__(self, folder: Path, allowed: int) -> None:
        self._folder, self._left = folder, allowed
        self.results: list[dict[str, Any]] = []

    def put(self, index: int, pieces: Iterable[bytes]) -> None:
        """Write one member, or why it could not be. Raises Unreadable when more comes out than may."""
        path = self._folder / str(index)
        try:
            with path.open("wb") as file:
                for piece in pieces:
                    self._count(piece)
                    _write(file, piece)
        except Bomb:
            raise refusals.bomb() from None
        except BoardError as error:
            if error.retryable:
                raise
            self.fail(index, error)
            path.unlink()
        else:
            self.results.append({"index": index, "error": None})

    def _count(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise Bomb

    def fail(self, index: int, error: BoardError) -> None:
        """Note why a member could not be taken out."""
        self.results.append({"index": index, "error": error.as_json()})


class Bomb(Exception):
    """More comes out than may."""


def _write(file: BinaryIO, piece: bytes) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        raise (too_big() if error.errno == errno.EFBIG else no_room()) from error


def pieces_of(file: Any) -> Iterator[bytes]:
    """All of an open file, piece by piece."""
    while piece := file.read(PIECE):
        yield piece


def too_many() -> Unreadable:
    return Unreadable(
        f"There are more than {MAX_MEMBERS:,} files in this archive.",
        code="too_large",
        hint="Unpack it, and add its folders one at a time.",
    )


def too_big() -> Unreadable:
    return Unreadable(
        "This file is larger than one file may be.", code="too_large", hint="Add it by itself, or split it."
    )


def no_room() -> Unreadable:
    return Unreadable(
        "There is no room left on the disk to unpack this archive.",
        code="disk_full",
        hint="Free some space on the server; the job is tried again.",
        retryable=True,
    )


def damaged_member() -> Unreadable:
    return Unreadable(
        "This file is damaged inside the archive.", code="corrupt", hint="Make the archive again, and add that."
    )
