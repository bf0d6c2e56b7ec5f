"""Documents that came out of other documents: what an archive or a mail held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.store.documents import Document

_MANY = 500
_DEEPEST = 20

ABOVE = text(
    """WITH RECURSIVE above(id, parent_id, depth) AS (
           SELECT id, parent_id, 0 FROM documents WHERE id = :id AND owner_id = :owner
           UNION ALL
           SELECT documents.id, documents.parent_id, depth + 1
           FROM documents JOIN above ON documents.id = above.parent_id
           WHERE depth < :deepest)
       SELECT documents.id, media_type, blob_sha256 FROM above JOIN documents USING (id) ORDER BY depth"""
)

BELOW = text(
    """WITH RECURSIVE below(id, depth) AS (
           SELECT id, 1 FROM documents WHERE parent_id = :id AND owner_id = :owner
           UNION ALL
           SELECT documents.id, depth + 1 FROM documents JOIN below ON documents.parent_id = below.id
           WHERE depth < :deepest)
       SELECT id FROM below ORDER BY depth, id"""
)


class Ancestor(NamedTuple):
    """A document that holds another, or the document itself."""

    id: int
    media_type: str
    blob_sha256: str | None


class Known(NamedTuple):
    """A document that has certain bytes."""

    id: int
    status: str
    parent_id: int | None


def lineage(session: Session, owner_id: int, document_id: int) -> list[Ancestor]:
    """The document, what it came out of, what that came out of, and so on."""
    values = {"id": document_id, "owner": owner_id, "deepest": _DEEPEST}
    return [Ancestor(*row) for row in session.execute(ABOVE, values)]


def descendants(session: Session, owner_id: int, document_id: int) -> list[int]:
    """All that came out of it, and out of that, wherever it is now."""
    return list(session.scalars(BELOW, {"id": document_id, "owner": owner_id, "deepest": _DEEPEST}))


def lock(session: Session, document_id: int) -> None:
    """Let nobody else add to the family of this document until the transaction ends."""
    session.execute(select(Document.id).where(Document.id == document_id).with_for_update())


def by_blobs(session: Session, owner_id: int, digests: Iterable[str]) -> dict[str, Known]:
    """The documents on the board that have these bytes, by SHA-256."""
    rows = session.execute(
        select(Document.blob_sha256, Document.id, Document.status, Document.parent_id).where(
            Document.owner_id == owner_id, Document.blob_sha256.in_(list(digests)), Document.deleted_at.is_(None)
        )
    )
    return {row[0]: Known(*row[1:]) for row in rows if row[0] is not None}


def trashed(session: Session, owner_id: int, parent_id: int) -> set[str]:
    """The bytes of those children that somebody put into the trash."""
    found = session.scalars(
        select(Document.blob_sha256).where(
            Document.owner_id == owner_id, Document.parent_id == parent_id, Document.deleted_at.is_not(None)
        )
    )
    return {digest for digest in found if digest is not None}


def add(session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert documents whose bytes are not on the board; the ids of the new ones, by SHA-256.

    In the order of their bytes, so that two families that share some never wait for each other in a circle.
    """
    ordered = sorted(rows, key=lambda row: str(row["blob_sha256"]))
    added: dict[str, int] = {}
    for start in range(0, len(ordered), _MANY):
        statement = (
            insert(Document)
            .values(ordered[start : start + _MANY])
            .on_conflict_do_nothing(
                index_elements=[Document.owner_id, Document.blob_sha256], index_where=Document.deleted_at.is_(None)
            )
            .returning(Document.blob_sha256, Document.id)
        )
        added |= {str(digest): document_id for digest, document_id in session.execute(statement)}
    return added
