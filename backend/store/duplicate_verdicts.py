"""What people said about pairs of documents: these two are not duplicates, whatever a scan finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import InvalidInput
from backend.store import merged_away
from backend.store.database import Base
from backend.store.documents import Document

DIFFERENT = "different"


class DuplicateVerdict(Base):
    """One pair, `a` < `b`, and what a person said of it. It outlives every scan, and goes with either document."""

    __tablename__ = "duplicate_verdicts"

    a: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    b: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(Text, server_default=DIFFERENT)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def pairs_among(document_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Every pair among them, the smaller id first, in order."""
    return list(combinations(sorted(set(document_ids)), 2))


def on_board(session: Session, owner_id: int, document_ids: Iterable[int]) -> list[int]:
    """These documents, each once. Raises NotFound (Merged), and InvalidInput (`one_document`) for fewer than two."""
    ids = list(dict.fromkeys(document_ids))
    if len(ids) < 2:  # noqa: PLR2004
        raise InvalidInput("One document is no pair.", code="one_document", hint="Name two different ones.")
    mine = (Document.id.in_(ids), Document.owner_id == owner_id, Document.deleted_at.is_(None))
    here = set(session.scalars(select(Document.id).where(*mine)))
    for number in ids:
        if number not in here:
            raise merged_away.missing(session, owner_id, number)
    return ids


def dismiss(session: Session, owner_id: int, document_ids: Iterable[int]) -> int:
    """Remember that no two of these are duplicates; how many pairs were not known to be so."""
    rows = [{"a": a, "b": b, "owner_id": owner_id} for a, b in pairs_among(document_ids)]
    if not rows:
        return 0
    statement = insert(DuplicateVerdict).values(rows).on_conflict_do_nothing().returning(DuplicateVerdict.a)
    return len(session.scalars(statement).all())


def undo(session: Session, owner_id: int, document_ids: Iterable[int]) -> int:
    """Forget what was said of every pair among these; how many pairs that were."""
    pairs = pairs_among(document_ids)
    if not pairs:
        return 0
    statement = delete(DuplicateVerdict).where(
        DuplicateVerdict.owner_id == owner_id, tuple_(DuplicateVerdict.a, DuplicateVerdict.b).in_(pairs)
    )
    return len(session.scalars(statement.returning(DuplicateVerdict.a)).all())


def different(session: Session, owner_id: int, document_ids: Sequence[int] | None = None) -> set[tuple[int, int]]:
    """The pairs that are not duplicates, `a` < `b`: of the whole board, or those with one of these documents."""
    query = select(DuplicateVerdict.a, DuplicateVerdict.b).where(
        DuplicateVerdict.owner_id == owner_id, DuplicateVerdict.verdict == DIFFERENT
    )
    if document_ids is not None:
        query = query.where(DuplicateVerdict.a.in_(document_ids) | DuplicateVerdict.b.in_(document_ids))
    return {(a, b) for a, b in session.execute(query)}
