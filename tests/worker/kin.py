"""The processes of a sandbox as they look from outside, where their numbers are others than inside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from backend.providers.confine import levels
from backend.providers.sandbox import Sandbox

PATIENCE = 20.0

POSSIBLE = tuple(level for level in levels.LEVELS if not levels.refusal(level))
"""The levels that this machine can reach."""
CLOSED = {levels.BUBBLEWRAP, levels.NAMESPACES}
"""Those with a guard between the worker and the zygote."""


def until(what: Callable[[], object]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(process: psutil.Process | int) -> bool:
    """Whether it ends soon, if it has not already."""
    pid = process if isinstance(process, int) else process.pid
    return until(lambda: not psutil.pid_exists(pid) or status(pid) == psutil.STATUS_ZOMBIE)


def status(pid: int) -> str:
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return str(psutil.STATUS_ZOMBIE)


def outer_of(sandbox: Sandbox) -> psutil.Process:
    """What the worker started: the zygote, or the guard that stands before it."""
    zygote = sandbox._zygote
    assert zygote is not None
    return psutil.Process(zygote._process.pid)


def zygote_of(sandbox: Sandbox) -> psutil.Process:
    outer = outer_of(sandbox)
    return outer.children()[0] if sandbox.level in CLOSED else outer


def child_of(sandbox: Sandbox) -> psutil.Process | None:
    """The child that has told of itself in its scratch folder, or None."""
    zygote = sandbox._zygote
    if zygote is None or not list(zygote.folder.glob("*/at-work")):
        return None
    return next(iter(zygote_of(sandbox).children()), None)


def descendant(process: psutil.Process, generations: int) -> psutil.Process | None:
    """One that is so far below it."""
    try:
        for child in process.children():
            found = child if generations == 1 else descendant(child, generations - 1)
            if found is not None:
                return found
    except psutil.NoSuchProcess:
        return None
    return None
