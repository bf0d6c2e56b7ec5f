"""Runs a function on one hostile file in a child process with limits, and says how it ended.

    worker process ──socket──▶ zygote (imports done, idle) ──fork──▶ one child per parse

The zygote is a fresh interpreter, not a copy of the worker: it has no database connection, no secret in its memory or
environment, and no thread. When the worker dies, even by kill -9, the socket ends and the zygote kills its child; when
the zygote dies, the kernel kills the child (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Mapping, Sequence
from io import FileIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

from backend.domain.errors import Unreadable
from backend.domain.ports import Cancelled
from backend.providers import endings
from backend.providers.confine import levels
from backend.providers.order import Order
from backend.providers.zygote_process import ZygoteGone, ZygoteProcess

_MB = 1024 * 1024
_POLL_SECONDS = 0.25
_KILL_SECONDS = 3.0
_SCRATCH_ENTRIES = 1_000
_PROCESSES = 32
_MAX_RESULT_BYTES = 256 * _MB


class Sandbox:
    """One zygote and the parse it has at hand. Made anywhere, started at first use, never shared across a fork."""

    def __init__(
        self,
        target: str,
        *,
        timeout_seconds: float,
        memory_bytes: int,
        file_bytes: int = 256 * _MB,
        out_files: int = 1_000,
        programs: bool = False,
        readable: Sequence[Path] = (),
        level: str | None = None,
    ) -> None:
        """`target` is "module:function"; it takes JSON values as keywords and returns a JSON object.

        `file_bytes` bounds all that the child writes together, `out_files` the number of files it hands out. `programs`
        lets it start others (ffmpeg, tesseract). `readable` are folders and files it may read besides the interpreter,
        its packages and `/usr`. `level` is for tests: the strongest that works here is taken.
        """
        self._target = target
        self._readable = readable
        self._level = level
        self._timeout = timeout_seconds
        self._out_files = out_files
        self._limits = {
            "memory": memory_bytes,
            "cpu": math.ceil(timeout_seconds),
            "file": file_bytes,
            "entries": out_files + _SCRATCH_ENTRIES,
            "processes": _PROCESSES if programs else 0,
        }
        self._lock = threading.Lock()
        self._zygote: ZygoteProcess | None = None
        self._runs = 0

    @property
    def level(self) -> str:
        """How closed it is, of `confine.levels.LEVELS`; the first question takes a moment."""
        return self._level or levels.best().level

    def run(
        self,
        request: dict[str, Any],
        *,
        cancelled: Cancelled,
        files: Mapping[str, Path] = MappingProxyType({}),
        into: Path | None = None,
    ) -> dict[str, Any]:
        """Call the target with `request` in a child of its own; returns what it returned.

        Each of `files` is opened here and becomes a keyword of the target: a path that is readable in the child, also
        by programs it starts. It has another name there, and no extension. With `into`, the target gets the keyword
        `out`, an empty folder; the plain files it leaves there are moved to `into` after a good end.

        Raises Unreadable: what the target raised, or `timed_out`, `out_of_memory`, `crashed`, `cancelled`,
        `too_large`. Raises Unavailable when no child can be started.
        """
        self._forget_what_a_fork_left()
        while not self._lock.acquire(timeout=_POLL_SECONDS):
            if cancelled():
                raise endings.cancelled()
        finished = False
        try:
            ended = self._run(Order(request, files, into, self._limits, self._out_files), cancelled)
            finished = True
        finally:
            if not finished:  # whatever went wrong midway, the next parse must not hear this one's ending
                self._drop()
            self._lock.release()
        if isinstance(ended, Unreadable):
            raise ended
        return ended

    def close(self) -> None:
        """End the zygote; the next `run` starts another."""
        self._forget_what_a_fork_left()
        with self._lock:
            self._drop()

    def _run(self, order: Order, cancelled: Cancelled) -> dict[str, Any] | Unreadable:
        try:
            return self._try(order, cancelled)
        except ZygoteGone:  # killed from outside, idle or not, which says nothing about the file: once more
            self._drop()
        try:
            return self._try(order, cancelled)
        except ZygoteGone as error:
            raise endings.zygote_gone() from error

    def _try(self, order: Order, cancelled: Cancelled) -> dict[str, Any] | Unreadable:
        self._runs += 1
        zygote = self._zygote = self._zygote or ZygoteProcess(self._target, self.level, self._readable)
        with order.begun(zygote, self._runs) as (pipe, folder):
            data, ended = self._watch(zygote, pipe, cancelled)
            return ended if isinstance(ended, Unreadable) else order.ended(data, ended, folder)

    def _watch(
        self, zygote: ZygoteProcess, pipe: FileIO, cancelled: Cancelled
    ) -> tuple[bytes, dict[str, Any] | Unreadable]:
        data = bytearray()
        stop: Unreadable | None = None
        deadline = time.monotonic() + self._timeout
        waiting: list[Any] = [zygote, pipe]
        while True:
            ready, _, _ = select.select(waiting, [], [], _POLL_SECONDS)
            if pipe in ready and not self._read_some(pipe, data):
                waiting.remove(pipe)
            if zygote in ready:
                ended = zygote.hear()
                while self._read_some(pipe, data):
                    continue
                return bytes(data), stop or ended
            if stop is None:
                stop = self._reason_to_stop(len(data), deadline, cancelled)
                if stop is not None:
                    zygote.kill(self._runs)
                    deadline = time.monotonic() + _KILL_SECONDS
            elif time.monotonic() > deadline:
                raise stop  # not even the kill is answered: `run` drops the zygote

    def _reason_to_stop(self, size: int, deadline: float, cancelled: Cancelled) -> Unreadable | None:
        if cancelled():
            return endings.cancelled()
        if time.monotonic() > deadline:
            return endings.timed_out(self._timeout)
        return endings.too_large() if size > _MAX_RESULT_BYTES else None

    @staticmethod
    def _read_some(pipe: FileIO, data: bytearray) -> bool:
        piece = pipe.read(_MB)
        data += piece
        return bool(piece)

    def _drop(self) -> None:
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.close()

    def _forget_what_a_fork_left(self) -> None:
        if self._zygote is not None and self._zygote.owner != os.getpid():
            self._lock = threading.Lock()  # a thread of the parent may have held it
            self._drop()
