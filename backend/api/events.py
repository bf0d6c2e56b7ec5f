"""Changes of jobs as server-sent events: the same facts as the status, only sooner. Polling is enough by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.encoders import jsonable_encoder
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from backend.api.deps import ReadAccess, ServicesDep
from backend.domain import cursors
from backend.domain.access import Principal
from backend.jobs.services import Services
from backend.jobs.status import status, surroundings
from backend.store import job_lists, jobs, queues, tokens
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
    return _stream(request, Watch(services, principal, None, _moment(last_event_id)))


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse)
async def job_events(
    job_id: UUID, request: Request, services: ServicesDep, principal: ReadAccess, last_event_id: EventId = None
) -> StreamingResponse:
    """Every change of one job, from its present state to its end."""
    watch = Watch(services, principal, job_id, _moment(last_event_id))
    await run_in_threadpool(watch.must_exist)
    return _stream(request, watch)


@dataclass
class Watch:
    """What one listener hears, and has heard: `since` is the time up to which it was told."""

    services: Services
    principal: Principal
    job_id: UUID | None
    since: datetime | None
    sent: dict[UUID, int] = field(default_factory=dict)
    over: bool = False

    def must_exist(self) -> None:
        """Raises NotFound when the job is not this person's."""
        if self.job_id is not None:
            with self.services.database.session(self.principal.user_id) as session:
                jobs.get(session, self.principal.user_id, self.job_id)

    def look(self) -> list[str]:
        """What changed since the last look, as events; sets `over` after the last one."""
        try:
            rows = self._changed()
        except DATABASE_AWAY:
            return []
        around = surroundings(self.services.database, rows)
        told = []
        for row in rows:
            self.sent[row.id] = row.version
            body = json.dumps(jsonable_encoder(status(row, around.get(str(row.id)))))
            told.append(f"id: {row.updated_at.isoformat()}\nevent: job\ndata: {body}\n\n")
            self.over = self.over or (self.job_id is not None and row.finished_at is not None)
        return told

    def _changed(self) -> list[JobRow]:
        owner_id = self.principal.user_id
        with self.services.database.session(owner_id) as session:
            if not tokens.lives(session, self.principal.token_id):
                self.over = True  # a revoked token hears nothing more
                return []
            now = queues.now(session)
            if self.job_id is not None:
                rows = [jobs.get(session, owner_id, self.job_id)]
            else:
                rows = job_lists.changed_since(session, owner_id, (self.since or now).astimezone(UTC) - OVERLAP)
        fresh = [row for row in rows if self.sent.get(row.id) != row.version]
        if self.since is None and self.job_id is None:
            # a new listener hears of what happens from now on; what is there it has read already
            self.sent.update({row.id: row.version for row in rows})
            fresh = []
        self.since = now
        return fresh


def _moment(last_event_id: str | None) -> datetime | None:
    return cursors.moment(last_event_id) if last_event_id else None


def _stream(request: Request, watch: Watch) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(request, watch), media_type="text/event-stream", headers=headers)


async def _lines(request: Request, watch: Watch) -> AsyncIterator[str]:
    quiet = 0.0
    yield "retry: 2000\n\n"
    while not watch.over and not await request.is_disconnected():
        told = await run_in_threadpool(watch.look)
        for event in told:
            yield event
        quiet = 0.0 if told else quiet + POLL_SECONDS
        if quiet >= QUIET_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"  # a proxy closes a silent connection
        if not watch.over:
            await asyncio.sleep(POLL_SECONDS)
