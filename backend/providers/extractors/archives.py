"""Zip files from strangers: what comes out is counted, and no name ever becomes a path."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.providers.extractors import refusals

MAX_MEMBERS = 5_000
MAX_RATIO = 100
_SMALL = 10 * 1024 * 1024
"""Inflated bytes below which no ratio is held against an archive: short, repetitive XML packs very well."""
_PIECE = 1024 * 1024
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


class Archive:
    """An open zip. Raises Unreadable `corrupt` when it is damaged or a bomb, `encrypted` when it has a password."""

    def __init__(self, path: Path) -> None:
        self._inflated = 0
        self._allowed = max(_SMALL, MAX_RATIO * path.stat().st_size)
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise refusals.corrupt() from error
        if len(self._zip.filelist) > MAX_MEMBERS:
            raise refusals.bomb()
        self.names = self._zip.namelist()

    def read(self, name: str) -> bytes | None:
        """The bytes of a member, None when there is no such member. All that was ever read counts together."""
        try:
            member = self._zip.getinfo(name)
        except KeyError:
            return None
        if member.flag_bits & 1:
            raise refusals.encrypted("Save a copy of it without a password, and add that.")
        pieces = []
        try:
            with self._zip.open(member) as file:
                while piece := file.read(_PIECE):
                    self._inflated += len(piece)
                    if self._inflated > self._allowed:
                        raise refusals.bomb()
                    pieces.append(piece)
        except _DAMAGED as error:
            raise refusals.corrupt() from error
        return b"".join(pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()


def check(path: Path) -> None:
    """Hold what an archive says of itself to the limits, before another program unpacks it.

    Raises Unreadable `corrupt` for a bomb only: what is damaged may still be read by somebody more forgiving.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except _DAMAGED:
        return
    inflated = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or inflated > max(_SMALL, MAX_RATIO * path.stat().st_size):
        raise refusals.bomb()
