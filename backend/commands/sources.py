"""What was named to be sent: files, folders walked in order, addresses; and what is left out of folders, and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from backend.domain import errors
from backend.domain.members import is_junk

HIDDEN, JUNK, LINK, EMPTY, SPECIAL, UNREADABLE = "hidden", "junk", "link", "empty", "special", "unreadable"
"""Why something in a folder is not sent. What was named itself is always sent, or refused aloud."""

_HALF_DONE = ("*.part", "*.partial", "*.crdownload", "*.download", "*.tmp", "*.swp", "*~", "~$*", ".~lock.*")
_OF_THE_SYSTEM = {"__pycache__", "$recycle.bin", "system volume information", "lost+found"}
LINKS = ("http://", "https://")

LeaveOut = Callable[[Path, str], None]


@dataclass(frozen=True)
class Source:
    """A file to be sent, and the name it goes by; `shown` tells it from others of its name, `size` is in bytes."""

    path: Path
    name: str
    size: int
    shown: str


@dataclass
class Found:
    """All that was named."""

    files: list[Source] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def find(things: Sequence[str], piped: Source | None) -> Found:
    """What these words name. Raises InvalidInput before anything is sent."""
    found = Found()
    for thing in things:
        path = Path(thing)
        if thing == "-" and piped is not None:
            found.files.append(piped)
        elif thing.lower().startswith(LINKS):
            found.urls.append(thing)
        elif path.is_dir():
            before = len(found.files)
            found.files += _folder(path, found.left_out)
            if len(found.files) == before:
                raise errors.InvalidInput(f"The folder {thing} holds no files to send.", code="empty_folder")
        elif path.is_file():
            found.files.append(source(path, thing))
        else:
            raise errors.InvalidInput(f"There is no file or folder {thing}.", code="no_such_file")
    return found


def source(path: Path, shown: str) -> Source:
    """A file as it is now. Raises OSError."""
    return Source(path, path.name, path.stat().st_size, shown)


def _folder(folder: Path, left_out: list[tuple[str, str]]) -> Iterator[Source]:
    for path in walk(folder, lambda path, reason: left_out.append((str(path), reason))):
        try:
            there = source(path, str(path))
        except OSError:  # gone since it was listed
            left_out.append((str(path), UNREADABLE))
            continue
        if there.size:
            yield there
        else:
            left_out.append((str(path), EMPTY))


def walk(folder: Path, leave_out: LeaveOut) -> Iterator[Path]:
    """The files below `folder` in order, links not followed; `leave_out` hears of everything else."""
    unreadable: Callable[[OSError], None] = lambda error: leave_out(Path(error.filename), UNREADABLE)  # noqa: E731
    for at, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(at)
        for name in sorted(folders):
            if reason := unwanted(here / name):
                leave_out(here / name, reason)
                folders.remove(name)
        folders.sort()
        for name in sorted(files):
            if reason := unwanted(here / name):
                leave_out(here / name, reason)
            else:
                yield here / name


def unwanted(path: Path) -> str:
    """Why a thing in a folder is not to be sent, judged by its name and kind; empty when it is."""
    name = path.name.lower()
    if any(fnmatchcase(name, pattern) for pattern in _HALF_DONE) or is_junk(name) or name in _OF_THE_SYSTEM:
        return JUNK
    if is_junk(f"{name}/x"):
        return JUNK
    if name.startswith("."):
        return HIDDEN
    try:
        mode = path.lstat().st_mode
    except OSError:
        return UNREADABLE
    if stat.S_ISLNK(mode):
        return LINK
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else SPECIAL
