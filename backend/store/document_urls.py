"""The addresses that lead to a document: as given, after redirects, canonical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base
from backend.store.documents import Document


class DocumentUrl(Base):
    """One normalised address of one person's document."""

    __tablename__ = "document_urls"

    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def documents_of(session: Session, owner_id: int, urls: Sequence[str]) -> dict[str, Document]:
    """The documents on the board that these normalised addresses lead to."""
    rows = session.execute(
        select(DocumentUrl.url, Document)
        .join(Document, Document.id == DocumentUrl.document_id)
        .where(DocumentUrl.owner_id == owner_id, DocumentUrl.url.in_(urls), Document.deleted_at.is_(None))
    )
    return {row.url: row.Document for row in rows}


def add_documents(session: Session, owner_id: int, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Insert a document without bytes for each normalised address; their ids by address.

    An address whose document is in the trash leads to the new one from now on.
    """
    if not rows:
        return {}
    values = [{"owner_id": owner_id, "size_bytes": 0, **row} for row in rows.values()]
    ids = session.scalars(insert(Document).returning(Document.id, sort_by_parameter_order=True), values).all()
    made = dict(zip(rows, ids, strict=True))
    point(session, owner_id, made)
    return made


def point(session: Session, owner_id: int, made: Mapping[str, int]) -> None:
    """Let each normalised address lead to a document, wherever it led before."""
    statement = insert(DocumentUrl)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[DocumentUrl.owner_id, DocumentUrl.url],
            set_={"document_id": statement.excluded.document_id},
        ),
        [{"owner_id": owner_id, "url": url, "document_id": document_id} for url, document_id in made.items()],
    )
