"""The tables of concepts, and the view that says which of them a document shows."""

from __future__ import annotations

from datetime import datetime

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    ScalarSelect,
    Text,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class Concept(Base):
    """One name that documents of a board use for something; `key` is the name as it is compared.

    `merged_into` is the concept that is shown in its place, `merged_with` the one it was put together with: flat for
    whoever reads, a tree for whoever takes it apart again. A concept that is `kept_apart` no machine merges.
    """

    __tablename__ = "concepts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text, server_default="topic")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    spelling: Mapped[str] = mapped_column(Text, server_default="")
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("concepts.id", ondelete="SET NULL"))
    merged_with: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("concepts.id", ondelete="SET NULL"))
    merged_how: Mapped[str | None] = mapped_column(Text)
    kept_apart: Mapped[bool] = mapped_column(Boolean, server_default="false")

    @property
    def shown_id(self) -> int:
        return self.merged_into or self.id


class DocumentConcept(Base):
    """A concept of a document with the quote that proves it; `start` and `end` are offsets into the document's text.

    These rows are evidence: they say what was read, and merging concepts does not change them.
    """

    __tablename__ = "document_concepts"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    concept_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("concepts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    rank: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float] = mapped_column(REAL)
    quote: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    passage_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("passages.id", ondelete="SET NULL"))
    from_document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))


class ConceptAcronym(Base):
    """An acronym as a document explains it; `spelling` is that of what it stands for."""

    __tablename__ = "concept_acronyms"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    short: Mapped[str] = mapped_column(Text, primary_key=True)
    spelling: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)


class ConceptVector(Base):
    """What the name of a concept means, under one model."""

    __tablename__ = "concept_vectors"

    concept_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("concepts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)
    embedding: Mapped[object] = mapped_column(HALFVEC())


SHOWN = table(
    "shown_concepts",
    column("owner_id", BigInteger),
    column("document_id", BigInteger),
    column("concept_id", BigInteger),
    column("spelling_id", BigInteger),
    column("rank", Integer),
    column("confidence", REAL),
    column("quote", Text),
    column("start", Integer),
    column("end", Integer),
    column("passage_id", BigInteger),
)
"""The view `shown_concepts`: each concept that a document shows once, with the strongest of its spellings there."""


def root(owner_id: int, concept_id: int) -> ScalarSelect[int]:
    """The concept that is shown for `concept_id`, as part of a query."""
    shown: ColumnElement[int] = func.coalesce(Concept.merged_into, Concept.id)
    return select(shown).where(Concept.id == concept_id, Concept.owner_id == owner_id).scalar_subquery()
