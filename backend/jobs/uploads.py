"""Taking an original onto the board: quotas, the duplicate check, and document and job in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import uploads as rules
from backend.domain.errors import InvalidInput, TooLarge, TooMany
from backend.domain.ports import BlobWriter
from backend.jobs import enqueue
from backend.jobs.job import BULK, INTERACTIVE
from backend.jobs.services import Services
from backend.store import documents, jobs, merged_away, users
from backend.store.documents import Document

FAILED = ("error", "cancelled")
"""Documents that get another try when their bytes come again."""

FILE_JOB = "process_file_upload"

_RETRY_SECONDS = 30


@dataclass(frozen=True)
class Upload:
    """A received original that is not on the board yet; `source` is the document's kind, "file" or "text".

    `details` goes to the document, such as the `description` a person gave.
    """

    job_kind: str
    source: str
    title: str
    filename: str
    media_type: str
    password: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """What became of an upload. `queue` is to be rung after the commit, or None when nothing new waits there."""

    job_id: UUID
    document_id: int
    duplicate: bool
    queue: str | None


def recognise(
    services: Services, blob: BlobWriter, filename: str, password: str | None, description: str | None = None
) -> Upload:
    """What a received file is.

    Raises InvalidInput (`empty_file`, `missing_filename`), Unreadable (`unsupported_type`).
    """
    if blob.size == 0:
        raise InvalidInput("The file is empty.", code="empty_file", hint="Check that it was saved, then try again.")
    name = rules.filename(filename)
    media_type = services.extractor.sniff(blob.path, name)
    if not services.extractor.supports(media_type, name):
        raise rules.unsupported(media_type)
    details = {"description": description} if description else {}
    return Upload(FILE_JOB, "file", rules.title_of(name), name, media_type, password or None, details)


def accept(
    services: Services,
    session: Session,
    owner_id: int,
    blob: BlobWriter,
    upload: Upload,
    *,
    batch: UUID | None = None,
) -> Accepted:
    """Put the upload on the board, within the caller's transaction; in a `batch`, behind what people wait for.

    The blob is committed before the transaction is: a row never points at bytes that are not there. The bytes of an
    upload that is refused were never a blob. Raises TooMany (`too_many_jobs`), TooLarge (`quota_bytes`), Unavailable.
    """
    users.lock(session, owner_id)
    existing = documents.by_blob(session, owner_id, blob.sha256)
    here = _here(services, session, owner_id, blob.sha256, existing)
    if here:
        return here
    check_open_jobs(services, session, owner_id)
    if existing is None:
        check_bytes(services, session, owner_id, blob.size)
    document, created = documents.create(
        session,
        owner_id,
        kind=upload.source,
        title=upload.title,
        filename=upload.filename,
        media_type=upload.media_type,
        blob_sha256=blob.sha256,
        size_bytes=blob.size,
        details=upload.details,
    )
    blob.commit()
    if not created and existing is None:  # the same bytes came at the same moment and were first
        known = _known(session, owner_id, document.id)
        if known:
            return known
    return _start(services, session, document, upload, batch, again=not created)


def _here(
    services: Services, session: Session, owner_id: int, sha256: str, existing: Document | None
) -> Accepted | None:
    """What these bytes are already: a document that was read, or the one that such a document was merged into."""
    if existing is None:
        kept_id = merged_away.by_blob(session, owner_id, sha256)
        return None if kept_id is None else _known(session, owner_id, kept_id)
    there = existing.status not in FAILED and services.blobs.exists(sha256)
    return _known(session, owner_id, existing.id) if there else None


def _known(session: Session, owner_id: int, document_id: int) -> Accepted | None:
    job = jobs.latest_of_document(session, owner_id, document_id)
    return Accepted(job.id, document_id, duplicate=True, queue=None) if job else None


def _start(
    services: Services, session: Session, document: Document, upload: Upload, batch: UUID | None, *, again: bool
) -> Accepted:
    row = enqueue.enqueue(
        session,
        kind=upload.job_kind,
        owner_id=document.owner_id,
        input={"password": upload.password} if upload.password else {},
        max_attempts=services.settings.max_attempts,
        document_id=document.id,
        priority=BULK if batch else INTERACTIVE,
        parent_id=batch,
    )
    if again:
        document.details = {**document.details, **upload.details}
        documents.set_status(session, document.id, "queued")
    return Accepted(row.id, document.id, duplicate=again, queue=row.queue)


def check_open_jobs(services: Services, session: Session, owner_id: int) -> None:
    """Raises TooMany (`too_many_jobs`) when this person has as many unfinished jobs as one may have."""
    limit = services.settings.quota_open_jobs
    if jobs.count_open(session, owner_id, limit) >= limit:
        raise TooMany(
            f"You have {limit} jobs waiting or running, which is as many as one person may have.",
            code="too_many_jobs",
            hint="Wait until some are done, or cancel some.",
            retry_after=_RETRY_SECONDS,
        )


def check_bytes(services: Services, session: Session, owner_id: int, size: int) -> None:
    """Raises TooLarge (`quota_bytes`)."""
    if documents.stored_bytes(session, owner_id) + size > services.settings.quota_bytes:
        raise TooLarge(
            "There is no room left for you on this board.",
            code="quota_bytes",
            hint="Delete documents, or ask the owner for more room.",
        )
