"""Makes documents of the members of an archive or a mail, with jobs that read them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from backend.domain import uploads as rules
from backend.domain.errors import InvalidInput, Unreadable
from backend.domain.members import MAX_TREE
from backend.jobs import enqueue, uploads
from backend.jobs.ingest.outcomes import NEW, SKIPPED, Outcome
from backend.jobs.ingest.way import Original
from backend.jobs.job import BULK, Context
from backend.store import documents, families, jobs, members

HERE, IN_TRASH = "already_here", {"code": "in_trash", "message": "You deleted this document; it is in the trash."}


def make(session: Session, context: Context, original: Original, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Make the documents; returns how many members there are of each outcome.

    Bytes that are on the board already are linked and not copied; what a person deleted stays deleted. A child whose
    reading failed before is read again. Raises Unreadable (`too_large`), TooLarge (`quota_bytes`).
    """
    owner_id = original.owner_id
    wanted = {one.found["sha256"]: one for one in reversed(outcomes) if one.found is not None and one.state == NEW}
    gone = families.trashed(session, owner_id, original.document_id)
    known = families.by_blobs(session, owner_id, wanted)
    new = [one for digest, one in wanted.items() if digest not in known and digest not in gone]
    _check_room(session, context, original, new)
    added = families.add(session, [_document(original, one) for one in new])
    known |= families.by_blobs(session, owner_id, [digest for digest in wanted if digest not in known])
    again = {known[digest].id for digest in wanted if digest in known and known[digest].status in uploads.FAILED}
    _start(session, context, added.values(), again - set(added.values()))
    rows = [_row(one, original.document_id, added, known, gone) for one in outcomes]
    members.replace(session, owner_id, original.document_id, _first_is_new(rows))
    return {state: sum(row["outcome"] == state for row in rows) for state in {row["outcome"] for row in rows}}


def _check_room(session: Session, context: Context, original: Original, new: Sequence[Outcome]) -> None:
    line = families.lineage(session, original.owner_id, original.document_id)
    root = line[-1].id
    families.lock(session, root)
    if new and len(families.descendants(session, original.owner_id, root)) + len(new) > MAX_TREE:
        raise Unreadable(
            f"More than {MAX_TREE:,} files would come out of this upload.",
            code="too_large",
            hint="Unpack it, and add its folders one at a time.",
        )
    uploads.check_bytes(
        context.services, session, original.owner_id, sum(one.found["size"] for one in new if one.found)
    )


def _document(original: Original, outcome: Outcome) -> dict[str, Any]:
    found = outcome.found or {}
    name = _filename(outcome.member.name)
    return {
        "owner_id": original.owner_id,
        "kind": "file",
        "title": rules.title_of(name),
        "filename": name,
        "media_type": found["media_type"],
        "blob_sha256": found["sha256"],
        "size_bytes": found["size"],
        "parent_id": original.document_id,
        "details": {"member": outcome.member.name},
    }


def _filename(name: str) -> str:
    try:
        return rules.filename(PurePosixPath(name).name)
    except InvalidInput:
        return "unnamed"


def _start(session: Session, context: Context, new: Iterable[int], again: set[int]) -> None:
    document_ids = [*new, *sorted(again)]
    password = context.job_input.get("password")
    busy = jobs.with_open_job(session, context.owner_id, document_ids)
    enqueue.enqueue_many(
        session,
        kind=uploads.FILE_JOB,
        owner_id=context.owner_id,
        inputs={number: {"password": password} if password else {} for number in document_ids if number not in busy},
        max_attempts=context.services.settings.max_attempts,
        priority=BULK,
        parent_id=context.job_id,
    )
    for document_id in sorted(again):
        documents.set_status(session, document_id, "queued")


def _row(
    outcome: Outcome, archive_id: int, added: dict[str, int], known: dict[str, families.Known], gone: set[str]
) -> dict[str, Any]:
    member = outcome.member
    row = {"name": member.name, "size_bytes": member.size, "outcome": outcome.state, "error": outcome.reason}
    if member.skipped is not None:
        return {**row, "error": member.skipped}
    if outcome.found is None:
        return row
    digest = outcome.found["sha256"]
    if digest in added:
        return {**row, "document_id": added[digest]}
    if digest in known:
        own = known[digest].parent_id == archive_id
        return {**row, "outcome": NEW if own else HERE, "document_id": known[digest].id}
    return {**row, "outcome": SKIPPED, "error": IN_TRASH} if digest in gone else row


def _first_is_new(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several members with the same new bytes, the first is the document; the others are linked to it."""
    seen: set[int] = set()
    told = []
    for row in rows:
        repeated = row["outcome"] == NEW and row.get("document_id") in seen
        told.append({**row, "outcome": HERE} if repeated else row)
        if row.get("document_id") is not None:
            seen.add(row["document_id"])
    return told
