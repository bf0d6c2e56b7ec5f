"""The numbers of a board: computed by one at a time, by a worker or by the first who asks."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from backend.domain.errors import Unavailable
from backend.jobs.job import KINDS, QUEUES
from backend.jobs.services import Services
from backend.store import analytics, analytics_numbers
from backend.store.analytics import Kept
from backend.store.analytics_numbers import StepOfKind

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
"""How long somebody waits for numbers that another is computing."""


class Computed(NamedTuple):
    """Numbers that are not kept yet, and the changes that are in them."""

    numbers: dict[str, Any]
    computed_at: datetime
    seen: list[int]

    def keep(self, session: Session, owner_id: int) -> None:
        """Keep them."""
        analytics.save(session, owner_id, self.numbers, computed_at=self.computed_at, seen=self.seen)


def compute(session: Session, owner_id: int) -> Computed:
    """Count everything. The changes are read first: one that comes meanwhile may be counted, but is not forgotten."""
    seen, now = analytics.marks(session, owner_id), analytics.moment(session)
    return Computed(analytics_numbers.count(session, owner_id, steps()), now, seen)


def kept(services: Services, owner_id: int) -> Kept:
    """The numbers as they were last computed; who asks first has them computed, whoever asks meanwhile waits for that.

    Those who wait hold no connection. Raises Unavailable (`still_counting`).
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with services.database.session(owner_id) as session:
            found = analytics.read(session, owner_id)
            if found is None and analytics.turn(session, owner_id):
                # the one before may have ended between the look and the turn
                found = analytics.read(session, owner_id) or _computed_now(session, owner_id)
        if found is not None:
            return found
        if time.monotonic() > until:
            raise Unavailable(
                "The numbers of this board are still being counted.",
                code="still_counting",
                hint="Ask again in a moment.",
                retry_after=5,
            )
        time.sleep(LOOK_SECONDS)


def _computed_now(session: Session, owner_id: int) -> Kept | None:
    compute(session, owner_id).keep(session, owner_id)
    return analytics.read(session, owner_id)


def steps() -> list[StepOfKind]:
    """Every step of every kind of job, in the order of the queues."""
    found = [StepOfKind(job.kind, step.name, step.queue) for job in KINDS.values() for step in job.steps]
    return sorted(found, key=lambda step: QUEUES.index(step.queue))
