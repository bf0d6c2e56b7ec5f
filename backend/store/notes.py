"""Notes that people write on their documents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import NotFound
from backend.store import documents
from backend.store.database import Base
from backend.store.documents import Document


class Note(Base):
    """One note; `text` is Markdown."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def add(session: Session, owner_id: int, document_id: int, words: str) -> Note:
    """A new note on a document. Raises NotFound."""
    documents.get(session, owner_id, document_id)
    note = Note(owner_id=owner_id, document_id=document_id, text=words)
    session.add(note)
    session.flush()
    session.refresh(note)
    return note


def get(session: Session, owner_id: int, note_id: int) -> Note:
    """The note, while its document is on the board. Raises NotFound."""
    found = session.scalar(
        select(Note)
        .join(Document, Document.id == Note.document_id)
        .where(Note.id == note_id, Note.owner_id == owner_id, Document.deleted_at.is_(None))
    )
    if found is None:
        raise NotFound("There is no such note.", code="note_not_found")
    return found


def change(session: Session, note: Note, words: str) -> None:
    """Let the note say something else."""
    note.text = words
    note.updated_at = func.now()
    session.flush()
    session.refresh(note)


def remove(session: Session, note: Note) -> None:
    """Throw the note away."""
    session.delete(note)
    session.flush()


def page(
    session: Session, owner_id: int, document_id: int, *, after: tuple[datetime, int] | None, limit: int
) -> tuple[list[Note], int]:
    """The notes on a document, the oldest first, and how many. `after` is (created_at, id). Raises NotFound."""
    documents.get(session, owner_id, document_id)
    mine = (Note.document_id == document_id, Note.owner_id == owner_id)
    total = session.scalar(select(func.count()).select_from(Note).where(*mine)) or 0
    statement = select(Note).where(*mine).order_by(Note.created_at, Note.id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Note.created_at, Note.id) > after)
    return list(session.scalars(statement)), total
