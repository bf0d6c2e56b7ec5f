"""Looks after a running child for what no limit of the kernel counts: its whole family, and all it writes together.

A limit of the kernel holds for one process and one file. Ten programs may eat ten times the memory, and a million
files of one byte fill a disk as well as one large one.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.25


def objection(limits: dict[str, int], folder: Path) -> str | None:
    """The code of an error (`too_large`, `out_of_memory`, `crashed`) when what is going on has to end, or None."""
    if _holds_too_much(folder, limits["entries"], limits["file"]):
        return "too_large"
    if limits["processes"]:
        family = list(_family(limits["processes"] + 1))
        if len(family) > limits["processes"]:
            return "crashed"
        if sum(map(_resident, family)) > limits["memory"]:
            return "out_of_memory"
    return None


def _holds_too_much(folder: Path, entries: int, bytes_: int) -> bool:
    todo = [folder]
    while todo:
        with suppress(OSError), os.scandir(todo.pop()) as found:  # what vanishes meanwhile is no trouble
            for entry in found:
                entries -= 1
                if entry.is_dir(follow_symlinks=False):
                    todo.append(Path(entry.path))
                else:
                    bytes_ -= entry.stat(follow_symlinks=False).st_size
                if entries < 0 or bytes_ < 0:
                    return True
    return False


def _family(most: int) -> Iterator[int]:
    """Up to `most` processes that come from this one, near or far."""
    if os.getpid() == 1:
        names = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal() and entry.name != "1"]
        yield from map(int, names[:most])
        return
    todo, known = [os.getpid()], 0
    while todo and known < most:
        for listing in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            with suppress(OSError):
                for child in map(int, listing.read_text().split()):
                    known += 1
                    todo.append(child)
                    yield child


def _resident(process: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    return 0
