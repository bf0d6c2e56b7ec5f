"""Rings for waiting work, takes back what dead workers held, and sends a canary through every queue.

Any number of dispatchers may run (each API process and the beat process have one): rows are locked with SKIP LOCKED,
so no two ring or reap the same one. Nothing is published while a row is locked.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from backend.jobs import finish
from backend.jobs.job import QUEUES, Job
from backend.jobs.states import PENDING
from backend.settings import Settings
from backend.store import children, doorbells, jobs, moves, queues, units
from backend.store.database import DATABASE_AWAY, EVERYONE, Database
from backend.store.doorbells import Doorbell

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
LOST_AFTER_SECONDS = 2.0
"""With the broker's queue seen empty, a doorbell older than this is taken for lost."""


class Broker(Protocol):
    """The way to the workers. Every call fails fast."""

    def ring(self, queue: str, bell: Doorbell) -> None:
        """Publish a doorbell. Raises OSError or the client's error when the broker is away."""
        ...

    def canary(self, queue: str) -> None:
        """Publish a canary."""
        ...

    def depth(self, queue: str) -> int:
        """How many messages wait in the broker's queue."""
        ...


def ring_due(database: Database, broker: Broker, queue: str, window: int) -> int:
    """Ring for what waits on `queue`, as far as the window allows; how many doorbells were published."""
    with database.session(EVERYONE) as session:
        bells = doorbells.take(session, queue, window)
    if not bells:
        return 0
    try:
        for bell in bells:
            broker.ring(queue, bell)
    except Exception as error:  # noqa: BLE001 - whatever the broker client raises means the same: ring again later
        log.warning("the broker could not be reached, the doorbells will be rung again", error=type(error).__name__)
        _note(database, queue, ok=False)
        return 0
    return len(bells)


def _note(database: Database, queue: str, *, ok: bool) -> None:
    with database.session(EVERYONE) as session:
        queues.published(session, queue, ok=ok)


@dataclass
class Reaper:
    """Takes back what dead or frozen workers held."""

    database: Database
    kinds: Mapping[str, Job]

    def reap(self) -> int:
        """One round; how many jobs and units were taken back or ended."""
        with self.database.session(EVERYONE) as session:
            lost = doorbells.lost_jobs(session)
            for row in lost:
                job = self.kinds.get(row.kind)
                if row.cancel_requested_at is not None:
                    finish.revoke(session, row, job)
                elif row.attempt >= row.max_attempts:
                    finish.fail(session, row, job, died(row.attempt, row.stage))
                else:
                    moves.wait(session, row, PENDING, delay=0, message="The worker died; starting again", error=None)
                log.warning("a lease ran out", job_id=str(row.id), worker=row.worker, attempt=row.attempt)
        return len(lost) + self._reap_units() + self._reap_parents()

    def _reap_units(self) -> int:
        with self.database.session(EVERYONE) as session:
            lost = doorbells.lost_units(session)
            for unit in lost:
                if unit.attempt < unit.max_attempts:
                    units.wait(session, unit, PENDING, delay=0, error=None)
                    continue
                row = jobs.by_id(session, unit.job_id)
                percent = row.percent if row else 0.0
                bounds = (percent, percent)  # the counter of the job moves, its percent follows with the next unit
                finish.unit_done(session, unit, result=None, error=died(unit.attempt, unit.span), bounds=bounds)
        return len(lost)

    def _reap_parents(self) -> int:
        """Parents learn here, within a second, how far their children are: no child ever waits for its parent's row."""
        with self.database.session(EVERYONE) as session:
            waiting = children.behind(session)
            for row in waiting:
                job = self.kinds.get(row.kind)
                bounds = finish.stage_bounds(job, job.step(row.step), row.stage) if job else (row.percent, row.percent)
                finish.children_ended(session, row, bounds)
        return len(waiting)


def died(times: int, where: str) -> dict[str, object]:
    """The error of work that killed every worker that tried it."""
    return {
        "code": "worker_died",
        "message": f"The worker died {times} times while at “{where}”.",
        "hint": "The file may be more than this machine can hold. Retry when it has more memory, or split the file.",
        "retryable": True,
    }


class Dispatcher:
    """Two threads that keep the queues moving; `ring` wakes the ringing one at once for a queue.

    The reaper has a thread of its own: it needs the database only, and a frozen broker must not hold it up.
    """

    def __init__(self, database: Database, broker: Broker, settings: Settings, kinds: Mapping[str, Job]) -> None:
        self._database, self._broker, self._settings = database, broker, settings
        self._reaper = Reaper(database, kinds)
        self._wanted: set[str] = set()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._threads = (
            threading.Thread(target=self._run, name="dispatcher", daemon=True),
            threading.Thread(target=self._reap, name="reaper", daemon=True),
        )

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop them after their present round."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=10)

    def ring(self, queue: str) -> None:
        """There is work on `queue`: returns at once, never raises."""
        self._wanted.add(queue)
        self._wake.set()

    def _run(self) -> None:
        tick = 0.0
        while not self._stop.is_set():
            self._wake.wait(timeout=max(0.0, tick - time.monotonic()))
            self._wake.clear()
            wanted, self._wanted = self._wanted, set()
            if time.monotonic() >= tick:
                tick = time.monotonic() + TICK_SECONDS
                self._guard(self._canaries)
                self._guard(self._find_lost_doorbells)
                wanted = set(QUEUES)
            for queue in wanted:
                self._guard(functools.partial(self._ring, queue))

    def _reap(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            self._guard(self._reaper.reap)

    def _guard(self, work: Callable[[], object]) -> None:
        """One bad round must not end the dispatcher: everything waits for it."""
        try:
            work()
        except DATABASE_AWAY as error:
            log.warning("the dispatcher could not reach the database", error=type(error).__name__)
        except Exception:
            log.exception("a round of the dispatcher failed")

    def _ring(self, queue: str) -> None:
        ring_due(self._database, self._broker, queue, self._settings.doorbells_per_queue)

    def _canaries(self) -> None:
        with self._database.session(EVERYONE) as session:
            due = queues.canaries_due(session, self._settings.canary_seconds)
        for queue in due:
            try:
                self._broker.canary(queue)
            except Exception as error:  # noqa: BLE001 - as in ring_due
                log.warning("no canary could be sent", queue=queue, error=type(error).__name__)
                _note(self._database, queue, ok=False)
            else:
                _note(self._database, queue, ok=True)

    def _find_lost_doorbells(self) -> None:
        """An empty queue in the broker while rung work waits: the broker lost its memory, ring again at once."""
        with self._database.session(EVERYONE) as session:
            rung = [name for name, health in queues.health(session).items() if health.waiting]
        for queue in rung:
            try:
                empty = self._broker.depth(queue) == 0
            except Exception as error:  # noqa: BLE001 - as in ring_due
                log.debug("the depth of a queue is not known", queue=queue, error=type(error).__name__)
                continue
            if empty:
                with self._database.session(EVERYONE) as session:
                    doorbells.ring_again(session, queue, older=LOST_AFTER_SECONDS)
