"""Reading and filing a document again from its original."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.jobs.enqueue import enqueue
from backend.jobs.uploads import check_open_jobs
from backend.store import documents, jobs

KINDS = {"text": "process_text_upload"}
"""The job that reads a kind of document; any other is read as a file."""


class Reprocess(BaseModel):
    """What reading again may need."""

    password: str | None = Field(default=None, max_length=1024, description="For an encrypted file.")


class Reprocessing(BaseModel):
    """The job that does it."""

    job_id: UUID
    document_id: int
    message: str


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
    password = wish.password if wish else None
    queues: list[str] = []

    def begin() -> Answer:
        document = documents.get(session, owner_id, document_id)
        open_jobs = jobs.open_of_document(session, owner_id, document_id)
        if open_jobs:
            row, message = open_jobs[0], "This document is being processed already"
        else:
            check_open_jobs(services, session, owner_id)
            row = enqueue(
                session,
                kind=KINDS.get(document.kind, "process_file_upload"),
                owner_id=owner_id,
                input={"password": password} if password else {},
                max_attempts=services.settings.max_attempts,
                document_id=document_id,
            )
            documents.set_status(session, document_id, "queued")
            message = "The document is read again"
            queues.append(row.queue)
        body = Reprocessing(job_id=row.id, document_id=document_id, message=message)
        return Answer(body, status=202, headers={"Location": f"/jobs/{row.id}/status"})

    with services.database.session(owner_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response
