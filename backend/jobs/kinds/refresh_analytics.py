"""Computes the numbers of a board anew."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.jobs import analytics
from backend.jobs.job import LOW_PRIORITY, Context, Finish, Job, Stage, Step
from backend.store import analytics as stored

KIND = "refresh_analytics"


class Input(BaseModel):
    """Nothing to say: the board is that of the job's owner."""


def refresh(context: Context) -> Finish:
    """Count with nothing locked, and keep the numbers when the job ends."""
    context.stage("counting")
    owner_id = context.owner_id
    with context.services.database.session(owner_id) as session:
        computed = analytics.compute(session, owner_id)

    def write(session: Session) -> dict[str, Any]:
        computed.keep(session, owner_id)
        return {"computed_at": computed.computed_at.isoformat(), "documents": computed.numbers["totals"]["documents"]}

    return Finish(write)


def due(session: Session, owner_id: int) -> bool:
    """Whether the clock should start one for this person."""
    return stored.due(session, owner_id, KIND)


JOB = Job(
    kind=KIND,
    steps=(
        Step(
            name="refresh",
            queue=LOW_PRIORITY,
            stages=(Stage("counting", 10.0, "Counting what is on the board..."),),
            run=refresh,
        ),
    ),
    input=Input,
    due=due,
)
