"""Proves the walls: sends a child into the sandbox that tries to break out, against canaries made for it."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.domain.errors import BoardError
from backend.domain.walls import KEPT_FROM, Walls
from backend.providers.confine import levels
from backend.providers.sandbox import Sandbox

_log = logging.getLogger(__name__)

_TARGET = "backend.providers.confine.attempts:attempt"
_PATIENCE_SECONDS = 30.0
_MEMORY = 512 * 1024**2
_KEPT_SECONDS = 3600.0


class Examiner:
    """Knows the walls around readers of this process. `place` is a folder beside what has to be kept from them."""

    def __init__(self, place: Path, level: str | None = None) -> None:
        self._place = place
        self._level = level
        self._known = Walls("unknown")
        self._known_until = 0.0
        self._at_it = threading.Lock()

    def known(self) -> Walls:
        """What was found within the last hour; never waits: at first it is "unknown", and somebody goes to look."""
        if time.monotonic() > self._known_until and self._at_it.acquire(blocking=False):
            self._known_until = time.monotonic() + _KEPT_SECONDS
            threading.Thread(target=self._look, name="examine-walls", daemon=True).start()
        return self._known

    def _look(self) -> None:
        try:
            self._known = self.examine()
        except (BoardError, OSError):
            _log.exception("The sandbox could not be examined")
            self._known_until = 0.0
        finally:
            self._at_it.release()

    def examine(self) -> Walls:
        """Try it now: a fifth of a second. Raises BoardError or OSError when there is nothing to try it in or with."""
        sandbox = Sandbox(_TARGET, timeout_seconds=_PATIENCE_SECONDS, memory_bytes=_MEMORY, level=self._level)
        try:
            with canaries(self._place) as (request, tripped):
                reached = {*sandbox.run(request, cancelled=lambda: False)["reached"], *tripped()}
        finally:
            sandbox.close()
        why_not = levels.best().why_not if self._level is None else {}
        return Walls(sandbox.level, {name: name not in reached for name in KEPT_FROM}, why_not)


@contextmanager
def canaries(place: Path) -> Iterator[tuple[dict[str, Any], Callable[[], set[str]]]]:
    """Arguments for `confine.attempts.attempt`, and a question that does not depend on its word: what was touched?"""
    place.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".canary-", dir=place) as folder,
        _listener() as listener,
        _process() as process,
    ):
        secret = Path(folder).resolve() / "secret"
        secret.write_text("nobody's business")

        def tripped() -> set[str]:
            seen = {"network"} if _heard_somebody(listener) else set()
            return seen | {"writing"} if len(list(Path(folder).iterdir())) > 1 else seen

        yield {"secret": str(secret), "port": listener.getsockname()[1], "process": process.pid}, tripped


def _listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    return listener


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    """One that does nothing but wait for the end of its input."""
    with subprocess.Popen([sys.executable, "-ISc", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as it:
        yield it


def _heard_somebody(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
