"""Scratch folders of the zygotes: private, and swept by the next one when their owner was killed."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "syncboard-scratch-"


def claim() -> tuple[Path, int]:
    """A new folder (0700) and the lock on it. Folders of processes that are gone are removed on the way.

    A folder belongs to whoever holds its lock; the kernel drops the lock with the last process that has it.
    """
    root = Path(tempfile.gettempdir()).resolve()
    for folder in root.glob(_PREFIX + "*"):
        _remove_if_left(folder)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():  # else a sweeper took it between its making and its locking
            return folder, lock
        os.close(lock)


def remove(folder: Path) -> None:
    """Remove the folder with all in it; what cannot be removed stays for the next sweep. Never raises OSError.

    What is in it was made by a stranger: links are not followed, folders without permissions are opened up, and no
    depth is too deep, because each folder is emptied into the uppermost one before it goes.
    """
    with suppress(OSError):
        _empty(folder)
        folder.rmdir()


def _empty(folder: Path) -> None:
    todo = [folder]
    while todo:
        current = todo.pop()
        current.chmod(0o700)
        with os.scandir(current) as entries:
            for entry in entries:
                path = Path(entry.path)
                if not entry.is_dir(follow_symlinks=False):
                    path.unlink()
                    continue
                path.chmod(0o700)  # a folder that may not be written cannot be moved either
                todo.append(path if current == folder else path.rename(folder / f".{os.urandom(12).hex()}"))
        if current != folder:
            current.rmdir()


def _remove_if_left(folder: Path) -> None:
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:  # gone, or not ours
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(folder)
    except BlockingIOError:  # its owner lives
        return
    finally:
        os.close(descriptor)
