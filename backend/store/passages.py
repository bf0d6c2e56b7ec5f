"""Passages: the pieces of a document that are searched, embedded and cited."""

from __future__ import annotations

from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, ForeignKey, Identity, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class Passage(Base):
    """One passage. `start` and `end` are character offsets into the document's text; `words` its full-text index."""

    __tablename__ = "passages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    ordinal: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    heading: Mapped[str | None] = mapped_column(Text)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    text_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    words: Mapped[str] = mapped_column(TSVECTOR)


class PassageVector(Base):
    """The vector of one passage under one model; vectors of two models are never compared."""

    __tablename__ = "passage_vectors"

    passage_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    embedding: Mapped[object] = mapped_column(HALFVEC())
