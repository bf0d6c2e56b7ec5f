"""Pages that were read as pictures: how large each is, and where every word stands; or why it could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import REAL, BigInteger, ForeignKey, Integer, SmallInteger, Text, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from backend.store.database import Base


class DocumentPage(Base):
    """One page; `width` and `height` in pixels, `boxes` are `[text, left, top, right, bottom]` in shares of them.

    All of the upright page: `rotation` is by how many degrees clockwise the original is turned to stand so. Of a page
    with an `error` nothing else is known.
    """

    __tablename__ = "document_pages"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    page: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    rotation: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    engine: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(REAL)
    boxes: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


BATCH = 50
UNKNOWN: dict[str, Any] = {"width": 0, "height": 0, "rotation": 0, "engine": "", "confidence": 0.0, "boxes": []}


def save(session: Session, owner_id: int, document_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Keep these pages, in place of what was kept of them before."""
    ids = {"document_id": document_id, "owner_id": owner_id}
    columns = (*UNKNOWN, "error")
    for first in range(0, len(rows), BATCH):
        batch = [{**UNKNOWN, "error": None, **ids, **row} for row in rows[first : first + BATCH]]
        statement = insert(DocumentPage).values(batch)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["document_id", "page"], set_={name: statement.excluded[name] for name in columns}
            )
        )


def replace(session: Session, owner_id: int, document_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Keep these pages and no others."""
    forget(session, owner_id, document_id)
    save(session, owner_id, document_id, rows)


def forget(session: Session, owner_id: int, document_id: int) -> None:
    """Keep none."""
    session.execute(delete(DocumentPage).filter_by(document_id=document_id, owner_id=owner_id))


def page(
    session: Session, owner_id: int, document_id: int, *, after: int, limit: int, boxes: bool
) -> list[DocumentPage]:
    """Pages with a number above `after`, in order; without `boxes` those are not read."""
    statement = select(DocumentPage).filter_by(document_id=document_id, owner_id=owner_id)
    if not boxes:
        statement = statement.options(defer(DocumentPage.boxes, raiseload=True))
    return list(session.scalars(statement.where(DocumentPage.page > after).order_by(DocumentPage.page).limit(limit)))


def rotation(session: Session, owner_id: int, document_id: int, number: int) -> int:
    """By how many degrees the page is turned to stand upright; 0 for one that was not read as a picture."""
    mine = select(DocumentPage.rotation).filter_by(document_id=document_id, owner_id=owner_id, page=number)
    return session.scalar(mine) or 0


def count(session: Session, owner_id: int, document_id: int) -> int:
    """How many pages are kept."""
    mine = select(func.count()).select_from(DocumentPage).filter_by(document_id=document_id, owner_id=owner_id)
    return session.scalar(mine) or 0
