"""Jobs that come with the clock instead of with a person."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from backend.jobs.enqueue import enqueue, enqueue_unless_open
from backend.jobs.job import BULK, KINDS
from backend.jobs.services import Services
from backend.store import jobs, users
from backend.store.database import EVERYONE

Due = Callable[[Session, int], bool]
"""`due(session, owner_id)`: whether this person needs the job now."""


def plan(services: Services, kind: str) -> list[str]:
    """Enqueue a job of `kind`: for each person for whom its `due` says so, or, without one, for the board's owner.

    The ids of the new jobs; none for whom one is open already, and none at all while it is not `needed`.
    """
    job = KINDS[kind]
    if job.needed is not None and not job.needed(services):
        return []
    return plan_each(services, kind, job.due) if job.due is not None else _plan_for_owner(services, kind)


def plan_each(services: Services, kind: str, due: Due) -> list[str]:
    """Enqueue a job of `kind` for each person for whom it is due and none is open; the ids of the new ones.

    A transaction for each, under that person's own wall.
    """
    with services.database.session(EVERYONE) as session:
        people = [user.id for user in users.everyone(session) if user.disabled_at is None]
    planned = []
    for owner_id in people:
        with services.database.session(owner_id) as session:
            if not due(session, owner_id):
                continue
            row, new = enqueue_unless_open(
                session,
                kind=kind,
                owner_id=owner_id,
                input={},
                priority=BULK,
                max_attempts=services.settings.max_attempts,
            )
        if new:
            planned.append(str(row.id))
            services.ring(row.queue)
    return planned


def _plan_for_owner(services: Services, kind: str) -> list[str]:
    with services.database.session(EVERYONE) as session:
        owner_id = users.board_owner(session)
        if owner_id is None or jobs.any_open(session, kind):
            return []
        row = enqueue(
            session,
            kind=kind,
            owner_id=owner_id,
            input={},
            priority=BULK,
            max_attempts=services.settings.max_attempts,
        )
    services.ring(row.queue)
    return [str(row.id)]
