"""Jobs that come with the clock instead of with a person."""

from __future__ import annotations

from backend.jobs.enqueue import enqueue
from backend.jobs.job import BULK
from backend.jobs.services import Services
from backend.store import jobs, users
from backend.store.database import EVERYONE


def plan(services: Services, kind: str) -> str | None:
    """Enqueue a job of `kind` for the owner of the board; its id, or None when there is no owner or one is open."""
    with services.database.session(EVERYONE) as session:
        owner_id = users.board_owner(session)
        if owner_id is None or jobs.any_open(session, kind):
            return None
        row = enqueue(
            session,
            kind=kind,
            owner_id=owner_id,
            input={},
            priority=BULK,
            max_attempts=services.settings.max_attempts,
        )
    services.ring(row.queue)
    return str(row.id)
