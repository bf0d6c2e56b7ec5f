"""What one forked child does: bind itself with limits, parse, write the result as JSON, and leave without a trace."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from backend.domain.errors import BoardError

EXIT_OUT_OF_MEMORY = 77
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_OPEN_FILES = 256


def become_child(
    target: Callable[..., dict[str, Any]],
    request: dict[str, Any],
    limits: dict[str, int],
    result: int,
    folder: Path,
    stderr: Path,
) -> NoReturn:
    """Never returns. Writes `{"value": …}` or `{"error": …}` to the descriptor `result`.

    `limits`: `memory` and `file` in bytes, `cpu` in seconds.
    """
    code = 1
    try:
        _detach(result, folder, stderr)
        _limit(limits)
        with os.fdopen(result, "wb") as pipe:
            pipe.write(json.dumps(_outcome(target, request)).encode())
        code = 0
    except MemoryError:
        code = EXIT_OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - whatever it is, nothing of the zygote may run on in the child
        traceback.print_exc()
    finally:
        os._exit(code)


def _outcome(target: Callable[..., dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": target(**request)}
    except BoardError as error:
        return {"error": error.as_json()}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - told to the parent, which logs it; the words may quote the document
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return {"unexpected": type(error).__name__, "where": where[-6:]}


def _detach(result: int, folder: Path, stderr: Path) -> None:
    """Own session and group, nothing inherited but the result pipe, and death when the zygote dies."""
    zygote = os.getppid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != zygote:
            os._exit(1)
        with suppress(OSError):  # some containers do not let it be written
            Path("/proc/self/oom_score_adj").write_text("1000")  # when the machine runs out, this goes first
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(nothing, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.closerange(3, result)
    os.closerange(result + 1, max(result + 1, _OPEN_FILES))
    os.chdir(folder)
    os.environ.update(HOME=str(folder), TMPDIR=str(folder), XDG_CACHE_HOME=str(folder))


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
