"""Uploads of any size that can be gone on with: begun with their room reserved, finished as every upload is.

What may happen between the last byte and the answer: nothing that matters. The bytes keep the upload's own name until
document and job are committed together with the upload's end, so that whoever asks again finds either an upload to be
finished or the job that came of it.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import structlog

from backend.domain import uploads as rules
from backend.domain.errors import BoardError, Conflict, InvalidInput, NotFound, TooLarge, TooMany, Unavailable
from backend.domain.ports import Partial
from backend.jobs import uploads
from backend.jobs.services import Services
from backend.store import resumable_uploads, users
from backend.store.database import EVERYONE
from backend.store.resumable_uploads import ResumableUpload

log = structlog.get_logger(__name__)

ORPHAN_SECONDS = 3600.0
"""A file without an upload is removed after so long: its upload may be about to be committed."""


def begin(services: Services, owner_id: int, length: int, metadata: dict[str, str]) -> ResumableUpload:
    """A new, empty upload of `length` bytes.

    Raises InvalidInput (`empty_file`, `missing_filename`), TooLarge (`too_large`, `quota_bytes`), TooMany
    (`too_many_uploads`, `too_many_jobs`), Unavailable (`disk_full`).
    """
    settings = services.settings
    name_of(metadata)
    if length == 0:
        raise InvalidInput("The file is empty.", code="empty_file", hint="Check that it was saved, then try again.")
    if length > settings.max_upload_bytes:
        raise TooLarge(
            f"The file is over the limit of {settings.max_upload_bytes:,} bytes.",
            hint="Split it, or ask the owner of the board to raise the limit.",
        )
    with services.database.session(owner_id) as session:
        users.lock(session, owner_id)
        uploads.check_open_jobs(services, session, owner_id)
        under_way = resumable_uploads.unfinished(session, owner_id)
        if len(under_way) >= settings.quota_open_uploads:
            raise TooMany(
                f"You have {len(under_way)} uploads under way, which is as many as one person may have.",
                code="too_many_uploads",
                hint="Finish or cancel some; GET /uploads/ lists them.",
                retry_after=60,
            )
        uploads.check_bytes(services, session, owner_id, length + sum(other.length for other in under_way))
        check_room(services, length)
        upload_id = uuid4()  # by chance alone, for a foreign id must not be guessed
        row = resumable_uploads.add(
            session, upload_id, owner_id, length=length, metadata=metadata, hours=settings.upload_expiry_hours
        )
        services.blobs.partials.create(upload_id)
    return row


def check_room(services: Services, more: int) -> None:
    """Raises Unavailable (`disk_full`) when so many bytes more would leave too little room on the disk."""
    free = services.blobs.free_bytes()
    if free is not None and free - more < services.settings.disk_floor_bytes:
        raise Unavailable(
            "There is not enough room left on the disk for this.",
            code="disk_full",
            hint="Free some space on the server, then upload it again.",
        )


def finish(services: Services, owner_id: int, upload_id: UUID, partial: Partial) -> ResumableUpload:
    """Make document and job of a complete upload, once; what cannot be a document is forgotten with its upload.

    Raises NotFound, and what every upload may be refused with; after `too_many_jobs`, `quota_bytes` and Unavailable
    the bytes stay, to be finished by asking again.
    """
    with services.database.session(owner_id) as session:
        row = resumable_uploads.get(session, owner_id, upload_id)
    if row is None:
        raise gone()
    given = row.metadata_
    try:
        password, description = given.get("password"), given.get("description")
        upload = uploads.recognise(services, partial, name_of(given), password, description)
    except BoardError as error:
        if not error.retryable:
            forget(services, owner_id, upload_id, partial)
        raise
    # hashed here and not below: reading gigabytes is too long for an open transaction
    log.info("an upload is complete", upload_id=str(upload_id), size=partial.size, sha256=partial.sha256)
    with services.database.session(owner_id) as session:
        row = resumable_uploads.get(session, owner_id, upload_id, lock=True)
        if row is None:
            raise gone()
        queue = None
        if row.finished_at is None:
            accepted = uploads.accept(services, session, owner_id, partial, upload)
            resumable_uploads.finish(
                session,
                row,
                job_id=accepted.job_id,
                document_id=accepted.document_id,
                duplicate=accepted.duplicate,
                hours=services.settings.upload_expiry_hours,
            )
            queue = accepted.queue
    partial.delete()
    if queue:
        services.ring(queue)
    return row


def forget(services: Services, owner_id: int, upload_id: UUID, partial: Partial | None) -> None:
    """Remove an upload and its bytes; a document that came of it stays."""
    with services.database.session(owner_id) as session:
        resumable_uploads.remove(session, upload_id)
    if partial:
        partial.delete()


def clean_up(services: Services) -> int:
    """Forget what nobody went on with in time, and files that belong to no upload; how many went."""
    partials = services.blobs.partials
    with services.database.session(EVERYONE) as session:
        over = resumable_uploads.expired(session)
        lying = partials.forgotten(ORPHAN_SECONDS)
        over += sorted(set(lying) - resumable_uploads.known(session, lying) - set(over))
    return sum(_forget_if_over(services, upload_id) for upload_id in over)


def _forget_if_over(services: Services, upload_id: UUID) -> bool:
    """Look again under the lock: somebody may have gone on with it at the last moment."""
    try:
        with services.blobs.partials.open(upload_id) as partial:
            with services.database.session(EVERYONE) as session:
                over = resumable_uploads.remove_expired(session, upload_id)
            if over:
                partial.delete()
            return over
    except Conflict:
        return False
    except NotFound:
        with services.database.session(EVERYONE) as session:
            return resumable_uploads.remove_expired(session, upload_id)


def name_of(metadata: dict[str, str]) -> str:
    """The file name in the metadata; some clients call it `name`. Raises InvalidInput (`missing_filename`)."""
    return rules.filename(metadata.get("filename") or metadata.get("name") or "")


def gone() -> NotFound:
    """The answer for an upload that is unknown, over, or somebody else's."""
    return NotFound("There is no such upload.", code="upload_not_found", hint="Begin a new one with POST /uploads/.")
