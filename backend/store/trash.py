"""The trash: documents that were deleted and can come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from backend.domain.errors import Conflict
from backend.store import clusters, documents, families, merges
from backend.store.documents import Document


def put(session: Session, owner_id: int, document_id: int) -> Document:
    """Move a document into the trash, out of its cluster, lists and search, with all that came out of it.

    Raises NotFound.
    """
    clusters.lock(session, owner_id)
    document = documents.get(session, owner_id, document_id)
    for family in (document, *_on_board(session, owner_id, document_id)):
        family.deleted_at = func.now()
        family.updated_at = func.now()
        session.flush()
        clusters.withdraw(session, owner_id, family.id)
    session.refresh(document)
    return document


def _on_board(session: Session, owner_id: int, document_id: int) -> list[Document]:
    ids = families.descendants(session, owner_id, document_id)
    return list(session.scalars(select(Document).where(Document.id.in_(ids), Document.deleted_at.is_(None))))


def restore(session: Session, owner_id: int, document_id: int) -> Document:
    """Put a document back on the board, with those that came out of it and went to the trash together with it.

    Raises NotFound, and Conflict when its bytes were uploaded again meanwhile (`already_back`), or when it is there
    because it was merged (`merged_away`).
    """
    clusters.lock(session, owner_id)
    document = documents.get(session, owner_id, document_id, trashed=True)
    merges.check_not_merged(session, document)
    again = documents.by_blob(session, owner_id, document.blob_sha256) if document.blob_sha256 else None
    if again is not None:
        raise Conflict(
            "The same file was uploaded again in the meantime.",
            code="already_back",
            hint=f"It is document {again.id}; delete that one first to have this one back.",
        )
    for family in (document, *_gone_with(session, document)):
        family.deleted_at = None
        family.updated_at = func.now()
        session.flush()
        clusters.put_back(session, owner_id, family.id)
    session.refresh(document)
    return document


def _gone_with(session: Session, document: Document) -> list[Document]:
    """What went at the same moment, without those whose bytes are on the board again."""
    ids = families.descendants(session, document.owner_id, document.id)
    gone = session.scalars(
        select(Document).where(Document.id.in_(ids), Document.deleted_at == document.deleted_at).order_by(Document.id)
    ).all()
    back = families.by_blobs(session, document.owner_id, [one.blob_sha256 for one in gone if one.blob_sha256])
    return [one for one in gone if one.blob_sha256 not in back]


def page(
    session: Session, owner_id: int, *, after: tuple[datetime, int] | None, limit: int
) -> tuple[list[Document], int]:
    """What is in the trash, the last deleted first, and how much it is in all."""
    mine = (Document.owner_id == owner_id, Document.deleted_at.is_not(None))
    query = select(Document).where(*mine)
    if after is not None:
        query = query.where(tuple_(Document.deleted_at, Document.id) < after)
    rows = session.scalars(query.order_by(Document.deleted_at.desc(), Document.id.desc()).limit(limit))
    return list(rows), session.scalar(select(func.count()).select_from(Document).where(*mine)) or 0
