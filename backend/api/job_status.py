"""The status of a job: the contract everybody polls."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from backend.api.deps import ReadAccess, ServicesDep
from backend.domain.access import Principal
from backend.jobs import states
from backend.jobs.services import Services
from backend.jobs.status import status, surroundings
from backend.store import jobs

POLL_SECONDS = 0.4

State = Literal["PENDING", "PROCESSING", "RETRY", "SUCCESS", "FAILURE", "REVOKED"]


class Units(BaseModel):
    """How far a step's units are."""

    kind: str | None
    done: int
    total: int
    failed: int


class Eta(BaseModel):
    """Seconds until the end, likely and pessimistic."""

    p50: int
    p90: int


class Meta(BaseModel):
    """Where the job is, for people."""

    stage: str
    message: str
    percent: float
    units: Units | None = None
    position: int | None = None
    waiting_reason: Literal["behind_others", "no_worker", "backing_off", "broker_unreachable", "paused"] | None = None
    eta_seconds: Eta | None = None
    stalled: bool = False
    error: str | None = None


class Failure(BaseModel):
    """Why the job failed."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False


class JobStatus(BaseModel):
    """The status of a job."""

    job_id: UUID
    kind: str
    queue: str
    state: State
    meta: Meta
    result: dict[str, Any] | None
    error: Failure | None
    warnings: list[dict[str, Any]]
    attempt: int
    max_attempts: int
    document_id: int | None
    parent_id: UUID | None
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None


router = APIRouter(tags=["jobs"])


def _status(services: Services, principal: Principal, job_id: UUID) -> dict[str, Any]:
    with services.database.session(principal.user_id) as session:
        row = jobs.get(session, principal.user_id, job_id)
    return status(row, surroundings(services.database, [row]).get(str(row.id)))


def _etag(body: dict[str, Any]) -> str:
    """Changes with everything but the clockwork: an estimate that ticks down is no news."""
    told = {**body, "meta": {**body["meta"], "eta_seconds": None}}
    return '"' + hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()[:24] + '"'


@router.get("/jobs/{job_id}/status", response_model=JobStatus)
async def job_status(
    job_id: UUID,
    request: Request,
    response: Response,
    services: ServicesDep,
    principal: ReadAccess,
    wait: Annotated[float, Query(ge=0, le=60, description="Seconds to wait for a change.")] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Any:
    """The status of a job. With `wait`, answers as soon as it differs from `If-None-Match` (or from now)."""
    body = await run_in_threadpool(_status, services, principal, job_id)
    known = if_none_match or _etag(body)
    deadline = asyncio.get_running_loop().time() + wait
    while wait and _etag(body) == known and body["state"] in states.OPEN:
        if asyncio.get_running_loop().time() + POLL_SECONDS > deadline or await request.is_disconnected():
            break
        await asyncio.sleep(POLL_SECONDS)
        body = await run_in_threadpool(_status, services, principal, job_id)
    headers = {"ETag": _etag(body), "Cache-Control": "no-cache"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return body
