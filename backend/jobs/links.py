"""Taking addresses onto the board, one or a thousand: what is there already, and documents and jobs for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from backend.domain import addresses, youtube
from backend.domain import uploads as rules
from backend.domain.addresses import Address
from backend.domain.errors import TooMany
from backend.jobs import enqueue, uploads
from backend.jobs.job import BULK, INTERACTIVE, UPLOADS
from backend.jobs.services import Services
from backend.store import document_urls, documents, jobs, users
from backend.store.documents import Document

JOB_KIND, SOURCE, QUEUE = "process_url_upload", "url", UPLOADS
MEDIA_TYPE = "text/html"
"""What an address is taken for until it was fetched."""


def read(services: Services, given: str) -> Address:
    """The address in a line of text. Raises InvalidInput (`invalid_url`), Unreadable (`blocked_address`)."""
    address = youtube.rebuilt(addresses.read(given))
    if not services.settings.allow_private_addresses:
        addresses.admit(address)
    return address


def known(session: Session, owner_id: int, wanted: Sequence[Address]) -> dict[str, Document]:
    """The documents that these addresses lead to already, by `Address.key`; failed ones count as not there."""
    found = document_urls.documents_of(session, owner_id, [address.key for address in wanted])
    return {key: document for key, document in found.items() if document.status not in uploads.FAILED}


def accept(
    services: Services,
    session: Session,
    owner_id: int,
    wanted: Sequence[Address],
    *,
    title: str | None = None,
    batch: UUID | None = None,
    paused: bool = False,
) -> list[uploads.Accepted]:
    """What became of each address, in order, within the caller's transaction; the caller rings after its commit.

    Whoever's address is on the board gets its document and newest job; one that failed is tried again. In a `batch` the
    jobs are its children and come after what people wait for. Raises TooMany (`too_many_jobs`).
    """
    users.lock(session, owner_id)
    found = document_urls.documents_of(session, owner_id, [address.key for address in wanted])
    here = {key: document.id for key, document in found.items() if document.status not in uploads.FAILED}
    again = {key: document.id for key, document in found.items() if document.status in uploads.FAILED}
    fresh = {address.key: address for address in wanted if address.key not in found}
    if fresh or again:
        check_room_for(services, session, owner_id, len(fresh) + len(again))
    made = document_urls.add_documents(session, owner_id, {key: _row(fresh[key], title) for key in fresh})
    by_key = {address.key: address for address in reversed(wanted)}
    work = {number: by_key[key] for key, number in {**again, **made}.items()}
    started = _start(services, session, owner_id, work, batch)
    for document_id in again.values():
        documents.set_status(session, document_id, "queued")
    if paused:
        jobs.hold_back(session, list(started.values()))
    there = {**here, **again, **made}
    newest = {**jobs.latest_of_documents(session, owner_id, list(here.values())), **started}
    return [
        uploads.Accepted(
            newest[number], number, duplicate=a.key not in made, queue=QUEUE if number in started else None
        )
        for a, number in ((a, there[a.key]) for a in wanted)
    ]


def _start(
    services: Services, session: Session, owner_id: int, work: Mapping[int, Address], batch: UUID | None
) -> dict[int, UUID]:
    """A job for each document, by the document's id."""
    return enqueue.enqueue_many(
        session,
        kind=JOB_KIND,
        owner_id=owner_id,
        inputs={number: {"url": address.url, "assumed": address.assumed} for number, address in work.items()},
        max_attempts=services.settings.max_attempts,
        priority=BULK if batch else INTERACTIVE,
        parent_id=batch,
    )


def check_room_for(services: Services, session: Session, owner_id: int, wanted: int) -> None:
    """Raises TooMany (`too_many_jobs`) when so many jobs more are more than one person may have."""
    if wanted == 1:
        uploads.check_open_jobs(services, session, owner_id)
        return
    limit = services.settings.quota_open_jobs
    if jobs.count_open(session, owner_id, limit) + wanted > limit:
        raise TooMany(
            f"These would be more than the {limit} jobs that one person may have waiting or running.",
            code="too_many_jobs",
            hint="Send fewer, or wait until some are done.",
            retry_after=60,
        )


def _row(address: Address, title: str | None) -> dict[str, object]:
    parts = urlsplit(address.url)
    # a title that is the file name gives way to the one that the page has
    name = rules.one_line(parts.netloc + unquote(parts.path).rstrip("/"))[: rules.LONGEST_NAME]
    return {
        "kind": SOURCE,
        "title": rules.one_line(title or "")[: rules.LONGEST_TITLE] or name,
        "filename": name,
        "media_type": MEDIA_TYPE,
        "source_url": address.url,
    }
