"""Sending to the board, again and again until it is there: small files in one request, large ones piece by piece."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import uuid4

import httpx

from backend.commands import client
from backend.commands.pieces import Transfer
from backend.commands.sources import Source
from backend.domain import errors

LARGE = 8 * 1024 * 1024
"""Bytes from which on an upload must not begin anew when its line breaks."""
TRIES = 6
TRIES_AT_A_FAULT = 2
"""A fault of the server is likely to come again; only an outage or a full queue is worth patience."""
UPLOAD_TIMEOUT = httpx.Timeout(120.0, connect=5.0)


@dataclass(frozen=True)
class Note:
    """What a person says about what is sent."""

    password: str | None = None
    description: str | None = None

    def given(self) -> dict[str, str]:
        """What was said."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass
class Journey:
    """What sending reports to, and what may end it: `moved` hears how many bytes went, negative when they did not."""

    moved: Callable[[int], None] = lambda _size: None
    stopped: threading.Event = field(default_factory=threading.Event)

    def count(self, size: int) -> None:
        """So many bytes went. Raises KeyboardInterrupt once it is to end."""
        self.moved(size)
        if self.stopped.is_set():
            raise KeyboardInterrupt

    def pause(self, seconds: float) -> None:
        """Wait. Raises KeyboardInterrupt once it is to end."""
        if self.stopped.wait(seconds):
            raise KeyboardInterrupt


class Metered:
    """A file that tells how much of it was read. It has `fileno`, so httpx knows its length and streams it."""

    def __init__(self, file: BinaryIO, moved: Callable[[int], None]) -> None:
        self.file = file
        self.moved = moved
        self.sent = 0

    def fileno(self) -> int:
        return self.file.fileno()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sent += len(data)
        self.moved(len(data))
        return data


def send(board: client.Board, source: Source, note: Note, journey: Journey) -> dict[str, Any]:
    """The server's answer for a file: its job and document. Raises the server's refusals, OSError."""
    if source.size < LARGE and not note.description:
        return _in_one_request(board, source, note, journey)
    metadata = {"filename": source.name, **note.given()}
    return Transfer(board, source, metadata, journey.count, journey.pause).run()


def _in_one_request(board: client.Board, source: Source, note: Note, journey: Journey) -> dict[str, Any]:
    def attempt(key: str) -> httpx.Response:
        with source.path.open("rb") as file:
            metered = Metered(file, journey.count)
            try:
                return board.send(
                    "POST",
                    "/upload_file",
                    data=note.given(),
                    files={"file": (source.name, metered)},
                    headers={"Idempotency-Key": key},
                    timeout=UPLOAD_TIMEOUT,
                )
            except errors.BoardError:
                journey.moved(-metered.sent)
                raise

    accepted: dict[str, Any] = persistently(attempt, journey).json()
    return accepted


def post(board: client.Board, path: str, body: Any, journey: Journey) -> Any:
    """The answer to something small that must take effect once."""
    return persistently(
        lambda key: board.send("POST", path, json=body, headers={"Idempotency-Key": key}, timeout=UPLOAD_TIMEOUT),
        journey,
    ).json()


def persistently(attempt: Callable[[str], httpx.Response], journey: Journey) -> httpx.Response:
    """Ask again with the same key after a lost connection or a full queue: it stays one job."""
    key = str(uuid4())
    for number in range(1, TRIES + 1):
        try:
            return attempt(key)
        except errors.BoardError as error:
            patient = isinstance(error, errors.Unavailable | errors.TooMany)
            if not error.retryable or number >= (TRIES if patient else TRIES_AT_A_FAULT):
                raise
            journey.pause(min(error.retry_after or 2 ** (number - 1), 60))
    raise AssertionError("the last try returns or raises")
