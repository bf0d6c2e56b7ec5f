"""What one forked child does: bind itself with limits, parse, write the result as JSON, and leave without a trace."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from backend.domain.errors import BoardError
from backend.providers.confine import bonds, kernel

EXIT_OUT_OF_MEMORY = 77
_OPEN_FILES = 256


@dataclass(frozen=True)
class Task:
    """What one child has to do."""

    request: dict[str, Any]
    limits: dict[str, int]
    """`memory` and `file` in bytes, `cpu` in seconds, `processes` (0: no other programs), `entries` of its folder."""
    folder: Path
    """Its scratch folder; what it says on the way goes to the file beside it, `stderr`."""
    result: int
    """Where it writes `{"value": …}` or `{"error": …}`."""
    files: dict[str, int]
    """Keyword of the target: descriptor of a file it may read."""
    makes_files: bool
    """Whether the target gets the keyword `out`: a folder for what it makes."""
    level: str
    readable: tuple[Path, ...]
    """What it may read besides; and start, if it may start programs."""

    @property
    def stderr(self) -> Path:
        return self.folder.with_suffix(".err")

    @property
    def out(self) -> Path:
        return self.folder / "out"


def become_child(target: Callable[..., dict[str, Any]], task: Task) -> NoReturn:
    """Bind this process and do the task. Never returns."""
    code = 1
    try:
        _detach(task)
        _limit(task.limits)
        bonds.bind(
            level=task.level,
            readable=task.readable,
            folder=task.folder,
            opened=task.files.values(),
            programs=bool(task.limits["processes"]),
        )
        with os.fdopen(task.result, "wb") as pipe:
            pipe.write(json.dumps(_outcome(target, _arguments(task))).encode())
        code = 0
    except MemoryError:
        code = EXIT_OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - whatever it is, nothing of the zygote may run on in the child
        traceback.print_exc()
    finally:
        os._exit(code)


def _arguments(task: Task) -> dict[str, Any]:
    # Named by process, not "self": the path also works in a program that the child starts.
    descriptors = f"/proc/{os.getpid()}/fd" if sys.platform == "linux" else "/dev/fd"
    files = {name: f"{descriptors}/{number}" for name, number in task.files.items()}
    out = {"out": str(task.out)} if task.makes_files else {}
    return task.request | files | out


def _outcome(target: Callable[..., dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": target(**arguments)}
    except BoardError as error:
        return {"error": error.as_json()}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - told to the parent, which logs it; the words may quote the document
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return {"unexpected": type(error).__name__, "where": where[-6:]}


def _detach(task: Task) -> None:
    """Own session and group, nothing inherited but the pipe and the files, and death when the zygote dies."""
    zygote = os.getppid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if os.getppid() != zygote:
            os._exit(1)
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(task.stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(nothing, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    kept = {task.result, *task.files.values()}
    for descriptor in range(3, max(_OPEN_FILES, *kept) + 1):
        if descriptor not in kept:
            os.closerange(descriptor, descriptor + 1)
    if task.makes_files:
        task.out.mkdir()
    os.chdir(task.folder)
    os.environ.update(HOME=str(task.folder), TMPDIR=str(task.folder), XDG_CACHE_HOME=str(task.folder))


def _limit(limits: dict[str, int]) -> None:
    """Processes are not limited: RLIMIT_NPROC counts all of the user's, which says nothing about this one."""
    memory = limits["memory"] + _address_space()  # what the zygote brought along is not the file's doing
    grace = 2  # the processor: SIGXCPU first, SIGKILL a little later for what ignores it
    for which, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, limits["cpu"], limits["cpu"] + grace),
        (resource.RLIMIT_FSIZE, limits["file"], limits["file"]),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, most = resource.getrlimit(which)
        most = hard if most == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(which, (min(soft, most), most))


def _address_space() -> int:
    """Bytes of it this process has now."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
