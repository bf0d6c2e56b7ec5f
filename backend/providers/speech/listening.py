"""The process that listens: `python -m backend.providers.speech.listening ENGINE PLACE THREADS IDLE`.

It hears sound that we decoded ourselves, so it is no sandbox. It is a process of its own because a model takes 300 MB,
which go with it when nobody has asked for IDLE seconds, and because native code can be stopped only by its end. Here is
how it talks with `local.py`, one JSON object per line:

    stdin  <- {"path": a WAV file (16 kHz, mono, 16 bit), "language": "en" or null}
    stdout -> {"said": [start, end, text]} …, then {"ended": language} or {"error": {"code", "message", …}}

The end of stdin, or of the parent, is the end of it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import wave
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import BoardError, Unavailable
from backend.providers.confine import kernel
from backend.providers.speech import weights

ENGINES = {"faster-whisper": "by_faster_whisper", "openai-whisper": "by_openai_whisper"}


def main() -> None:
    """Answer until nobody asks any more."""
    name, place, threads, idle = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no reply
    engine: Any = None
    while request := _asked(idle):
        try:
            engine = engine or _load(name, place, threads)
            _answer(engine, request, replies)
        except BoardError as error:
            _say(replies, {"error": error.as_json()})


def _asked(idle: float) -> dict[str, Any] | None:
    if not select.select([0], [], [], idle)[0]:
        return None
    line = sys.stdin.readline()
    request: dict[str, Any] | None = json.loads(line) if line else None
    return request


def _load(name: str, place: Path, threads: int) -> Any:
    try:
        module = importlib.import_module(f"backend.providers.speech.{ENGINES[name]}")
    except ImportError as error:
        raise Unavailable(
            f"The speech engine {name} is not installed ({error.name} is missing).",
            code="model_missing",
            hint="Install requirements-whisper.txt, or choose SPEECH_ENGINE=faster-whisper.",
            retryable=False,
        ) from error
    return module.Engine(weights.prepared(place), threads)


def _answer(engine: Any, request: dict[str, Any], replies: IO[str]) -> None:
    language, found = engine.transcribe(_samples(request["path"]), request["language"])
    heard = False
    for said in found:
        heard = True
        _say(replies, {"said": said})
    _say(replies, {"ended": language if heard else None})


def _samples(path: str) -> NDArray[np.float32]:
    with wave.open(path, "rb") as file:
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, np.int16).astype(np.float32) / np.float32(32768)


def _say(replies: IO[str], message: dict[str, Any]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    main()
