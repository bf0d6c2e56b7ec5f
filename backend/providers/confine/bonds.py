"""What binds one child beyond the view it shares with its zygote: as much of it as the kernel offers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from backend.providers.confine import kernel, landlock, seccomp
from backend.providers.confine.levels import BUBBLEWRAP, LIMITS, NAMESPACES
from backend.providers.confine.view import DEVICES

_OWN_PROC = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory")


def bind(*, level: str, readable: Iterable[Path], folder: Path, opened: Iterable[int], programs: bool) -> None:
    """Bind this process and all it starts, for good: it writes in `folder` and reads `readable` and `opened`.

    Raises OSError when something the level promises cannot be had.
    """
    if sys.platform != "linux":
        return
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # the zygote is closed to its children; they may look at themselves
    if level != LIMITS and landlock.abi():
        alone = level in {BUBBLEWRAP, NAMESPACES}  # then /proc has nobody else in it
        proc = ["/proc"] if alone else [f"/proc/{os.getpid()}", *_OWN_PROC]
        landlock.restrict(
            readable=[*readable, *map(Path, proc)],
            writable=[folder, *map(Path, DEVICES)],
            opened=opened,
            programs=programs,
        )
    if seccomp.available():
        seccomp.restrict(own_pid=os.getpid(), programs=programs)
