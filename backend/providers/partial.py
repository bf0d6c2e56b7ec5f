"""Uploads under way: one file each, beside the originals on the same device; its size is how far the upload is.

Whoever writes holds a lock on the file that other processes see and that the kernel gives back when its holder dies.
Bytes that must first be proven by a checksum are noted in a second file until they are: a reader takes that note for
the size, and the next writer cuts off what was never proven.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import UUID

from backend.domain.errors import Conflict, NotFound, Unavailable

_UNPROVEN = ".unproven"
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK, errno.ENOSYS}

Failed = Callable[[OSError], Unavailable]


class FolderPartials:
    """Fulfils `Partials` on a folder. `place` names the file of an original by SHA-256, `prepare` makes a folder."""

    def __init__(
        self, folder: Path, place: Callable[[str], Path], prepare: Callable[[Path], None], failed: Failed
    ) -> None:
        self.folder, self.place, self.prepare, self.failed = folder, place, prepare, failed

    def create(self, upload_id: UUID) -> None:
        """An empty file that was not there before. Raises Unavailable."""
        try:
            self.prepare(self.folder)
            os.close(os.open(self._path(upload_id), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            self.sync_folder()
        except OSError as error:
            raise self.failed(error) from error

    def size(self, upload_id: UUID) -> int:
        """How many bytes are safely there: what this says survives a loss of power. Raises NotFound."""
        path = self._path(upload_id)
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                os.fsync(file.fileno())
        except FileNotFoundError as error:
            raise gone() from error
        return min(size, _proven(path, size))

    def open(self, upload_id: UUID) -> FolderPartial:
        """The upload, to go on with. Raises NotFound, Conflict (`upload_busy`) when somebody else writes it."""
        path = self._path(upload_id)
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError as error:
            raise gone() from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _check(path)
            return FolderPartial(self, path, file)
        except BlockingIOError as error:
            file.close()
            raise Conflict(
                "This upload is being written by another request.",
                code="upload_busy",
                hint="Ask for its offset with HEAD in a moment, and go on from there.",
                retryable=True,
            ) from error
        except BaseException:
            file.close()
            raise

    def forgotten(self, seconds: float) -> list[UUID]:
        """The uploads nobody wrote to for so many seconds, in no order."""
        before, found = time.time() - seconds, []
        for path in self.folder.glob("*"):
            with suppress(OSError, ValueError):  # gone meanwhile, or not named by us
                if path.stat().st_mtime < before:
                    found.append(UUID(hex=path.name.partition(".")[0]))
        return found

    def sync_folder(self) -> None:
        """Make what was created, renamed or removed here durable."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, upload_id: UUID) -> Path:
        # hex digits of a UUID and nothing else: no name of a client's ever becomes part of a path
        return self.folder / UUID(int=upload_id.int).hex


class FolderPartial:
    """One locked upload; fulfils `BlobWriter` as well, so that a complete one goes onto the board like any other."""

    def __init__(self, partials: FolderPartials, path: Path, file: BinaryIO) -> None:
        self._partials, self._path, self._file = partials, path, file
        self._sha256: str | None = None
        self._unproven = False
        size = os.fstat(file.fileno()).st_size
        self.size = min(size, _proven(path, size))
        if self.size < size:
            os.ftruncate(file.fileno(), self.size)
        _note(path).unlink(missing_ok=True)
        file.seek(self.size)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def sha256(self) -> str:
        """Read once, when it is first asked for: a gigabyte takes about a second."""
        if self._sha256 is None:
            with self._path.open("rb") as file:
                self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return self._sha256

    def doubt(self) -> None:
        """What is written from here on counts only when `keep` is called. Raises Unavailable."""
        try:
            draft = _note(self._path).with_suffix(".new")
            draft.write_text(str(self.size), encoding="ascii")
            draft.replace(_note(self._path))
            self._partials.sync_folder()
        except OSError as error:
            raise self._partials.failed(error) from error
        self._unproven = True

    def write(self, data: bytes | memoryview) -> None:
        """Append. Raises Unavailable `disk_full`, `storage_failed`; what was written stays."""
        left = memoryview(data)
        try:
            while left:
                written = self._file.write(left)
                self.size += written
                left = left[written:]
        except OSError as error:
            raise self._partials.failed(error) from error

    def keep(self) -> None:
        """Make all that was written durable, and count it. Raises Unavailable."""
        try:
            os.fsync(self._file.fileno())
            if self._unproven:
                _note(self._path).unlink(missing_ok=True)
                self._partials.sync_folder()
        except OSError as error:
            raise self._partials.failed(error) from error
        self._unproven = False

    def commit(self) -> str:
        """Give the bytes their place among the originals; the upload's own name stays until `delete`.

        A second name for the same bytes, not a copy: should the process die before the transaction that follows,
        the upload is still there to be finished again. Raises Unavailable.
        """
        place = self._partials.place(self.sha256)
        try:
            os.fsync(self._file.fileno())
            self._partials.prepare(place.parent)
            if not place.exists():
                _link(self._path, place)
            descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._partials.failed(error) from error
        return self.sha256

    def delete(self) -> None:
        """Remove the upload's own name."""
        self._path.unlink(missing_ok=True)
        _note(self._path).unlink(missing_ok=True)
        self._unproven = False

    def close(self) -> None:
        """Take back what was never proven, and let others write."""
        try:
            if self._unproven and self._path.exists():
                os.ftruncate(self._file.fileno(), _proven(self._path, self.size))
                _note(self._path).unlink(missing_ok=True)
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def gone() -> NotFound:
    """The answer for an upload that is unknown, over, or somebody else's."""
    return NotFound("There is no such upload.", code="upload_not_found", hint="Begin a new one with POST /uploads/.")


def _check(path: Path) -> None:
    if not path.exists():  # it was deleted while we opened it
        raise gone()


def _note(path: Path) -> Path:
    return path.with_suffix(_UNPROVEN)


def _proven(path: Path, size: int) -> int:
    try:
        return int(_note(path).read_text(encoding="ascii"))
    except FileNotFoundError:
        return size


def _link(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path)
    except FileExistsError:
        return  # the same bytes came another way at this moment
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        draft = place.with_suffix(".new")
        shutil.copyfile(path, draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(place)
