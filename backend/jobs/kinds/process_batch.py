"""Many lines given at once: the job that stands for them, and waits for the jobs that do the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.jobs.job import UPLOADS, AwaitChildren, Context, Finish, Job, Stage, Step
from backend.store import batches


class Input(BaseModel):
    """What the lines are: "link" or "file"."""

    of: str = "link"


def begin(context: Context) -> AwaitChildren:
    """There is nothing to do but to wait: each line has a job of its own."""
    context.stage("working")
    return AwaitChildren(context.input["of"])


def gather(context: Context, _units: Sequence[dict[str, Any]]) -> Finish:
    """Every line has ended: count how. Lines that failed are a warning, for the others are on the board."""
    with context.services.database.session(context.owner_id) as session:
        counts = batches.counts(session, context.owner_id, [context.job_id])[context.job_id]
    lost = counts["failed"] + counts["cancelled"]
    warnings = []
    if lost:
        total = sum(counts.values())
        warnings.append({"code": "lines_failed", "message": f"{lost} of {total} lines are not on the board."})

    def write(_: Session) -> dict[str, Any]:
        return {"batch_id": str(context.job_id), "total": sum(counts.values()), "counts": counts}

    return Finish(write, warnings=warnings)


JOB = Job(
    kind=batches.KIND,
    steps=(
        Step(
            name="await",
            queue=UPLOADS,
            stages=(Stage("working", 1.0, "Working through the list..."),),
            run=begin,
            gather=gather,
        ),
    ),
    input=Input,
)
