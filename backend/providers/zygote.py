"""The process that forks one fresh child per parse: `python -m backend.providers.zygote FD MODULE:FUNCTION LEVEL VIEW`.

It imports the function once, never calls it, and starts no thread, so that each fork is cheap and clean. At the levels
that close the view it is the first process of its own namespace: its children cannot signal it, and nothing in there
outlives it. It talks with `sandbox.py` over the socket FD, one JSON object per line:

    parent -> {"run": id, "request": {...}, "limits": {...}, "folder": path, "files": [keyword, …], "makes_files": bool}
              with the write end of the result pipe and one descriptor per file beside it
    parent -> {"kill": id}
    zygote -> {"ready": true}
    zygote -> {"ended": id, "status": wait status, "max_rss": bytes, "stderr": the last of what the child wrote there,
               "stopped": what the warden had to object, or null}

The end of the socket means that the parent is gone, however it went: the child is killed and the zygote leaves.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.providers import scratch, warden
from backend.providers.child import Task, become_child
from backend.providers.confine import kernel, namespaces
from backend.providers.confine.levels import BUBBLEWRAP, NAMESPACES
from backend.providers.confine.view import View

_STDERR_TAIL = 4096
MOST_DESCRIPTORS = 64


class Zygote:
    """Serves one parent, one parse at a time."""

    def __init__(self, control: socket.socket, target: Callable[..., dict[str, Any]], level: str, view: View) -> None:
        self.control = control
        self.target = target
        self.level = level
        self.view = view
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
        scratch.remove(self.view.scratch)

    def _task(self, message: dict[str, Any]) -> Task:
        result, *files = self._descriptors
        self._descriptors = []
        return Task(
            request=message["request"],
            limits=message["limits"],
            folder=Path(message["folder"]),
            result=result,
            files=dict(zip(message["files"], files, strict=True)),
            makes_files=message["makes_files"],
            level=self.level,
            readable=self.view.readable,
        )

    def _run(self, run: int, task: Task) -> None:
        child = os.fork()
        if child == 0:
            become_child(self.target, task)
        for descriptor in (task.result, *task.files.values()):
            os.close(descriptor)
        status, usage, stopped = self._await(child, run, task)
        self._clear_away(child)
        tail = task.stderr.read_bytes()[-_STDERR_TAIL:].decode(errors="replace") if task.stderr.exists() else ""
        task.stderr.unlink(missing_ok=True)
        unit = 1 if sys.platform == "darwin" else 1024
        size = usage.ru_maxrss * unit
        self._say({"ended": run, "status": status, "max_rss": size, "stderr": tail, "stopped": stopped})

    def _await(self, child: int, run: int, task: Task) -> tuple[int, resource.struct_rusage, str | None]:
        waiting: list[Any] = [self.control, self._wake]
        look, stopped = time.monotonic() + warden.LOOK_SECONDS, None
        while True:
            ended, status, usage = os.wait4(child, os.WNOHANG)
            if ended:
                return status, usage, stopped
            ready, _, _ = select.select(waiting, [], [], warden.LOOK_SECONDS)
            if self._wake in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake, 512)
            if self.control in ready:
                message = self._hear()
                if message is None or message.get("kill") == run:
                    _kill_group(child)
            if stopped is None and time.monotonic() > look:
                look = time.monotonic() + warden.LOOK_SECONDS
                if stopped := warden.objection(task.limits, task.folder):
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
    if os.getpid() == 1:  # of a namespace of its own: all that lives in it is the child's, and goes at one blow
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    for kill in (os.killpg, os.kill):  # in its first moments the child is not yet a group of its own
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def main() -> None:
    """Close the view, import the target, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    control, name, level = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3]
    view = View.from_json(json.loads(sys.argv[4]))
    if sys.platform == "linux":
        _settle(level, view)
    module, _, name = name.partition(":")
    imported = importlib.import_module(module)
    target = getattr(imported, name)
    if prepare := getattr(imported, "prepare", None):
        prepare()  # what is loaded once here need not be loaded in every child
    gc.collect()
    gc.freeze()  # keeps the collector from touching, and so copying, pages that every child shares
    Zygote(control, target, level, view).serve()


def _settle(level: str, view: View) -> None:
    with suppress(OSError):  # some containers do not let it be written
        Path("/proc/self/oom_score_adj").write_text("1000")  # when the machine runs out, its children go first
    if level == NAMESPACES:
        namespaces.enter(view)
    elif level == BUBBLEWRAP:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # bubblewrap is the parent; it is what gets killed
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # no child may look into the memory of what starts the next one


if __name__ == "__main__":
    main()
