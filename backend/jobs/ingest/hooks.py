"""What every ingest job has: its input, and what its document says while the job moves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.jobs.ingest import early
from backend.store import documents
from backend.store.jobs import JobRow

STATUS_OF_STEP = {"fetch": "extracting", "extract": "extracting", "understand": "processing_chunks"}
"""What a document is called while a step works on it."""


class Input(BaseModel):
    """What an ingest needs beside its document. The password is erased when the reading is over."""

    password: str | None = Field(default=None, repr=False)


def started(session: Session, row: JobRow) -> None:
    """A step was claimed: the document says so."""
    if row.document_id is not None:
        documents.set_status(session, row.document_id, STATUS_OF_STEP[row.step])


def ended(session: Session, row: JobRow, state: str, error: dict[str, Any] | None) -> None:
    """The job failed or was cancelled: its document says why and keeps its original."""
    if row.document_id is not None:
        early.forget(session, row.owner_id, row.document_id)
        status = "cancelled" if state == "REVOKED" else "error"
        documents.set_status(session, row.document_id, status, error=error)
