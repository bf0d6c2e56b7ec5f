"""Answers a doorbell: claims what comes next on a queue and has it run.

A doorbell names the job it was rung for, but the claim takes whatever is first in turn, so that nobody's single upload
waits behind another person's thousand, and a doorbell too many finds nothing and costs one empty claim. Bulk work is
left alone where it would take the last child of a worker.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from backend.jobs.hands import Hands
from backend.jobs.job import BULK
from backend.jobs.places import ANYWHERE, Places
from backend.jobs.run_step import run_step
from backend.jobs.run_unit import run_unit
from backend.store import moves, units
from backend.store.database import DATABASE_AWAY, EVERYONE
from backend.store.jobs import JobRow
from backend.store.units import Unit

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Runner:
    """Runs jobs in one worker child; `worker` is the name that the history shows, `places` is where bulk may run."""

    hands: Hands
    worker: str
    places: Places = ANYWHERE

    def answer(self, queue: str) -> str | None:
        """Claim and run one piece of work of `queue`; its job id, or None when nothing waits. Never raises."""
        place = self.places.take()
        try:
            claimed = self._claim(queue, bulk=place is not None)
            if place is not None and (claimed is None or claimed.priority < BULK):
                self.places.give_back(place)
                place = None
            return self._run(claimed) if claimed else None
        except DATABASE_AWAY as error:
            log.warning("a doorbell was dropped, the database is away", queue=queue, error=type(error).__name__)
            return None
        finally:
            if place is not None:
                self.places.give_back(place)

    def _run(self, claimed: JobRow | Unit) -> str:
        if isinstance(claimed, Unit):
            run_unit(self.hands, claimed)
            return str(claimed.job_id)
        run_step(self.hands, claimed)
        return str(claimed.id)

    def _claim(self, queue: str, *, bulk: bool) -> JobRow | Unit | None:
        hands = self.hands
        with hands.services.database.session(EVERYONE) as session:
            known = hands.known
            heads = (moves.head(session, queue, known, bulk=bulk), units.head(session, queue, known, bulk=bulk))
            runnable = [head for head in heads if head]
            if not runnable:
                return None
            first = min(runnable, key=lambda head: (head.priority, head.turn))
            if first.ordinal is not None:
                return units.claim(session, first.job_id, first.ordinal, worker=self.worker, lease=hands.lease_seconds)
            row = moves.claim(session, first.job_id, worker=self.worker, lease=hands.lease_seconds)
            started = hands.kinds[row.kind].on_start
            if started:
                started(session, row)
            return row
