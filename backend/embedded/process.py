"""Starting, finding and ending the processes of one board, whatever became of the run before."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import psutil

Running: TypeAlias = psutil.Process | subprocess.Popen[bytes]
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sent: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `sent` when the thread that starts the process ends, even by kill -9.

    Linux only; elsewhere it does nothing and the sweep at the next start finds what was left. Start from the main
    thread: a helper thread that ends takes the process with it.
    """
    wanted = os.getpid() if parent is None else parent

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
            if os.getppid() != wanted:  # it ended between fork and here
                os._exit(1)

    return tie


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # what servers set: a port whose old connections linger is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(remembered: Path | None = None) -> int:
    """The port written in `remembered` when it is free again, else any free one on loopback."""
    if remembered is not None and remembered.exists():
        written = remembered.read_text().strip()
        if written.isdigit() and await_port(int(written)):
            return int(written)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int) -> bool:
    """Whether `port` on loopback is free, or becomes free while a server that was killed lets go of it."""
    for pause in (0.05, 0.2, 0.5, 1.0):
        if port_is_free(port):
            return True
        time.sleep(pause)
    return port_is_free(port)


def write_private(path: Path, content: str) -> None:
    """Write a file only its owner may read, whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    fresh.replace(path)


def secret(path: Path) -> str:
    """The password kept in `path`, made there (0600) the first time; safe in a URL as it is."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def living_in(folder: Path, name: str) -> list[psutil.Process]:
    """Live processes called `name…` whose working directory is `folder`: a zombie has none and is not live."""
    wanted = str(folder.resolve())
    found = []
    for process in psutil.process_iter(["name"]):
        if not (process.info["name"] or "").startswith(name):
            continue
        try:
            if process.cwd() == wanted:
                found.append(process)
        except psutil.Error:
            continue
    return found


def living_with(name: str, value: str) -> list[psutil.Process]:
    """Live processes started with `name=value` in their environment, but for this one and its ancestors.

    It finds whatever a killed run has left, its children's children too, and nothing of another account's.
    """
    mine = psutil.Process()
    spared = {mine.pid, *(parent.pid for parent in mine.parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in spared and process.environ().get(name) == value:
                found.append(process)
        except (psutil.Error, OSError):  # another account's, a zombie, or just gone
            continue
    return found


def end(
    processes: Iterable[psutil.Process | subprocess.Popen[bytes]], steps: list[tuple[signal.Signals, float]]
) -> None:
    """Send each signal in turn, giving the processes that many seconds to end before the next one."""
    left = list(processes)
    for sent, seconds in steps:
        for process in left:
            try:
                process.send_signal(sent)
            except (psutil.NoSuchProcess, ProcessLookupError):
                continue
        until = time.monotonic() + seconds
        while left and time.monotonic() < until:
            left = [process for process in left if alive(process)]
            time.sleep(0.02 if left else 0)
        if not left:
            return


def alive(process: Running) -> bool:
    """Whether it still runs; a zombie does not."""
    if isinstance(process, subprocess.Popen):
        return process.poll() is None
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def tail(path: Path, lines: int = 8) -> str:
    """The last lines of a log, for a sentence about what went wrong."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
