"""Documents: what a person gave the board, and the text that was read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from backend.domain import languages, words
from backend.domain.content import Content, Part
from backend.domain.errors import Conflict, NotFound
from backend.store import merged_away
from backend.store.database import Base

LONGEST_TITLE = 300
STATUSES = (
    "pending",
    "queued",
    "extracting",
    "processing_chunks",
    "completed",
    "partial_error",
    "error",
    "cancelled",
)


class Document(Base):
    """One document. `status` is the document state of seed 003; `deleted_at` set means it is in the trash.

    `merged_into` is the document it was merged into, by which merge says `merge_id`; both only in the trash.
    `cluster_source` is "person" where somebody moved it: there it stays. `subcluster_id` is a sub-topic of its cluster.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text, server_default="application/octet-stream")
    blob_sha256: Mapped[str | None] = mapped_column(Text, index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    source_url: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(Text, server_default="queued")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    language: Mapped[str | None] = mapped_column(Text)
    char_count: Mapped[int | None] = mapped_column(Integer)
    word_count: Mapped[int | None] = mapped_column(Integer)
    text_sha256: Mapped[str | None] = mapped_column(Text)
    cluster_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clusters.id", ondelete="SET NULL"))
    cluster_source: Mapped[str] = mapped_column(Text, server_default="auto")
    subcluster_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clusters.id", ondelete="SET NULL"))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))
    merge_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("merges.id", ondelete="SET NULL"))


class DocumentText(Base):
    """The whole extracted text, apart from `documents` so that lists stay narrow."""

    __tablename__ = "document_texts"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    extractor: Mapped[str] = mapped_column(Text)


class DocumentVector(Base):
    """The unit mean of a document's passage vectors, under one model."""

    __tablename__ = "document_vectors"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    embedding: Mapped[object] = mapped_column(HALFVEC())


def create(
    session: Session,
    owner_id: int,
    *,
    kind: str,
    title: str,
    filename: str,
    media_type: str,
    blob_sha256: str,
    size_bytes: int,
    source_url: str | None = None,
    details: dict[str, Any] | None = None,
) -> tuple[Document, bool]:
    """The new document and True, or, when the same bytes are on the board already, that document and False.

    Two uploads of the same bytes at the same moment meet at the unique index: one creates, the other waits and finds.
    """
    statement = _unless_there(
        owner_id=owner_id,
        kind=kind,
        title=title,
        filename=filename,
        media_type=media_type,
        blob_sha256=blob_sha256,
        size_bytes=size_bytes,
        source_url=source_url,
        details=details or {},
    )
    for _ in range(2):  # the one that was in the way may go to the trash before it is read
        created = session.scalar(statement)
        if created is not None:
            return created, True
        existing = by_blob(session, owner_id, blob_sha256)
        if existing is not None:
            return existing, False
    raise Conflict("These bytes are being deleted at this moment.", code="busy", hint="Upload them again.")


def _unless_there(**values: Any) -> ReturningInsert[Document]:
    statement = insert(Document).values(**values)
    same_bytes = [Document.owner_id, Document.blob_sha256]
    return statement.on_conflict_do_nothing(
        index_elements=same_bytes, index_where=Document.deleted_at.is_(None)
    ).returning(Document)


def get(session: Session, owner_id: int, document_id: int, *, trashed: bool = False) -> Document:
    """The document, on the board or (`trashed`) in the trash. Raises NotFound, Merged."""
    here = Document.deleted_at.is_not(None) if trashed else Document.deleted_at.is_(None)
    found = session.scalar(select(Document).where(Document.id == document_id, Document.owner_id == owner_id, here))
    if found is None:
        raise merged_away.missing(session, owner_id, document_id)
    return found


def by_blob(session: Session, owner_id: int, sha256: str) -> Document | None:
    """The document on this person's board that has these bytes."""
    return session.scalar(
        select(Document).where(
            Document.owner_id == owner_id, Document.blob_sha256 == sha256, Document.deleted_at.is_(None)
        )
    )


def blob_of(document: Document) -> str:
    """The SHA-256 of its original. Raises NotFound (`not_fetched`) before its address was fetched."""
    if document.blob_sha256 is None:
        raise NotFound(
            "This address has not been fetched yet.", code="not_fetched", hint="Wait for its job, or see why it failed."
        )
    return document.blob_sha256


def stored_bytes(session: Session, owner_id: int) -> int:
    """The size of all originals of a person, those in the trash too: they still take room."""
    return session.scalar(select(func.coalesce(func.sum(Document.size_bytes), 0)).filter_by(owner_id=owner_id)) or 0


def set_status(
    session: Session,
    document_id: int,
    status: str,
    *,
    error: dict[str, Any] | None = None,
    warnings: Sequence[dict[str, Any]] | None = None,
    media_type: str | None = None,
) -> None:
    """Set the state; the error goes unless one is given, the rest stays unless given. No such document: nothing."""
    values: dict[str, Any] = {"status": status, "error": null() if error is None else error, "updated_at": func.now()}
    if warnings is not None:
        values["warnings"] = list(warnings)
    if media_type is not None:
        values["media_type"] = media_type
    session.execute(update(Document).where(Document.id == document_id).values(**values))


def rename(session: Session, document: Document, title: str) -> None:
    """Give the document another title."""
    document.title = title
    document.updated_at = func.now()
    session.flush()


def save_text(
    session: Session, document_id: int, content: Content, extractor: str, details: dict[str, Any] | None = None
) -> None:
    """Keep what was read, in place of what was read before, with what it tells about the document.

    `details` are added to those of the document. A title found in the original replaces one that only repeats the file
    name. Raises NotFound.
    """
    document = session.get(Document, document_id, with_for_update=True)
    if document is None:
        raise NotFound("There is no such document.", code="document_not_found")
    row = {
        "document_id": document_id,
        "owner_id": document.owner_id,
        "text": content.text,
        "parts": [asdict(part) for part in content.parts],
        "extractor": extractor,
    }
    session.execute(insert(DocumentText).values(**row).on_conflict_do_update(index_elements=["document_id"], set_=row))
    document.media_type = content.media_type
    document.language = content.language or languages.guess(content.text)
    document.char_count, document.word_count = len(content.text), words.count(content.text)
    document.text_sha256 = sha256(words.folded(content.text).encode()).hexdigest()
    document.warnings = list(content.warnings)
    title = (content.title or "").strip()[:LONGEST_TITLE]
    if title and document.title in (document.filename, PurePath(document.filename).stem):
        document.title = title
    if details:
        document.details = {**document.details, **details}
    document.updated_at = func.now()
    session.flush()


def content(session: Session, document_id: int) -> tuple[str, tuple[Part, ...], str | None]:
    """The text, its parts and its language. Raises NotFound (`no_text`) before it was read."""
    row = session.execute(
        select(DocumentText.text, DocumentText.parts, Document.language)
        .join(Document, Document.id == DocumentText.document_id)
        .where(DocumentText.document_id == document_id)
    ).one_or_none()
    if row is None:
        raise NotFound(
            "This document has no text yet.", code="no_text", hint="Wait until it was read, or see why it could not be."
        )
    return row.text, tuple(Part(**part) for part in row.parts), row.language
