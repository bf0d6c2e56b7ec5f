"""How long one request may take, how much may come, and whether anybody still wants it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from backend.domain.errors import Unreadable
from backend.domain.ports import Cancelled

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The bounds of one fetch; times in seconds, sizes in bytes."""

    connect: float = 10.0
    head: float = 30.0
    """Until the headers are there, redirects not counted together."""
    silence: float = 20.0
    total: float = 600.0
    head_bytes: int = 128 * 1024
    most_bytes: int = 1024 * MB
    """On the way and unpacked, each."""
    ratio: int = 200
    """Unpacked to packed, once more than `ratio_from` bytes are unpacked."""
    ratio_from: int = 16 * MB
    slow_window: float = 30.0
    slow_bytes: int = 4096
    """Less than this in a window is no download but a trap."""


@dataclass
class Watch:
    """Watches over one fetch and all its redirects."""

    limits: Limits
    cancelled: Cancelled
    _ends: float = 0.0
    _head_ends: float = 0.0
    _head_left: int = 0
    _in_head: bool = False
    _window: tuple[float, int] = field(default=(0.0, 0))

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.limits.total

    def begin(self) -> None:
        """A request begins: its headers are waited for."""
        self._head_ends = min(self._ends, time.monotonic() + self.limits.head)
        self._head_left, self._in_head = self.limits.head_bytes, True

    def head_done(self) -> None:
        """The headers are there, the body comes."""
        self._in_head = False
        self._window = (time.monotonic(), 0)

    def left(self) -> float:
        """Seconds that may still pass. Raises Unreadable (`timed_out`)."""
        left = (self._head_ends if self._in_head else self._ends) - time.monotonic()
        if left <= 0:
            raise timed_out()
        return left

    def wanted(self) -> None:
        """Raises Unreadable (`cancelled`) when nobody waits for this any more."""
        if self.cancelled():
            raise Unreadable("Fetching was stopped.", code="cancelled")

    def count(self, size: int) -> None:
        """So many bytes came over the wire. Raises Unreadable (`timed_out`, `site_error`)."""
        if self._in_head:
            self._head_left -= size
            if self._head_left < 0:
                raise Unreadable("The site sends headers without an end.", code="site_error", hint="Try another page.")
            return
        began, so_far = self._window
        if time.monotonic() - began < self.limits.slow_window:
            self._window = (began, so_far + size)
            return
        if so_far + size < self.limits.slow_bytes:
            raise timed_out()
        self._window = (time.monotonic(), 0)


def timed_out() -> Unreadable:
    """It took longer than one page may take."""
    return Unreadable(
        "The site took too long to answer.",
        code="timed_out",
        hint="Try again later, or save the page in your browser and upload the file.",
        retryable=True,
    )
