"""How far a document is, in the two shapes of seed 003."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.api.deps import ReadAccess, RowId, ServicesDep
from backend.jobs.states import FAILURE, PENDING, PROCESSING, RETRY, REVOKED, SUCCESS
from backend.jobs.status import status, surroundings
from backend.store import documents, jobs, units
from backend.store.jobs import JobRow
from backend.store.units import Unit

CHUNK_STATUS = {
    PENDING: "pending",
    RETRY: "pending",
    PROCESSING: "processing",
    SUCCESS: "completed",
    FAILURE: "failed",
    REVOKED: "cancelled",
}
"""Seed 003's words for the states of a unit."""


class Task(BaseModel):
    """The job that works on the document, or worked last; `info` is the job's `meta`."""

    task_id: UUID
    state: str
    info: dict[str, Any]


class DocumentStatus(BaseModel):
    """What seed 003 answers on `/status`."""

    document_id: int
    status: str
    progress_percentage: float
    task: Task | None
    error_message: str | None
    updated_at: datetime


class RealTimeProgress(BaseModel):
    """The chunks of the document by state."""

    total_chunks: int
    completed_chunks: int
    failed_chunks: int
    processing_chunks: int
    overall_progress: float


class ChunkDetail(BaseModel):
    """One chunk."""

    status: str
    error: str | None


class DocumentProgress(BaseModel):
    """What seed 003 answers on `/progress`; chunks are numbered from 1, those that are pages as the pages are."""

    document_id: int
    status: str
    progress_percentage: float
    metadata: dict[str, Any]
    real_time_progress: RealTimeProgress
    chunk_details: dict[str, ChunkDetail]


router = APIRouter(tags=["documents"])


@router.get("/documents/{document_id}/status")
def document_status(services: ServicesDep, principal: ReadAccess, document_id: RowId) -> DocumentStatus:
    """The document's state with its job."""
    with services.database.session(principal.user_id) as session:
        document, job = _read(session, principal.user_id, document_id)
    around = surroundings(services.database, [job] if job else [])
    meta = status(job, around.get(str(job.id)))["meta"] if job else {}
    return DocumentStatus(
        document_id=document.id,
        status=document.status,
        progress_percentage=_percent(document, job),
        task=Task(task_id=job.id, state=job.state, info=meta) if job else None,
        error_message=document.error["message"] if document.error else None,
        updated_at=max(document.updated_at, job.updated_at) if job else document.updated_at,
    )


@router.get("/documents/{document_id}/progress")
def document_progress(services: ServicesDep, principal: ReadAccess, document_id: RowId) -> DocumentProgress:
    """The document's state with its chunks."""
    with services.database.session(principal.user_id) as session:
        document, job = _read(session, principal.user_id, document_id)
        parts = units.of_job(session, principal.user_id, job.id) if job else []
    percent = _percent(document, job)
    return DocumentProgress(
        document_id=document.id,
        status=document.status,
        progress_percentage=percent,
        metadata={
            "filename": document.filename,
            "media_type": document.media_type,
            "size_bytes": document.size_bytes,
            "language": document.language,
            "char_count": document.char_count,
            "unit_kind": job.unit_kind if job else None,
        },
        real_time_progress=_real_time(parts, percent),
        chunk_details={
            str(chunk_number(unit)): ChunkDetail(
                status=CHUNK_STATUS[unit.state], error=unit.error["message"] if unit.error else None
            )
            for unit in parts
        },
    )


def chunk_number(unit: Unit) -> int:
    """The number people know the chunk by."""
    page = re.fullmatch(r"page (\d+)", unit.span)
    return int(page[1]) if page else unit.ordinal + 1


def _read(session: Session, owner_id: int, document_id: int) -> tuple[documents.Document, JobRow | None]:
    document = documents.get(session, owner_id, document_id)
    return document, jobs.latest_of_document(session, owner_id, document_id)


def _percent(document: documents.Document, job: JobRow | None) -> float:
    if document.status in {"completed", "partial_error"}:
        return 100.0
    return round(job.percent, 1) if job else 0.0


def _real_time(parts: list[Unit], percent: float) -> RealTimeProgress:
    states = [unit.state for unit in parts]
    return RealTimeProgress(
        total_chunks=len(parts),
        completed_chunks=states.count(SUCCESS),
        failed_chunks=states.count(FAILURE),
        processing_chunks=states.count(PROCESSING),
        overall_progress=percent,
    )
