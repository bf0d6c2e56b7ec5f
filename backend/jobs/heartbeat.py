"""Keeps the lease of the work at hand alive, and learns from the same row of a cancel or of a lost lease.

One thread per worker child, with a connection of its own, so that a long transaction or a busy parser cannot let a
healthy job's lease run out.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from backend.jobs.job import Stopped
from backend.store.database import DATABASE_AWAY, Database

log = structlog.get_logger(__name__)

WATCH_SECONDS = 1.0
"""How soon a running job hears of its cancel."""

GRACE_SECONDS = 10.0
"""What work past its time limit has left to stop by itself, before its process is ended over its head."""

Ask = Callable[[Session], bool | None]
"""Answers: False, all is well; True, a cancel was asked for; None, the lease is no longer ours."""


@dataclass(frozen=True)
class Holding:
    """What is held: how to extend the lease, how to look at it, whose row it is, until when at most, and what to write
    when the work does not stop then (it checks the fence, and may raise Stopped)."""

    principal: int
    extend: Ask
    watch: Ask
    time_limit: float
    give_up: Callable[[Session], object]


@dataclass
class Lease:
    """The state of one lease, written by the heartbeat thread and read by the work."""

    holding: Holding
    started: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)
    out_of_time: threading.Event = field(default_factory=threading.Event)

    def hear(self, answer: bool | None) -> None:
        """Take in what the database said."""
        if answer is None:
            self.lost.set()
        elif answer:
            self.cancelled.set()

    def over(self) -> bool:
        """True once the work at hand has no more use."""
        return self.cancelled.is_set() or self.lost.is_set() or self.out_of_time.is_set()


def end_process() -> None:
    """End this worker child at once, whatever its main thread is caught in; the pool starts another."""
    os.kill(os.getpid(), signal.SIGKILL)


class Heartbeat:
    """The heartbeat thread of one process; started with the first lease."""

    def __init__(
        self, database: Database, *, every: float, grace: float = GRACE_SECONDS, end: Callable[[], None] = end_process
    ) -> None:
        self._database = database
        self._every, self._grace, self._end = every, grace, end
        self._lease: Lease | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def keep(self, holding: Holding) -> Iterator[Lease]:
        """Keep a lease alive while the block runs."""
        lease = Lease(holding, time.monotonic())
        with self._changed:
            self._lease = lease
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield lease
        finally:
            with self._changed:
                self._lease = None

    def _run(self) -> None:
        extended = 0.0
        current: Lease | None = None
        while True:
            with self._changed:
                self._changed.wait(timeout=min(WATCH_SECONDS, self._every))
                lease = self._lease
            if lease is None:
                continue
            if lease is not current:
                current, extended = lease, lease.started
            now = time.monotonic()
            if now - lease.started < min(WATCH_SECONDS, self._every) / 2:
                continue  # just claimed: what is over in a moment is not worth a question
            overtime = now - lease.started - lease.holding.time_limit
            if overtime > self._grace:
                self._give_up(lease)
                continue
            if overtime > 0 and not lease.out_of_time.is_set():
                lease.out_of_time.set()
                log.warning("the step ran over its time limit", seconds=lease.holding.time_limit)
            if lease.lost.is_set():
                continue
            due = now - extended >= self._every
            if self._ask(lease, lease.holding.extend if due else lease.holding.watch) and due:
                extended = now

    def _give_up(self, lease: Lease) -> None:
        """The work does not stop: an endless loop must not keep this child for ever, and then the next one."""
        log.error("the step did not stop at its time limit, this worker child ends itself")
        try:
            with self._database.session(lease.holding.principal) as session:
                lease.holding.give_up(session)
        except (Stopped, *DATABASE_AWAY) as error:
            log.warning("the end of a try could not be written", error=type(error).__name__)
        self._end()

    def _ask(self, lease: Lease, ask: Ask) -> bool:
        """One question to the database; False when it could not be asked (the next beat tries again)."""
        try:
            with self._database.session(lease.holding.principal) as session:
                lease.hear(ask(session))
        except DATABASE_AWAY as error:
            log.warning("the heartbeat could not reach the database", error=type(error).__name__)
            return False
        return True
