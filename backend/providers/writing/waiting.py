"""Waiting for an answer that may not come in time, or that nobody wants any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from backend.domain.errors import Unreadable
from backend.domain.ports import Cancelled

POLL_SECONDS = 0.1

Answer = TypeVar("Answer")


class Late(Exception):
    """There was no answer in time."""


def within(seconds: float, ask: Callable[[], Answer], cancelled: Cancelled) -> Answer:
    """What `ask` gives, waited for in a thread, which is left to itself when its answer is not wanted any more.

    A limit on each read is not enough: a server that sends a byte now and then would hold the worker for ever.
    Raises Late, Unreadable (`cancelled`), and whatever `ask` raises.
    """
    found: list[Answer] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            found.append(ask())
        except Exception as error:  # noqa: BLE001  raised again below, in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=work, name="writing", daemon=True)
    thread.start()
    until = time.monotonic() + seconds
    while thread.is_alive():
        thread.join(POLL_SECONDS)
        check(cancelled)
        if time.monotonic() > until and thread.is_alive():
            raise Late
    if failed:
        raise failed[0]
    return found[0]


def pause(seconds: float, cancelled: Cancelled) -> None:
    """Wait. Raises Unreadable (`cancelled`)."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(POLL_SECONDS, left))
        check(cancelled)


def check(cancelled: Cancelled) -> None:
    """Raises Unreadable (`cancelled`)."""
    if cancelled():
        raise Unreadable("Writing was stopped.", code="cancelled")
