"""The parent's hold on a zygote: start it, ask it to run or kill, hear how a run ended. See `zygote.py`."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.domain.errors import Unavailable
from backend.providers import scratch
from backend.providers.confine import bubblewrap, view
from backend.providers.confine.levels import BUBBLEWRAP

_START_SECONDS = 60.0
_FORKABLE = {
    "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MB of address space, which is what the memory limit counts
    "OPENBLAS_NUM_THREADS": "1",  # numpy and onnxruntime start threads when imported; a fork leaves them behind
    "ORT_DISABLE_TELEMETRY": "1",
}
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


class ZygoteGone(Exception):
    """The zygote was killed or left."""


class ZygoteProcess:
    """A running zygote for `target` ("module:function") at `level`, whose children may read `also`, too.

    Raises Unavailable when it cannot be started.
    """

    def __init__(self, target: str, level: str, also: Sequence[Path] = ()) -> None:
        self.owner = os.getpid()
        self._received = b""
        self._control, theirs = socket.socketpair()
        self.folder, lock = scratch.claim()
        seen = view.of(target, also, self.folder)
        outside = bubblewrap.command(seen) if level == BUBBLEWRAP else []
        zygote = [view.python(), "-P", "-m", __name__.replace("zygote_process", "zygote")]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, with our own interpreter
                [*outside, *zygote, str(theirs.fileno()), target, level, json.dumps(seen.as_json())],
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno(), lock],  # who holds the lock owns the folder
                start_new_session=True,
            )
            theirs.close()
            if not select.select([self._control], [], [], _START_SECONDS)[0]:
                raise ZygoteGone  # noqa: TRY301 - one place says what a failed start means
            self.hear()
        except (OSError, ZygoteGone) as error:
            self.close()
            raise Unavailable(
                "The reading process could not be started.",
                code="reader_unavailable",
                hint="The server may be short of memory or processes; the job is tried again.",
            ) from error
        finally:
            os.close(lock)

    def fileno(self) -> int:
        """So that `select` can wait for something to hear."""
        return self._control.fileno()

    def run(self, order: dict[str, Any], descriptors: Sequence[int]) -> None:
        """Have a child do what `order` says (`zygote.py` has its shape). Raises ZygoteGone."""
        line = json.dumps(order).encode() + b"\n"
        try:
            sent = socket.send_fds(self._control, [line], descriptors)
            self._control.sendall(line[sent:])
        except OSError as error:
            raise ZygoteGone from error

    def kill(self, number: int) -> None:
        """Have the child of that run killed; `hear` tells when it is."""
        with suppress(OSError):
            self._control.sendall(json.dumps({"kill": number}).encode() + b"\n")

    def hear(self) -> dict[str, Any]:
        """The next message. Raises ZygoteGone."""
        while b"\n" not in self._received:
            try:
                data = self._control.recv(65536)
            except OSError as error:
                raise ZygoteGone from error
            if not data:
                raise ZygoteGone
            self._received += data
        line, self._received = self._received.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        """Kill it, and by that its child; in a process that only inherited it, let go of it."""
        self._control.close()
        if self.owner == os.getpid() and hasattr(self, "_process"):
            self._process.kill()
            self._process.wait()
        if self.owner == os.getpid():
            scratch.remove(self.folder)


def _environment() -> dict[str, str]:
    """Nothing of ours but what an interpreter needs: no addresses, passwords or keys."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | _FORKABLE | {"PYTHONPATH": view.import_path()}
