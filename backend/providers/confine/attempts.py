"""What a hostile file would try if it took over its reader. Runs in the sandbox's child, and tells how far it got."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PATIENCE_SECONDS = 2.0


def attempt(secret: str, port: int, process: int) -> dict[str, Any]:
    """`{"reached": [names]}`: what was possible of `domain.walls.KEPT_FROM`. It does no harm where it is possible.

    `secret` is the path of a file that is none of the child's business, in a folder that is not either; something
    listens on `port` of 127.0.0.1; `process` is one that the child did not start.
    """
    tries: dict[str, Callable[[], bool]] = {
        "files": lambda: _reads(Path(secret)),
        "writing": lambda: _writes(Path(secret).parent),
        "network": lambda: _connects(port),
        "processes": lambda: _sees(process),
        "programs": lambda: _starts("/bin/true"),
    }
    return {"reached": [name for name, trial in tries.items() if _reached(trial)]}


def _reached(trial: Callable[[], bool]) -> bool:
    try:
        return trial()
    except OSError:
        return False


def _reads(path: Path) -> bool:
    return bool(path.read_bytes())


def _writes(folder: Path) -> bool:
    (folder / f"canary-{uuid.uuid4().hex}").touch()
    return True


def _connects(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS):
        return True


def _sees(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    return True


def _starts(program: str) -> bool:
    child = os.fork()
    if child == 0:
        try:
            os.execv(program, [program])  # noqa: S606 - that is what is tried
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
