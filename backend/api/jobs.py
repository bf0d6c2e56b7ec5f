"""Jobs: their history and their lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.api.deps import Limit, ReadAccess, ServicesDep
from backend.api.job_status import JobStatus, State
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.jobs import states
from backend.jobs.status import status, surroundings
from backend.store import attempts, job_lists, jobs, units


class JobItem(JobStatus):
    """A job in a list."""

    filename: str | None = None
    retried_as: UUID | None = None


class StageTime(BaseModel):
    """When a try entered a stage."""

    stage: str
    started_at: datetime


class Attempt(BaseModel):
    """One try at one step; `outcome` is null while it runs."""

    step: str
    attempt: int
    worker: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    error: dict[str, Any] | None
    stages: list[StageTime]


class UnitItem(BaseModel):
    """One unit of the job."""

    span: str
    state: State
    attempt: int
    error: dict[str, Any] | None
    reused: bool


class JobDetail(JobItem):
    """A job with its history."""

    history: list[Attempt]
    units: list[UnitItem]


class JobList(BaseModel):
    """A page of jobs; `counts` are over all of the person's jobs."""

    items: list[JobItem]
    next_cursor: str | None
    total: int
    counts: dict[str, int]


router = APIRouter(tags=["jobs"])


@router.get("/jobs/{job_id}")
def job_detail(job_id: UUID, services: ServicesDep, principal: ReadAccess) -> JobDetail:
    """A job with its history: every try, the times of its stages, its units."""
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        row = jobs.get(session, owner_id, job_id)
        history = attempts.of_job(session, owner_id, job_id)
        parts = units.of_job(session, owner_id, job_id)
        extra = _extra(row, job_lists.filenames(session, owner_id, [row]), jobs.retried_as(session, [row.id]))
    around = surroundings(services.database, [row]).get(str(row.id))
    return JobDetail.model_validate(
        {
            **status(row, around),
            **extra,
            "history": [Attempt.model_validate(entry, from_attributes=True) for entry in history],
            "units": [UnitItem.model_validate(unit, from_attributes=True) for unit in parts],
        }
    )


def _extra(row: jobs.JobRow, filenames: dict[int, str], again: dict[UUID, UUID]) -> dict[str, Any]:
    return {"filename": filenames.get(row.document_id or 0), "retried_as": again.get(row.id)}


def chosen_states(text: str | None) -> list[str] | None:
    if not text:
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in job_lists.GROUPS and name not in (*states.OPEN, *states.FINISHED):
            raise InvalidInput(
                f"There is no state “{name[:40]}”.",
                code="unknown_state",
                hint=f"Use {', '.join((*states.OPEN, *states.FINISHED, *job_lists.GROUPS))}.",
            )
    return names


def _ids(text: str | None) -> list[UUID] | None:
    if not text:
        return None
    try:
        return [UUID(part) for part in text.split(",")[:100]]
    except ValueError:
        raise InvalidInput(
            "One of the ids is not a job id.", code="invalid_id", hint="Send UUIDs with commas."
        ) from None


@router.get("/jobs")
def job_list(
    services: ServicesDep,
    principal: ReadAccess,
    state: str | None = None,
    kind: str | None = None,
    queue: str | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    ids: Annotated[str | None, Query(max_length=4000, description="Up to 100 job ids.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> JobList:
    """Jobs, newest first. `state`: states, or attention, running, waiting, done; several with commas."""
    owner_id = principal.user_id
    chosen = job_lists.Filter(chosen_states(state), kind, queue, q, _ids(ids))
    after = None
    if cursor:
        at, last = cursors.decode(cursor, 2)
        after = cursors.moment(at), cursors.uuid(last)
    with services.database.session(owner_id) as session:
        rows = job_lists.page(session, owner_id, chosen, after=after, limit=limit + 1)
        total = job_lists.total(session, owner_id, chosen)
        counts = job_lists.counts(session, owner_id)
        shown = rows[:limit]
        names = job_lists.filenames(session, owner_id, shown)
        again = jobs.retried_as(session, [row.id for row in shown])
    around = surroundings(services.database, shown)
    items = [
        JobItem.model_validate({**status(row, around.get(str(row.id))), **_extra(row, names, again)}) for row in shown
    ]
    more = len(rows) > limit
    next_cursor = cursors.encode(shown[-1].created_at.isoformat(), str(shown[-1].id)) if more else None
    return JobList(items=items, next_cursor=next_cursor, total=total, counts=counts)
