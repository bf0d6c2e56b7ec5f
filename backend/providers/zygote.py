"""The process that forks one fresh child per parse: `python -m backend.providers.zygote FD MODULE:FUNCTION FOLDER`.

It imports the function once, never calls it, and starts no thread, so that each fork is cheap and clean. It talks with
`sandbox.py` over the socket FD, one JSON object per line:

    parent -> {"run": id, "request": {...}, "limits": {...}, "folder": path, "files": [keyword, …], "makes_files": bool}
              with the write end of the result pipe and one descriptor per file beside it
    parent -> {"kill": id}
    zygote -> {"ready": true}
    zygote -> {"ended": id, "status": wait status, "max_rss": bytes, "stderr": the last of what the child wrote there}

The end of the socket means that the parent is gone, however it went: the child is killed and the zygote leaves.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.providers import scratch
from backend.providers.child import Task, become_child

_PR_SET_CHILD_SUBREAPER = 36
_STDERR_TAIL = 4096
MOST_DESCRIPTORS = 64


class Zygote:
    """Serves one parent, one parse at a time."""

    def __init__(self, control: socket.socket, target: Callable[..., dict[str, Any]], folder: Path) -> None:
        self.control = control
        self.target = target
        self.folder = folder
        self._received = b""
        self._descriptors: list[int] = []
        self._wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, so that the wake-up pipe is written
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the parent is gone."""
        self._say({"ready": True})
        while (message := self._hear()) is not None:
            if "run" in message:
                self._run(message["run"], self._task(message))
        scratch.remove(self.folder)

    def _task(self, message: dict[str, Any]) -> Task:
        result, *files = self._descriptors
        self._descriptors = []
        names = dict(zip(message["files"], files, strict=True))
        folder = Path(message["folder"])
        return Task(message["request"], message["limits"], folder, result, names, message["makes_files"])

    def _run(self, run: int, task: Task) -> None:
        child = os.fork()
        if child == 0:
            become_child(self.target, task)
        for descriptor in (task.result, *task.files.values()):
            os.close(descriptor)
        status, usage = self._await(child, run)
        self._clear_away(child)
        tail = task.stderr.read_bytes()[-_STDERR_TAIL:].decode(errors="replace") if task.stderr.exists() else ""
        task.stderr.unlink(missing_ok=True)
        unit = 1 if sys.platform == "darwin" else 1024
        self._say({"ended": run, "status": status, "max_rss": usage.ru_maxrss * unit, "stderr": tail})

    def _await(self, child: int, run: int) -> tuple[int, resource.struct_rusage]:
        waiting: list[Any] = [self.control, self._wake]
        while True:
            ended, status, usage = os.wait4(child, os.WNOHANG)
            if ended:
                return status, usage
            ready, _, _ = select.select(waiting, [], [])
            if self._wake in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake, 512)
            if self.control in ready:
                message = self._hear()
                if message is None or message.get("kill") == run:
                    _kill_group(child)

    def _clear_away(self, child: int) -> None:
        """Kill what the child left running, in its group or out of it (Linux hands orphans to the zygote)."""
        _kill_group(child)
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        with suppress(ChildProcessError):  # there is none left
            while True:
                if os.waitpid(-1, os.WNOHANG)[0]:
                    continue
                if not children.exists():  # a kernel that does not list them
                    return
                for orphan in children.read_text().split():
                    os.kill(int(orphan), signal.SIGKILL)
                os.waitpid(-1, 0)

    def _hear(self) -> dict[str, Any] | None:
        while b"\n" not in self._received:
            try:
                data, descriptors, _, _ = socket.recv_fds(self.control, 65536, MOST_DESCRIPTORS)
            except ConnectionError:
                return None
            if not data:
                return None
            self._received += data
            self._descriptors += descriptors
        line, self._received = self._received.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _say(self, message: dict[str, Any]) -> None:
        with suppress(ConnectionError):  # the parent is gone: the next _hear says so
            self.control.sendall(json.dumps(message).encode() + b"\n")


def _kill_group(child: int) -> None:
    for kill in (os.killpg, os.kill):  # in its first moments the child is not yet a group of its own
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def main() -> None:
    """Import the target, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    module, _, name = sys.argv[2].partition(":")
    target = getattr(importlib.import_module(module), name)
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, pages that every child shares
    Zygote(socket.socket(fileno=int(sys.argv[1])), target, Path(sys.argv[3])).serve()


if __name__ == "__main__":
    main()
