"""Originals in a local folder, each named by the SHA-256 of its bytes: `ab/cd/abcd…`.

A blob is written under `incoming/` on the same file system, hashed and counted as it comes, fsynced, and moved into
place by one atomic rename, so that a blob either is there whole or is not there. Nothing a person types ever becomes
part of a path.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from backend.domain.errors import NotFound, Unavailable
from backend.providers.partial import FolderPartials

_NAME = re.compile(r"[0-9a-f]{64}")
_INCOMING, _RESUMABLE = "incoming", "resumable"
_ABANDONED_SECONDS = 600.0
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FolderBlobs:
    """Fulfils `Blobs` on a local folder; files are 0600 and folders 0700. Several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.partials = FolderPartials(self.folder / _RESUMABLE, self.place, ensure_folder, _storage_error)

    def writer(self) -> FolderBlobWriter:
        """A new blob to write into. Raises Unavailable `disk_full`, `storage_failed`."""
        self.sweep()
        return FolderBlobWriter(self)

    def path(self, sha256: str) -> Path:
        """The file of the blob. Raises NotFound."""
        path = self.place(sha256)
        if not path.is_file():
            raise NotFound("The original file is not in the store.", code="blob_missing")
        return path

    def open(self, sha256: str) -> BinaryIO:
        """The blob's bytes, to read. Raises NotFound."""
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        return self.place(sha256).is_file()

    def delete(self, sha256: str) -> None:
        """Remove the blob; nothing happens when it is not there."""
        self.place(sha256).unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        """Bytes left on the device for this user. Raises Unavailable `storage_failed`."""
        try:
            ensure_folder(self.folder)
            return shutil.disk_usage(self.folder).free
        except OSError as error:
            raise _storage_error(error) from error

    def all(self) -> Iterator[str]:
        """Every blob's name, in no order."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if _NAME.fullmatch(path.name):
                yield path.name

    def sweep(self) -> int:
        """Remove what writers left that were killed, and say how much that was.

        That is what nobody holds a lock on and nobody has written to for a while.
        """
        now, removed = time.time(), 0
        for path in (self.folder / _INCOMING).glob("*"):
            with suppress(OSError):  # another sweeper, or its writer, was quicker
                if now - path.stat().st_mtime > _ABANDONED_SECONDS:
                    with path.open("rb") as file:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        path.unlink()
                        removed += 1
        return removed

    def place(self, sha256: str) -> Path:
        """Where the blob of that name is or would be. Raises NotFound for what is no SHA-256 in lower-case hex."""
        if not _NAME.fullmatch(sha256):
            raise NotFound("The original file is not in the store.", code="blob_missing")
        return self.folder / sha256[:2] / sha256[2:4] / sha256


class FolderBlobWriter:
    """Fulfils `BlobWriter`. `size` counts the bytes so far."""

    def __init__(self, blobs: FolderBlobs) -> None:
        self.size = 0
        self._blobs = blobs
        self._hash = hashlib.sha256()
        incoming = blobs.folder / _INCOMING
        try:
            ensure_folder(incoming)
            descriptor, name = tempfile.mkstemp(dir=incoming)  # mkstemp makes it 0600
        except OSError as error:
            raise _storage_error(error) from error
        self._temporary = Path(name)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # says that somebody is at it, until the file is closed

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def path(self) -> Path:
        return self._temporary

    def write(self, data: bytes | memoryview) -> None:
        """Append. Raises Unavailable `disk_full`, `storage_failed`; the blob is then gone."""
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._discard()
            raise _storage_error(error) from error
        self._hash.update(data)
        self.size += len(data)

    def commit(self) -> str:
        """Make the blob durable and visible; returns its SHA-256. Raises Unavailable as `write` does."""
        sha256 = self._hash.hexdigest()
        place = self._blobs.place(sha256)
        try:
            if not place.exists():
                os.fsync(self._file.fileno())
                ensure_folder(place.parent)
                self._temporary.rename(place)
            # Even when the bytes were there already, whoever moved them there may not have got as far as this.
            _sync_folder(place.parent)
        except OSError as error:
            raise _storage_error(error) from error
        finally:
            self._discard()
        return sha256

    def _discard(self) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()


def ensure_folder(folder: Path) -> None:
    """Make the folder and what is missing above it, 0700 and durable; another process may do the same at once."""
    if folder.is_dir():
        return
    ensure_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _storage_error(error: OSError) -> Unavailable:
    if error.errno in _NO_ROOM:
        return Unavailable(
            "There is no room left on the disk of the file store.",
            code="disk_full",
            hint="Free some space on the server, then send the file again.",
        )
    return Unavailable(
        f"The file store cannot be written: {error.strerror or error}.",
        code="storage_failed",
        hint="Check that the storage folder exists and belongs to the user SyncBoard runs as.",
    )
