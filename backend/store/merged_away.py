"""Documents that are part of another one now: where a reference to them leads."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.errors import Merged, NotFound

NOW_AT = text(
    """WITH RECURSIVE way(id, merged_into, deleted_at, step) AS (
           SELECT id, merged_into, deleted_at, 0 FROM documents WHERE id = :id AND owner_id = :owner_id
           UNION ALL
           SELECT next.id, next.merged_into, next.deleted_at, step + 1
           FROM way JOIN documents AS next ON next.id = way.merged_into AND next.owner_id = :owner_id
           WHERE step < :deepest)
       SELECT id FROM way WHERE step > 0 AND deleted_at IS NULL ORDER BY step LIMIT 1"""
)
BY_BLOB = text(
    """SELECT id FROM documents
       WHERE owner_id = :owner_id AND blob_sha256 = :sha256 AND merged_into IS NOT NULL AND deleted_at IS NOT NULL
       ORDER BY deleted_at DESC LIMIT 1"""
)
_MOST_MERGES = 100
"""Merges one after another that are followed."""


def now_at(session: Session, owner_id: int, document_id: int) -> int | None:
    """The document on the board that this one was merged into, by one merge or several; None when there is none."""
    found: int | None = session.scalar(NOW_AT, {"id": document_id, "owner_id": owner_id, "deepest": _MOST_MERGES})
    return found


def by_blob(session: Session, owner_id: int, sha256: str) -> int | None:
    """The document on the board that stands for a merged one with these bytes; None when there is none."""
    merged_id = session.scalar(BY_BLOB, {"owner_id": owner_id, "sha256": sha256})
    return None if merged_id is None else now_at(session, owner_id, merged_id)


def missing(session: Session, owner_id: int, document_id: int) -> NotFound:
    """What to raise for a document that is not on the board: Merged tells which one it is now."""
    kept_id = now_at(session, owner_id, document_id)
    if kept_id is not None:
        return Merged(kept_id)
    return NotFound("There is no such document.", code="document_not_found")
