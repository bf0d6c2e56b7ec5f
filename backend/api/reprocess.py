"""Reading and filing a document again from its original: all of it, or what failed of it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import RowId, ServicesDep, UploadAccess
from backend.api.document_progress import chunk_number
from backend.api.idempotency import Answer, OnceDep
from backend.domain.errors import Conflict
from backend.jobs.enqueue import enqueue
from backend.jobs.ingest.read import FAILED_PARTS
from backend.jobs.services import Services
from backend.jobs.states import FAILURE
from backend.jobs.uploads import FAILED, check_open_jobs
from backend.store import documents, jobs, units
from backend.store.documents import Document
from backend.store.jobs import JobRow

KINDS = {"text": "process_text_upload", "image": "process_image_upload"}
"""The job that reads a kind of document; any other is read as a file."""


class Reprocess(BaseModel):
    """What reading again may need."""

    password: str | None = Field(default=None, max_length=1024, description="For an encrypted file.")


class Reprocessing(BaseModel):
    """The job that does it."""

    job_id: UUID
    document_id: int
    message: str


class ChunksRetried(Reprocessing):
    """With the numbers of the chunks (the pages of a scan) that are read again, as far as they have any."""

    chunks: list[int]


router = APIRouter(tags=["documents"])


@router.post("/documents/{document_id}/reprocess", status_code=202, response_model=Reprocessing)
def document_reprocess(
    services: ServicesDep,
    principal: UploadAccess,
    once: OnceDep,
    document_id: RowId,
    wish: Reprocess | None = None,
) -> JSONResponse:
    """Read the original again; what is on the board stays until the new reading is done. One job at a time."""
    owner_id = principal.user_id
    queues: list[str] = []

    def begin() -> Answer:
        document = documents.get(session, owner_id, document_id)
        row, new = _read_again(services, session, document, wish)
        queues.extend([row.queue] if new else [])
        message = "The document is read again" if new else "This document is being processed already"
        return _answer(Reprocessing(job_id=row.id, document_id=document_id, message=message))

    with services.database.session(owner_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response


@router.post("/documents/{document_id}/chunks/retry", status_code=202, response_model=ChunksRetried)
def document_chunks_retry(
    services: ServicesDep,
    principal: UploadAccess,
    once: OnceDep,
    document_id: RowId,
    wish: Reprocess | None = None,
) -> JSONResponse:
    """Read only those chunks again that failed; the others are taken over as they were read. 409 when none has."""
    owner_id = principal.user_id
    queues: list[str] = []

    def begin() -> Answer:
        document = documents.get(session, owner_id, document_id)
        last = jobs.latest_of_document(session, owner_id, document_id)
        parts = units.of_job(session, owner_id, last.id) if last else []
        failed = [chunk_number(unit) for unit in parts if unit.state == FAILURE]
        working = last is not None and last.finished_at is None
        if not (working or document.details.get(FAILED_PARTS) or document.status in FAILED):
            raise Conflict(
                "No part of this document has failed.",
                code="not_failed",
                hint="To read all of it anew, use `POST /documents/{document_id}/reprocess`.",
            )
        row, new = _read_again(services, session, document, wish)
        queues.extend([row.queue] if new else [])
        message = "What failed is read again" if new else "This document is being processed already"
        return _answer(ChunksRetried(job_id=row.id, document_id=document_id, message=message, chunks=failed))

    with services.database.session(owner_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response


def _read_again(
    services: Services, session: Session, document: Document, wish: Reprocess | None
) -> tuple[JobRow, bool]:
    """The job that reads the document and True when it is new. Raises TooMany."""
    open_jobs = jobs.open_of_document(session, document.owner_id, document.id)
    if open_jobs:
        return open_jobs[0], False
    check_open_jobs(services, session, document.owner_id)
    row = enqueue(
        session,
        kind=KINDS.get(document.kind, "process_file_upload"),
        owner_id=document.owner_id,
        input={"password": wish.password} if wish and wish.password else {},
        max_attempts=services.settings.max_attempts,
        document_id=document.id,
    )
    documents.set_status(session, document.id, "queued")
    return row, True


def _answer(body: Reprocessing) -> Answer:
    return Answer(body, status=202, headers={"Location": f"/jobs/{body.job_id}/status"})
