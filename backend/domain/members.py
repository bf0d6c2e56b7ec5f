"""What archives and mails hold: members, what is left out of them, how they are dealt out, how the list reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MAX_MEMBERS = 5_000
"""In one archive."""
MAX_TREE = 10_000
"""Documents below one upload, archives in archives included."""
MAX_RATIO = 100
SMALL_BYTES = 10 * 1024 * 1024
"""Unpacked bytes below which no ratio is held against an archive: short, repetitive files pack very well."""
MAX_ARCHIVES = 2
"""An archive in an archive, and no deeper."""
MAX_DEPTH = 4
"""Of archives and mails in one another, together."""
SMALL_PICTURE_BYTES = 16 * 1024
"""An inline picture of a mail below this is taken for a part of the signature."""

RUNS, SEQUENTIAL_RUNS = 64, 16

_JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db", ".localized"}
_JUNK_FOLDERS = {"__macosx", ".spotlight-v100", ".trashes", ".fseventsd"}
JUNK = "junk"


@dataclass(frozen=True)
class Member:
    """One thing inside. `name` is text to show and never a path; `size` is in bytes, as the archive says.

    `skipped` is `{"code", "message"}` when it is not to be taken out: junk, a link, a device, a small picture.
    """

    index: int
    name: str
    size: int
    encrypted: bool = False
    skipped: dict[str, str] | None = None


@dataclass(frozen=True)
class Listing:
    """All members in order. `sequential`: to take one out, everything before it is unpacked, too."""

    members: tuple[Member, ...]
    sequential: bool = False
    warnings: tuple[dict[str, str], ...] = ()

    @property
    def wanted(self) -> tuple[Member, ...]:
        """Those to be taken out."""
        return tuple(member for member in self.members if member.skipped is None)


@dataclass(frozen=True)
class Unpacked:
    """A member that was taken out to `path`, or `error` (`{"code", "message", "hint", "retryable"}`) why it was not."""

    index: int
    path: Path | None = None
    error: dict[str, Any] | None = None


def is_junk(name: str) -> bool:
    """Whether an operating system put it there for itself."""
    parts = [part.lower() for part in PurePosixPath(name.replace("\\", "/")).parts]
    if not parts:
        return True
    return parts[-1] in _JUNK_NAMES or parts[-1].startswith("._") or bool(_JUNK_FOLDERS & set(parts[:-1]))


def runs(listing: Listing) -> list[tuple[int, ...]]:
    """The members to be taken out, dealt out to units of work, in order.

    Each gets one of its own in a small archive. In a large one several share a unit, so that starting units costs
    less than the work in them, and a compressed tar is not unpacked from its beginning thousands of times.
    """
    wanted = [member.index for member in listing.wanted]
    most = SEQUENTIAL_RUNS if listing.sequential else RUNS
    length = math.ceil(len(wanted) / most) or 1
    return [tuple(wanted[at : at + length]) for at in range(0, len(wanted), length)]


def readable(filename: str, lines: Sequence[tuple[str, int, str]]) -> str:
    """The list of an archive as text: name, size and what became of each."""
    total = sum(size for _, size, _ in lines)
    head = f"# {filename}\n\n{counted(len(lines), 'file')}, {in_bytes(total)}"
    shown = [f"- {name} ({in_bytes(size)}){f': {remark}' if remark else ''}" for name, size, remark in lines]
    return "\n".join([head, "", *shown])


def counted(number: int, noun: str) -> str:
    """ "1 file", "2 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def in_bytes(size: int) -> str:
    """A size as people read it."""
    amount = float(size)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":  # noqa: PLR2004 - the SI step
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 10 else f"{amount:.1f} {unit}"  # noqa: PLR2004


def named(names: Sequence[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
