"""Jobs that come with the clock instead of with a person."""

from __future__ import annotations

from backend.jobs.enqueue import enqueue_unless_open
from backend.jobs.job import BULK, KINDS
from backend.jobs.services import Services
from backend.store import users
from backend.store.database import EVERYONE


def plan(services: Services, kind: str) -> list[str]:
    """Enqueue a job of `kind`: for each person for whom its `due` says so, or, without one, for the board's owner.

    The ids of the new jobs; none for whom one is open already, and none at all while it is not `needed`. A transaction
    for each person, under that person's own wall.
    """
    job = KINDS[kind]
    if job.needed is not None and not job.needed(services):
        return []
    planned = []
    for owner_id in _people(services, everyone=job.due is not None):
        with services.database.session(owner_id) as session:
            if job.due is not None and not job.due(session, owner_id):
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


def _people(services: Services, *, everyone: bool) -> list[int]:
    """All who have an account that is not closed, or the board's owner alone."""
    with services.database.session(EVERYONE) as session:
        if everyone:
            return [user.id for user in users.everyone(session) if user.disabled_at is None]
        owner_id = users.board_owner(session)
    return [] if owner_id is None else [owner_id]
