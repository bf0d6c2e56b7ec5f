"""Merging documents into one, and taking it back.

A merge leaves what belongs to the merged documents where it is as far as it can: they go to the trash whole. What must
lead to the kept one (addresses, parts, notes, highlights) moves, what both may have (tags, concepts) is copied, and
every changed row is written down. Undoing goes through those rows and leaves alone what people changed since.
Everything happens under the lock of the owner's clusters, so two merges at once come one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Identity, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import merging
from backend.domain.errors import Conflict, NotFound
from backend.store import clusters, families, jobs, merge_changes, merge_undo, merge_union, merged_away
from backend.store.database import Base
from backend.store.documents import Document


class Merge(Base):
    """One merge: `merged_ids` went into `kept_id`, which is null once that one is gone for good."""

    __tablename__ = "merges"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    kept_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="SET NULL", use_alter=True)
    )
    merged_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Listed(NamedTuple):
    """A merge, until when it can be undone, whether it still can, and the titles of its documents by id."""

    merge: Merge
    undo_until: datetime
    can_undo: bool
    titles: dict[int, str]


class Into(NamedTuple):
    """A document that was merged into another, and by which merge."""

    merge_id: int
    document_id: int
    title: str
    at: datetime


UNTIL = Merge.at + func.make_interval(0, 0, 0, merging.UNDO_DAYS)


def merge(session: Session, owner_id: int, kept_id: int, merged_ids: Sequence[int]) -> Merge:
    """Merge documents into one: all of it, or nothing.

    Raises NotFound (Merged), InvalidInput, and Conflict (`still_reading`, `merge_into_part`).
    """
    ids = merging.chosen(kept_id, merged_ids)
    clusters.lock(session, owner_id)
    # before any document is held: who deletes one holds its jobs, then it, then waits for the clusters
    _check_read(session, owner_id, [kept_id, *ids])
    documents = _locked(session, owner_id, [kept_id, *ids])
    kept, gone = documents[kept_id], [documents[number] for number in ids]
    _check_family(session, kept, gone)
    row = Merge(owner_id=owner_id, kept_id=kept_id, merged_ids=ids)
    session.add(row)
    session.flush()
    watch = merge_union.Watch(session, owner_id, kept_id, ids)
    row.moved = merge_union.unite(session, owner_id, kept, gone)
    for document in gone:
        document.deleted_at = document.updated_at = func.now()
        document.merged_into, document.merge_id = kept_id, row.id
        session.flush()
        clusters.withdraw(session, owner_id, document.id)
    kept.updated_at = func.now()
    session.flush()
    merge_changes.keep(session, owner_id, row.id, watch.changes())
    session.refresh(row)
    return row


def _locked(session: Session, owner_id: int, ids: Sequence[int]) -> dict[int, Document]:
    """The documents on the board, held until the transaction ends. Raises NotFound, Merged."""
    query = select(Document).where(Document.id.in_(ids), Document.owner_id == owner_id, Document.deleted_at.is_(None))
    held = session.scalars(
        query.order_by(Document.id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    found = {document.id: document for document in held}
    for number in ids:
        if number not in found:
            raise merged_away.missing(session, owner_id, number)
    return found


def _check_read(session: Session, owner_id: int, ids: Sequence[int]) -> None:
    for number in ids:
        if jobs.open_of_document(session, owner_id, number):
            raise Conflict(
                f"Document {number} is still being read.",
                code="still_reading",
                hint="Wait for its job, or cancel it; then merge.",
                retryable=True,
            )


def _check_family(session: Session, kept: Document, gone: Sequence[Document]) -> None:
    above = {ancestor.id for ancestor in families.lineage(session, kept.owner_id, kept.id)}
    for document in gone:
        if document.id in above:
            raise Conflict(
                f"Document {kept.id} came out of document {document.id}, so that cannot be merged into it.",
                code="merge_into_part",
                hint="Keep the one that holds the other.",
            )


def undo(session: Session, owner_id: int, merge_id: int) -> Merge:
    """Take a merge back: its documents return as they were, and the kept one loses what they brought.

    What people changed since stays. Raises NotFound (`merge_not_found`), and Conflict (`already_undone`,
    `undo_expired`, `merged_again`, `already_back`).
    """
    clusters.lock(session, owner_id)
    row = get(session, owner_id, merge_id)
    if row.undone_at is not None:
        raise Conflict("This merge was undone already.", code="already_undone", hint="There is nothing left to do.")
    if not session.scalar(select(func.now() <= UNTIL).where(Merge.id == merge_id)):
        raise expired()
    gone = session.scalars(
        select(Document)
        .where(Document.merge_id == merge_id, Document.owner_id == owner_id, Document.deleted_at.is_not(None))
        .order_by(Document.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(gone) < len(row.merged_ids):
        raise expired()
    _check_way_back(session, row, gone)
    merge_undo.undo(session, owner_id, merge_id, [document.id for document in gone])
    row.undone_at = func.now()
    session.flush()
    session.refresh(row)
    return row


def _check_way_back(session: Session, row: Merge, gone: Sequence[Document]) -> None:
    kept = session.get(Document, row.kept_id, populate_existing=True) if row.kept_id is not None else None
    if kept is not None and kept.merge_id is not None:
        raise Conflict(
            f"Document {kept.id} was itself merged into another one since.",
            code="merged_again",
            hint=f"Undo merge {kept.merge_id} first.",
        )
    back = families.by_blobs(session, row.owner_id, [one.blob_sha256 for one in gone if one.blob_sha256])
    for known in back.values():
        raise Conflict(
            "The same file was uploaded again in the meantime.",
            code="already_back",
            hint=f"It is document {known.id}; delete that one first, then undo the merge.",
        )


def expired() -> Conflict:
    """What to say after the last day."""
    return Conflict(
        f"A merge can be undone for {merging.UNDO_DAYS} days, and those are over.",
        code="undo_expired",
        hint="The kept document has all that was brought together.",
    )


def get(session: Session, owner_id: int, merge_id: int) -> Merge:
    """The merge. Raises NotFound (`merge_not_found`)."""
    found = session.scalar(
        select(Merge).where(Merge.id == merge_id, Merge.owner_id == owner_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such merge.", code="merge_not_found")
    return found


def check_not_merged(session: Session, document: Document) -> None:
    """Raises Conflict (`merged_away`) while the document can be had back by undoing a merge.

    Afterwards it is let go of, and is a document in the trash like any other.
    """
    if document.merge_id is None:
        return
    if session.scalar(select(func.now() <= UNTIL).where(Merge.id == document.merge_id, Merge.undone_at.is_(None))):
        raise Conflict(
            f"This document was merged into document {document.merged_into}.",
            code="merged_away",
            hint=f"Undo merge {document.merge_id} to have it back.",
        )
    document.merged_into = document.merge_id = None


def undo_until(session: Session, merge_id: int) -> datetime:
    """Until when a merge can be undone."""
    return session.scalars(select(UNTIL).where(Merge.id == merge_id)).one()


def page(
    session: Session, owner_id: int, *, after: tuple[datetime, int] | None, limit: int
) -> tuple[list[Listed], int]:
    """The merges of a board, the newest first, and how many there are in all."""
    can = (Merge.undone_at.is_(None) & (func.now() <= UNTIL)).label("can_undo")
    query = select(Merge, UNTIL.label("until"), can).where(Merge.owner_id == owner_id)
    if after is not None:
        query = query.where(tuple_(Merge.at, Merge.id) < after)
    found = session.execute(query.order_by(Merge.at.desc(), Merge.id.desc()).limit(limit)).all()
    ids = {number for row in found for number in (row.Merge.kept_id, *row.Merge.merged_ids) if number is not None}
    named = session.execute(
        select(Document.id, Document.title).where(Document.id.in_(ids), Document.owner_id == owner_id)
    )
    titles = {row.id: row.title for row in named}
    total = session.scalar(select(func.count()).select_from(Merge).where(Merge.owner_id == owner_id)) or 0
    return [Listed(row.Merge, row.until, row.can_undo, titles) for row in found], total


def into(session: Session, owner_id: int, document_id: int) -> list[Into]:
    """The documents that were merged into this one and can still be had back, the last first."""
    rows = session.execute(
        select(Merge.id, Document.id, Document.title, Merge.at)
        .join(Merge, Merge.id == Document.merge_id)
        .where(
            Document.merged_into == document_id,
            Document.owner_id == owner_id,
            Document.deleted_at.is_not(None),
            func.now() <= UNTIL,
        )
        .order_by(Merge.at.desc(), Document.id)
    )
    return [Into(*row) for row in rows]
