"""Forgets what is past its time: old idempotency keys, expired tokens, used invitations, uploads given up."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.jobs import resumable
from backend.jobs.job import LOW_PRIORITY, Context, Finish, Job, Stage, Step
from backend.store import retention
from backend.store.database import EVERYONE


class Input(BaseModel):
    """Nothing to say."""


def forget(context: Context) -> Finish:
    """Delete as the machinery: these rows belong to many people, and deleting twice changes nothing."""
    context.stage("forgetting")
    with context.services.database.session(EVERYONE) as session:
        forgotten = retention.forget(session)
    forgotten["resumable_uploads"] = resumable.clean_up(context.services)
    forgotten["unfinished_files"] = context.services.blobs.sweep()

    def write(_: Session) -> dict[str, Any]:
        return {"forgotten": forgotten}

    return Finish(write)


JOB = Job(
    kind="clean_up",
    steps=(
        Step(
            name="forget",
            queue=LOW_PRIORITY,
            stages=(Stage("forgetting", 10.0, "Forgetting what is past its time..."),),
            run=forget,
        ),
    ),
    input=Input,
)
