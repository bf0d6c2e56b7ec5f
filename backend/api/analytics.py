"""The numbers of a board: what is on it, how it grows, what failed, how long work waits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.deps import ReadAccess, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain.analytics import is_stale
from backend.jobs import analytics
from backend.jobs.enqueue import enqueue_unless_open


class Totals(BaseModel):
    """Of the whole board, without its trash. `failed` documents could not be read at all."""

    documents: int
    passages: int
    concepts: int
    clusters: int
    bytes: int
    characters: int
    words: int
    reading_minutes: int
    duplicates_groups: int
    failed: int


class Day(BaseModel):
    """What was added on one day (UTC) and is still there; days without anything are left out."""

    day: date
    documents: int
    bytes: int


class ByType(BaseModel):
    """Documents of one family of types."""

    name: str
    documents: int
    bytes: int


class ByName(BaseModel):
    """Documents in one language, or from one source: a site, or file, text, image."""

    name: str
    documents: int


class ById(BaseModel):
    """Documents of one cluster or concept."""

    id: int
    name: str
    documents: int


class ByTag(ById):
    """Documents with one tag."""

    colour: str


class Cause(BaseModel):
    """A cause of failures: documents that stand failed, and jobs of the last seven days that had no document."""

    code: str
    count: int
    message: str
    last_at: datetime


class QueueTimes(BaseModel):
    """Steps of jobs that ended in the last seven days: seconds they waited and ran; null where there were none."""

    queue: str
    jobs: int
    wait_p50: float | None
    wait_p95: float | None
    run_p50: float | None
    run_p95: float | None


class Analytics(BaseModel):
    """The numbers as they were computed at `computed_at`; `stale` when something changed since, or an hour has gone."""

    computed_at: datetime
    stale: bool
    age_seconds: float
    totals: Totals
    growth: list[Day]
    by_type: list[ByType]
    by_cluster: list[ById]
    by_concept: list[ById]
    by_language: list[ByName]
    by_source: list[ByName]
    by_tag: list[ByTag]
    failures: list[Cause]
    queues: list[QueueTimes]


class Refreshing(BaseModel):
    """The job that computes the numbers anew."""

    job_id: UUID
    message: str


router = APIRouter(tags=["analytics"])


@router.get("/analytics", response_model=Analytics)
def analytics_read(
    services: ServicesDep,
    principal: ReadAccess,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    """The numbers of one's own board, from where they are kept; counted at once when they never were."""
    kept = analytics.kept(services, principal.user_id)
    stale = is_stale(changed=kept.changed, age_seconds=kept.age_seconds)
    # weak: the age moves on while the numbers do not
    etag = f'W/"{kept.etag}{"-stale" if stale else ""}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and etag in (tag.strip() for tag in if_none_match.split(",")):
        return Response(status_code=304, headers=headers)
    body: dict[str, Any] = {
        "computed_at": kept.computed_at.isoformat(),
        "stale": stale,
        "age_seconds": round(kept.age_seconds, 1),
        **kept.numbers,
    }
    return JSONResponse(body, headers=headers)


@router.post("/analytics/refresh", status_code=202, response_model=Refreshing)
def analytics_refresh(services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Compute the numbers anew; whoever asks while that is being done gets the same job."""
    queues: list[str] = []

    def begin() -> Answer:
        row, new = enqueue_unless_open(
            session,
            kind="refresh_analytics",
            owner_id=principal.user_id,
            input={},
            max_attempts=services.settings.max_attempts,
        )
        if new:
            queues.append(row.queue)
        body = Refreshing(job_id=row.id, message="Counting what is on the board.")
        return Answer(body, status=202, headers={"Location": f"/jobs/{row.id}/status"})

    with services.database.session(principal.user_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response
