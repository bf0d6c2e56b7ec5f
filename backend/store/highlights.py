"""Highlights: runs of a document's text that a person marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Identity, Integer, Text, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from backend.domain import highlights
from backend.domain.errors import Conflict, NotFound
from backend.store import documents
from backend.store.database import Base
from backend.store.documents import Document
from backend.store.passages import Passage

MOST_OF_A_DOCUMENT = 2_000


class Highlight(Base):
    """One highlight: `quote` stood from `start` to `end` (characters) when it was made, between `before` and `after`.

    Its words stay as they were made: should one reading be a poor one, the next finds them all the better. `lost` means
    that the present text has no place for it.
    """

    __tablename__ = "highlights"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="CASCADE"))
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    quote: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text, server_default="")
    after: Mapped[str] = mapped_column(Text, server_default="")
    colour: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    lost: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Shown(NamedTuple):
    """A highlight with the passage in which it begins, and that passage's place; None while there is none."""

    highlight: Highlight
    passage_id: int | None
    place: dict[str, Any] | None


def text_of(session: Session, owner_id: int, document_id: int) -> str:
    """The text of a document, which no reading replaces until the transaction ends. Raises NotFound (`no_text` too)."""
    documents.get(session, owner_id, document_id)
    session.execute(select(Document.id).where(Document.id == document_id).with_for_update(read=True))
    return documents.content(session, document_id)[0]


def add(
    session: Session,
    owner_id: int,
    document_id: int,
    anchor: highlights.Anchor,
    *,
    colour: str,
    note: str | None = None,
) -> Highlight:
    """A new highlight. Raises Conflict (`too_many_highlights`)."""
    mine = select(func.count()).select_from(Highlight).where(*_of(owner_id, document_id))
    if (session.scalar(mine) or 0) >= MOST_OF_A_DOCUMENT:
        raise Conflict(
            f"A document has at most {MOST_OF_A_DOCUMENT} highlights.",
            code="too_many_highlights",
            hint="Remove some first.",
        )
    row = Highlight(owner_id=owner_id, document_id=document_id, colour=colour, note=note, **anchor._asdict())
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def get(session: Session, owner_id: int, highlight_id: int) -> Highlight:
    """The highlight, while its document is on the board. Raises NotFound."""
    found = session.scalar(
        select(Highlight)
        .join(Document, Document.id == Highlight.document_id)
        .where(Highlight.id == highlight_id, Highlight.owner_id == owner_id, Document.deleted_at.is_(None))
    )
    if found is None:
        raise NotFound("There is no such highlight.", code="highlight_not_found")
    return found


def change(session: Session, row: Highlight, **values: Any) -> None:
    """Change its colour or its note."""
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = func.now()
    session.flush()
    session.refresh(row)


def remove(session: Session, row: Highlight) -> None:
    """Take the highlight away."""
    session.delete(row)
    session.flush()


def shown(session: Session, rows: Sequence[Highlight]) -> list[Shown]:
    """The highlights with the passages in which they begin: one query for all."""
    begins = aliased(Passage)
    last = (
        select(begins.id)
        .where(begins.document_id == Highlight.document_id, begins.start <= Highlight.start)
        .order_by(begins.ordinal.desc())
        .limit(1)
        .correlate(Highlight)
        .scalar_subquery()
    )
    found = session.execute(
        select(Highlight.id, Passage.id, Passage.place)
        .join(Passage, Passage.id == last)
        .where(Highlight.id.in_([row.id for row in rows]), ~Highlight.lost)
    )
    passages = {highlight_id: (passage_id, place) for highlight_id, passage_id, place in found}
    return [Shown(row, *passages.get(row.id, (None, None))) for row in rows]


def page(
    session: Session, owner_id: int, document_id: int, *, after: tuple[int, int] | None, limit: int
) -> tuple[list[Highlight], int]:
    """The highlights of a document in the order of its text, and how many. `after` is (start, id). Raises NotFound."""
    documents.get(session, owner_id, document_id)
    mine = _of(owner_id, document_id)
    total = session.scalar(select(func.count()).select_from(Highlight).where(*mine)) or 0
    statement = select(Highlight).where(*mine).order_by(Highlight.start, Highlight.id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Highlight.start, Highlight.id) > after)
    return list(session.scalars(statement)), total


def find_again(session: Session, owner_id: int, document_id: int, text: str) -> int:
    """Find all highlights of a document again in its new text; how many are lost. Nothing is deleted."""
    rows = session.scalars(select(Highlight).where(*_of(owner_id, document_id)).with_for_update()).all()
    found = highlights.anchored(text, [_anchor(row) for row in rows])
    for row, place in zip(rows, found, strict=True):
        row.lost = place is None
        if place is not None:
            row.start, row.end = place
    session.flush()
    return sum(place is None for place in found)


def _anchor(row: Highlight) -> highlights.Anchor:
    return highlights.Anchor(row.start, row.end, row.quote, row.before, row.after)


def _of(owner_id: int, document_id: int) -> tuple[Any, ...]:
    return (Highlight.document_id == document_id, Highlight.owner_id == owner_id)
