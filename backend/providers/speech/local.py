"""Whisper on this machine. `LocalTranscriber` fulfils `Transcriber`; the model is in the process of `listening.py`."""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from backend.domain.errors import Unavailable, Unreadable
from backend.domain.ports import Cancelled
from backend.domain.recordings import Said, Transcript
from backend.domain.sound import Heard
from backend.providers.confine import view
from backend.providers.speech import weights

_REVISION = 1
"""To be raised when our own part gives other words for the same sound."""
_IDLE_SECONDS = 60.0
"""So long the model stays in memory for what may come next."""
_POLL_SECONDS = 0.25
_PIECE = 65536
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")


class _Gone(Exception):
    """The listening process ended in the midst, or before it heard."""


class LocalTranscriber:
    """Cheap to make, safe to inherit across a fork; its process starts at first use, and leaves when nobody asks."""

    def __init__(self, engine: str, place: Path, threads: int, *, idle_seconds: float = _IDLE_SECONDS) -> None:
        """`place` is the folder that models are kept in; `threads` is what one process may use."""
        self.version = f"{engine}-{_version(engine)}/{weights.NAME}/{_REVISION}"
        self._command = [view.python(), "-P", "-m", __name__.replace("local", "listening"), engine]
        self._command += [str(place.absolute()), str(threads), str(idle_seconds)]
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def transcribe(self, path: Path, *, language: str | None, cancelled: Cancelled, heard: Heard) -> Transcript:
        """What is said in a WAV file of 16 kHz, mono, 16 bit. Raises Unavailable, Unreadable `cancelled`."""
        request = {"path": str(path), "language": language}
        if self._process is not None and self._process.owner != os.getpid():
            self._lock, self._process = threading.Lock(), None
        with self._lock:
            fresh = self._process is None
            try:
                return self._ask(request, cancelled, heard)
            except _Gone as gone:
                if fresh:
                    raise _died() from gone
            try:  # it had just left because nobody asked
                return self._ask(request, cancelled, heard)
            except _Gone as gone:
                raise _died() from gone

    def _ask(self, request: dict[str, Any], cancelled: Cancelled, heard: Heard) -> Transcript:
        process = self._process = self._process or _Process(self._command)
        done = False
        try:
            process.send(request)
            transcript = _heard(process, cancelled, heard)
            done = True
        except Unavailable:
            done = True  # it answered, and can be asked again
            raise
        finally:
            if not done:
                self._drop()
        return transcript

    def close(self) -> None:
        """End the listening process."""
        self._drop()

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


class _Process:
    """The listening process, one question at a time."""

    def __init__(self, command: list[str]) -> None:
        self.owner = os.getpid()
        self._received = b""
        self._process = subprocess.Popen(  # noqa: S603 - our own module, with our own interpreter
            command,
            env=_environment(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )

    def send(self, request: dict[str, Any]) -> None:
        """Raises _Gone."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise _Gone from error

    def hear(self) -> dict[str, Any] | None:
        """The next message, or None for the moment. Raises _Gone."""
        assert self._process.stdout is not None  # noqa: S101 - as above
        if b"\n" not in self._received:
            if not select.select([self._process.stdout], [], [], _POLL_SECONDS)[0]:
                return None
            data = self._process.stdout.read(_PIECE)
            if not data:
                raise _Gone
            self._received += data
            return self.hear() if b"\n" in self._received else None
        line, self._received = self._received.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def end(self) -> None:
        """Kill it; in a process that only inherited it, let go of it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()


def _heard(process: _Process, cancelled: Cancelled, heard: Heard) -> Transcript:
    said: list[Said] = []
    while True:
        message = process.hear()
        if cancelled():
            raise Unreadable("Listening was stopped.", code="cancelled")
        if message is None:
            continue
        if "error" in message:
            raise Unavailable(**message["error"])
        if "ended" in message:
            return Transcript(message["ended"], tuple(said))
        said.append(Said(*message["said"]))
        heard(said[-1].end)


def _died() -> Unavailable:
    return Unavailable(
        "The process that listens was stopped, or could not be started.",
        code="transcriber_unavailable",
        hint="The server may be out of memory; it is tried again.",
    )


def _version(engine: str) -> str:
    try:
        return version(engine)
    except PackageNotFoundError:
        return "missing"


def _environment() -> dict[str, str]:
    """Nothing of ours but what an interpreter needs; the packaged model is all that is ever loaded."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": view.import_path(), "HF_HUB_OFFLINE": "1"}
