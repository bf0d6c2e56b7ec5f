"""What a hostile file might do once its reader obeys it. Each deed tells how far it got."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def deed(do: str, **more: Any) -> dict[str, Any]:
    return _DEEDS[do](**more)


def _try(paths: list[str], how: str) -> dict[str, Any]:
    """Which of the paths could be listed, read, or opened for writing."""
    done = []
    for path in paths:
        try:
            if how == "list":
                next(Path(path).iterdir(), None)
            else:
                os.close(os.open(path, os.O_RDONLY if how == "read" else os.O_WRONLY))
        except OSError:
            continue
        done.append(path)
    return {"done": done}


def _look_around(paths: list[str]) -> dict[str, Any]:
    """Which of the paths are there at all, whether they can be opened or not."""
    return {"there": [path for path in paths if os.path.lexists(path)]}


def _sockets() -> dict[str, Any]:
    made = []
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):
        try:
            socket.socket(family, socket.SOCK_RAW if family == socket.AF_PACKET else socket.SOCK_DGRAM).close()
        except OSError:
            continue
        made.append(family.name)
    return {"made": made}


def _turn_on_the_zygote() -> dict[str, Any]:
    """Kill it, and look into it."""
    done = []
    parent = os.getppid()
    for name in ("mem", "environ", "fd/3"):
        try:
            os.close(os.open(f"/proc/{parent}/{name}", os.O_RDONLY))
        except OSError:
            continue
        done.append(name)
    for number in (signal.SIGKILL, signal.SIGSTOP):
        try:
            os.kill(parent, number)
        except OSError:
            continue
    return {"done": done}


def _escape_upwards() -> dict[str, Any]:
    """Make namespaces of its own, and other calls that only an attacker makes."""
    libc = ctypes.CDLL(None, use_errno=True)
    done = [name for name, flag in (("user", 0x10000000), ("mount", 0x20000)) if libc.unshare(flag) == 0]
    if libc.mount(b"none", b"/", b"tmpfs", 0, None) == 0:
        done.append("mount over /")
    if libc.ptrace(16, os.getppid(), None, None) == 0:
        done.append("ptrace")
    if libc.memfd_create(b"x", 0) >= 0:
        done.append("memfd")
    with suppress(OSError):
        os.mknod("device", 0o600 | 0o020000, os.makedev(1, 1))
        done.append("mknod")
    return {"done": done}


def _programs(secret: str, given: str) -> dict[str, Any]:
    """What `cat` reads: a file that was handed in, and one that was not."""

    def cat(path: str) -> str:
        return subprocess.run(["cat", path], capture_output=True, text=True, check=False).stdout

    return {"given": cat(given), "secret": cat(secret)}


def _bomb(kind: str) -> dict[str, Any]:
    """Processes without end: each makes more, or one makes many that wait."""
    while True:
        try:
            child = os.fork()
        except OSError:
            time.sleep(0.01)
            continue
        if child == 0 and kind == "wide":
            time.sleep(600)


def _eat_together(size: int) -> dict[str, Any]:
    """Five processes, each below the limit."""
    for _ in range(5):
        if os.fork() == 0:
            break
    held = bytearray(size)
    held[:: os.sysconf("SC_PAGE_SIZE")] = b"x" * len(held[:: os.sysconf("SC_PAGE_SIZE")])
    time.sleep(600)
    return {}


def _many_files(out: str, number: int) -> dict[str, Any]:
    for name in range(number):
        os.close(os.open(f"{out}/{name}", os.O_CREAT | os.O_WRONLY))
    return {}


def _fill_the_disk(size: int) -> dict[str, Any]:
    """With files that are each below the limit."""
    for number in range(1000):
        Path(f"part-{number}").write_bytes(bytes(size))
        time.sleep(0.05)
    return {}


_DEEDS: dict[str, Callable[..., dict[str, Any]]] = {
    "try": _try,
    "look around": _look_around,
    "sockets": _sockets,
    "turn on the zygote": _turn_on_the_zygote,
    "escape upwards": _escape_upwards,
    "programs": _programs,
    "bomb": _bomb,
    "eat together": _eat_together,
    "many files": _many_files,
    "fill the disk": _fill_the_disk,
}
