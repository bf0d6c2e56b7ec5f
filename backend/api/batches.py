"""Batches: what was made of many lines given at once, and steering all of it together."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, ServicesDep, UploadAccess
from backend.api.errors import ErrorDetail
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.jobs import batches as work
from backend.jobs.job import QUEUES
from backend.jobs.services import Services
from backend.jobs.states import FINISHED, PROCESSING
from backend.store import batches
from backend.store.batches import Item
from backend.store.jobs import JobRow

Group = Literal["waiting", "running", "done", "failed", "cancelled"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection")."""


class Counts(BaseModel):
    """How many lines are where; together they are all lines of the batch."""

    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int


class BatchItem(BaseModel):
    """One line as it was given, and the newest job that works on it."""

    url: str | None = None
    filename: str | None = None
    job_id: UUID | None
    document_id: int | None
    state: str
    verdict: str
    error: ErrorDetail | None


class BatchSummary(BaseModel):
    """A batch; `kind` is link or file, `batch_id` and `job_id` are the same."""

    batch_id: UUID
    job_id: UUID
    kind: str
    total: int
    state: str
    paused: bool
    counts: Counts
    created_at: datetime


class Batch(BatchSummary):
    """A batch with its lines, in the order they were given."""

    items: list[BatchItem]
    next_cursor: str | None


class BatchList(BaseModel):
    """A page of batches, the newest first."""

    items: list[BatchSummary]
    next_cursor: str | None
    total: int


router = APIRouter(tags=["batches"])


@router.get("/batches")
def batch_list(
    services: ServicesDep,
    principal: ReadAccess,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> BatchList:
    """One's batches, the newest first."""
    owner_id = principal.user_id
    after = None
    if cursor:
        at, last = cursors.decode(cursor, 2)
        after = cursors.moment(at), cursors.uuid(last)
    with services.database.session(owner_id) as session:
        rows, total = batches.page(session, owner_id, after=after, limit=limit + 1)
        shown = rows[:limit]
        summaries = _summaries(session, owner_id, shown)
    more = len(rows) > limit
    next_cursor = cursors.encode(shown[-1].created_at.isoformat(), str(shown[-1].id)) if more else None
    return BatchList(items=summaries, next_cursor=next_cursor, total=total)


@router.get("/batches/{batch_id}")
def one_batch(
    batch_id: UUID,
    services: ServicesDep,
    principal: ReadAccess,
    state: Group | None = None,
    cursor: str | None = None,
    limit: Limit = 200,
) -> Batch:
    """One batch with its lines, in pages; `state` shows only those that wait, run, are done, failed or cancelled."""
    after = int(cursors.number(cursors.decode(cursor, 1)[0])) if cursor else -1
    with services.database.session(principal.user_id) as session:
        return shown(session, principal.user_id, batch_id, after=after, limit=limit, only=state)


@router.get("/batches/{batch_id}/failures.csv", response_class=Response)
def failures(batch_id: UUID, services: ServicesDep, principal: ReadAccess) -> Response:
    """The lines that failed, as a table for a spreadsheet: no cell is ever a formula."""
    with services.database.session(principal.user_id) as session:
        row = batches.get(session, principal.user_id, batch_id)
        failed = batches.items(session, principal.user_id, batch_id, limit=work.MOST_AT_ONCE, only="failed")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["url" if row.input["of"] == "link" else "filename", "code", "message", "hint", "job_id"])
    for item in failed:
        error = item.error or {}
        cells = (item.given, error.get("code"), error.get("message"), error.get("hint"), item.job_id)
        table.writerow([plain(cell) for cell in cells])
    headers = {"Content-Disposition": f'attachment; filename="failures-{batch_id}.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/batches/{batch_id}/pause", response_model=Batch)
def pause(batch_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Hold back what has not begun; what runs goes on to the end of its step."""
    owner_id = principal.user_id
    return _steer(services, owner_id, batch_id, once, lambda s: work.pause(s, owner_id, batch_id, paused=True))


@router.post("/batches/{batch_id}/resume", response_model=Batch)
def resume(batch_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Let it go on."""
    owner_id = principal.user_id
    return _steer(services, owner_id, batch_id, once, lambda s: work.pause(s, owner_id, batch_id, paused=False))


@router.post("/batches/{batch_id}/cancel", response_model=Batch)
def cancel(batch_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Cancel all that has not ended; what is on the board stays."""
    owner_id = principal.user_id
    return _steer(services, owner_id, batch_id, once, lambda s: work.cancel(s, owner_id, batch_id))


@router.post("/batches/{batch_id}/retry", response_model=Batch)
def retry(batch_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Try again every line that failed or was cancelled, each as a new job."""
    owner_id = principal.user_id
    return _steer(services, owner_id, batch_id, once, lambda s: work.retry(services, s, owner_id, batch_id))


def _steer(
    services: Services, owner_id: int, batch_id: UUID, once: OnceDep, move: Callable[[Session], object]
) -> JSONResponse:
    def make() -> Answer:
        move(session)
        return Answer(shown(session, owner_id, batch_id).model_dump(mode="json"))

    with services.database.session(owner_id) as session:
        answer = once(session, make)
    for queue in QUEUES:
        services.ring(queue)
    return answer


def shown(
    session: Session, owner_id: int, batch_id: UUID, *, after: int = -1, limit: int = 200, only: str | None = None
) -> Batch:
    """A batch with a page of its lines. Raises NotFound (`batch_not_found`)."""
    row = batches.get(session, owner_id, batch_id)
    [summary] = _summaries(session, owner_id, [row])
    found = batches.items(session, owner_id, batch_id, after=after, limit=limit + 1, only=only)
    items = [_item(row.input["of"], item) for item in found[:limit]]
    next_cursor = cursors.encode(found[limit - 1].ordinal) if len(found) > limit else None
    return Batch(**summary.model_dump(), items=items, next_cursor=next_cursor)


def _summaries(session: Session, owner_id: int, rows: list[JobRow]) -> list[BatchSummary]:
    ids = [row.id for row in rows]
    counts, held = batches.counts(session, owner_id, ids), batches.paused(session, ids)
    return [
        BatchSummary(
            batch_id=row.id,
            job_id=row.id,
            kind=row.input["of"],
            total=sum(counts[row.id].values()),
            state=_state(row, counts[row.id]),
            paused=row.id in held,
            counts=Counts(**counts[row.id]),
            created_at=row.created_at,
        )
        for row in rows
    ]


def _state(row: JobRow, counts: dict[str, int]) -> str:
    """That of its job, unless lines were tried again since it ended."""
    under_way = counts["waiting"] + counts["running"]
    return PROCESSING if row.state in FINISHED and under_way else row.state


def _item(of: str, item: Item) -> BatchItem:
    named: dict[str, Any] = {"url" if of == "link" else "filename": item.given}
    error = ErrorDetail(**item.error) if item.error else None
    return BatchItem(
        **named,
        job_id=item.job_id,
        document_id=item.document_id,
        state=item.state,
        verdict=item.verdict,
        error=error,
    )


def plain(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
