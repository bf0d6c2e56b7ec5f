"""Takes over the files a child made: they come from a stranger, so nothing about them is believed."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from backend.providers import endings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


def take(folder: Path, into: Path, *, files: int, bytes_: int) -> None:
    """Move the plain files of `folder` to `into` (made if missing; 0600 each). All are looked at before one is moved.

    Raises Unreadable: `too_large` for more than `files` of them or more than `bytes_` together, `crashed` for anything
    no reader of ours makes: a folder, a link, a pipe, a device, a file with a second name, a name out of the ordinary.
    """
    names: list[str] = []
    size = 0
    for entry in _entries(folder):
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or not _NAME.fullmatch(entry.name):
            raise endings.crashed()
        names.append(entry.name)
        size += status.st_size
        if len(names) > files or size > bytes_:
            raise endings.too_large()
    into.mkdir(parents=True, exist_ok=True)
    for name in names:
        _move(folder / name, into / name)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_symlink():
        raise endings.crashed()
    with os.scandir(folder) as entries:
        yield from entries


def _move(source: Path, target: Path) -> None:
    source.chmod(0o600)
    try:
        source.replace(target)
    except OSError:  # another device
        with source.open("rb") as read, target.open("wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
        target.chmod(0o600)
