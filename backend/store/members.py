"""What an archive or a mail holds, member by member, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, delete, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base
from backend.store.documents import Document


class DocumentMember(Base):
    """One member. `outcome` is "new", "already_here" (its bytes were on the board), "failed" or "skipped"."""

    __tablename__ = "document_members"

    archive_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))


def replace(session: Session, owner_id: int, archive_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what became of the members, in order, in place of what was kept before."""
    session.execute(delete(DocumentMember).where(DocumentMember.archive_id == archive_id))
    if rows:
        values = [
            {"archive_id": archive_id, "ordinal": at, "owner_id": owner_id, "error": None, "document_id": None, **row}
            for at, row in enumerate(rows)
        ]
        session.execute(insert(DocumentMember), values)


def first(session: Session, owner_id: int, archive_id: int, limit: int) -> list[tuple[DocumentMember, Document | None]]:
    """The first members in order, each with its document while that is on the board."""
    rows = session.execute(
        select(DocumentMember, Document)
        .outerjoin(Document, (Document.id == DocumentMember.document_id) & Document.deleted_at.is_(None))
        .where(DocumentMember.archive_id == archive_id, DocumentMember.owner_id == owner_id)
        .order_by(DocumentMember.ordinal)
        .limit(limit)
    )
    return [(member, document) for member, document in rows]


def count(session: Session, owner_id: int, archive_id: int) -> int:
    """How many members are known of."""
    mine = (DocumentMember.archive_id == archive_id, DocumentMember.owner_id == owner_id)
    return session.scalar(select(func.count()).select_from(DocumentMember).where(*mine)) or 0
