"""Scratch folders of the zygotes: private, and swept by the next one when their owner was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "syncboard-scratch-"
_held: dict[Path, int] = {}


def claim() -> Path:
    """A new folder (0700) of this process. Folders of processes that are gone are removed on the way.

    A folder belongs to whoever holds a lock on it; the kernel drops the lock with the last process that has it.
    """
    root = Path(tempfile.gettempdir())
    for folder in root.glob(_PREFIX + "*"):
        _remove_if_left(folder)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if folder.exists():  # else a sweeper took it between its making and its locking
            _held[folder] = descriptor
            return folder
        os.close(descriptor)


def remove(folder: Path) -> None:
    """Remove the folder with all in it; what cannot be removed stays for the next sweep."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder in _held:
        os.close(_held.pop(folder))


def _remove_if_left(folder: Path) -> None:
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:  # gone, or not ours
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:  # its owner lives
        return
    finally:
        os.close(descriptor)
