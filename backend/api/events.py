"""Changes of jobs as server-sent events: the same facts as the status, only sooner. Polling is enough by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.encoders import jsonable_encoder
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from backend.api.deps import ReadAccess, ServicesDep
from backend.domain import cursors
from backend.jobs.services import Services
from backend.jobs.status import status, surroundings
from backend.store import job_lists, jobs, queues
from backend.store.database import DATABASE_AWAY
from backend.store.jobs import JobRow

POLL_SECONDS = 0.7
QUIET_SECONDS = 15.0
OVERLAP = timedelta(seconds=5)
"""A transaction may commit a little after the time it wrote: look back this far, and send nothing twice."""

router = APIRouter(tags=["jobs"])

EventId = Annotated[str | None, Header(alias="Last-Event-ID")]


@router.get("/events", response_class=StreamingResponse)
async def events(
    request: Request, services: ServicesDep, principal: ReadAccess, last_event_id: EventId = None
) -> StreamingResponse:
    """Every change of one's own jobs: `event: job`, data as in the status."""
    return _stream(request, services, principal.user_id, None, last_event_id)


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse)
async def job_events(
    job_id: UUID, request: Request, services: ServicesDep, principal: ReadAccess, last_event_id: EventId = None
) -> StreamingResponse:
    """Every change of one job, from its present state to its end."""
    await run_in_threadpool(_must_exist, services, principal.user_id, job_id)
    return _stream(request, services, principal.user_id, job_id, last_event_id)


def _must_exist(services: Services, owner_id: int, job_id: UUID) -> None:
    with services.database.session(owner_id) as session:
        jobs.get(session, owner_id, job_id)


def _stream(
    request: Request, services: Services, owner_id: int, job_id: UUID | None, last_event_id: str | None
) -> StreamingResponse:
    since = cursors.moment(last_event_id) if last_event_id else None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    lines = _lines(request, services, owner_id, job_id, since)
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _lines(
    request: Request, services: Services, owner_id: int, job_id: UUID | None, since: datetime | None
) -> AsyncIterator[str]:
    sent: dict[UUID, int] = {}
    quiet = 0.0
    yield "retry: 2000\n\n"
    while not await request.is_disconnected():
        try:
            rows, since = await run_in_threadpool(_changed, services, owner_id, job_id, since, sent)
        except DATABASE_AWAY:
            rows = []
        for row in rows:
            sent[row.id] = row.version
            body = jsonable_encoder(status(row, surroundings(services.database, [row]).get(str(row.id))))
            yield f"id: {row.updated_at.isoformat()}\nevent: job\ndata: {json.dumps(body)}\n\n"
            if job_id is not None and row.finished_at is not None:
                return
        quiet = 0.0 if rows else quiet + POLL_SECONDS
        if quiet >= QUIET_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"  # a proxy closes a silent connection
        await asyncio.sleep(POLL_SECONDS)


def _changed(
    services: Services, owner_id: int, job_id: UUID | None, since: datetime | None, sent: dict[UUID, int]
) -> tuple[list[JobRow], datetime]:
    """The rows to tell of, and the time from which to look next."""
    with services.database.session(owner_id) as session:
        now = queues.now(session)
        if job_id is not None:
            rows = [jobs.get(session, owner_id, job_id)]
        else:
            rows = job_lists.changed_since(session, owner_id, (since or now).astimezone(UTC) - OVERLAP)
        fresh = [row for row in rows if sent.get(row.id) != row.version]
        if since is None and job_id is None:
            # a new listener hears of what happens from now on; what is there it has read already
            sent.update({row.id: row.version for row in rows})
            fresh = []
    return fresh, now
