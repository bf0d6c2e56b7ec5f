"""Concepts of a person's board, and which documents show them with which words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import REAL, BigInteger, DateTime, ForeignKey, Identity, Integer, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import words
from backend.domain.concepts import FoundConcept
from backend.store.database import Base
from backend.store.documents import Document
from backend.store.passages import Passage


class Concept(Base):
    """One concept of one board. `key` is its normalised name: two spellings of one idea share it."""

    __tablename__ = "concepts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text, server_default="topic")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class DocumentConcept(Base):
    """A concept of a document with the quote that proves it; `start` and `end` are offsets into the document's text."""

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


class ConceptCount(NamedTuple):
    """A concept and how many documents on the board show it."""

    concept: Concept
    documents: int


class Shown(NamedTuple):
    """A concept as one document shows it; `place` is that of the passage with the quote."""

    concept: Concept
    link: DocumentConcept
    place: dict[str, Any] | None


def replace(
    session: Session, owner_id: int, document_id: int, found: Sequence[FoundConcept], passage_ids: Sequence[int]
) -> list[dict[str, Any]]:
    """Put these concepts in place of the document's old ones; `{"id", "name"}` of each, the strongest first.

    A concept the board knows in another spelling keeps the board's spelling and category. What a merged document
    brought along stays, unless it is among these.
    """
    unique = {words.folded(concept.name): concept for concept in reversed(found)}
    known = _known(session, owner_id, unique) if unique else {}
    again = [concept.id for concept in known.values()]
    session.execute(
        delete(DocumentConcept).where(
            DocumentConcept.document_id == document_id,
            DocumentConcept.owner_id == owner_id,
            DocumentConcept.from_document_id.is_(None) | DocumentConcept.concept_id.in_(again),
        )
    )
    if not unique:
        return []
    ordered = sorted(unique.items(), key=lambda item: -item[1].confidence)
    session.execute(
        insert(DocumentConcept),
        [
            {
                "document_id": document_id,
                "concept_id": known[key].id,
                "owner_id": owner_id,
                "rank": rank,
                "confidence": concept.confidence,
                "quote": concept.quote,
                "start": concept.start,
                "end": concept.end,
                "passage_id": passage_ids[concept.ordinal] if concept.ordinal < len(passage_ids) else None,
            }
            for rank, (key, concept) in enumerate(ordered)
        ],
    )
    return [{"id": known[key].id, "name": known[key].name} for key, _ in ordered]


def _known(session: Session, owner_id: int, unique: dict[str, FoundConcept]) -> dict[str, Concept]:
    rows = [
        {"owner_id": owner_id, "key": key, "name": unique[key].name, "category": unique[key].category}
        for key in sorted(unique)  # two documents at once take the rows in the same order and cannot deadlock
    ]
    session.execute(insert(Concept).on_conflict_do_nothing(index_elements=["owner_id", "key"]), rows)
    found = session.scalars(select(Concept).where(Concept.owner_id == owner_id, Concept.key.in_(unique)))
    return {concept.key: concept for concept in found}


def of_document(session: Session, owner_id: int, document_id: int) -> list[Shown]:
    """The concepts of a document with their proofs, the strongest first."""
    rows = session.execute(
        select(Concept, DocumentConcept, Passage.place)
        .join(DocumentConcept, DocumentConcept.concept_id == Concept.id)
        .outerjoin(Passage, Passage.id == DocumentConcept.passage_id)
        .where(DocumentConcept.document_id == document_id, DocumentConcept.owner_id == owner_id)
        .order_by(DocumentConcept.rank)
    )
    return [Shown(*row) for row in rows]


def of_documents(
    session: Session, owner_id: int, document_ids: Sequence[int]
) -> dict[int, list[tuple[Concept, float]]]:
    """Concepts and their confidence by document id, the strongest first."""
    found: dict[int, list[tuple[Concept, float]]] = {document_id: [] for document_id in document_ids}
    rows = session.execute(
        select(DocumentConcept.document_id, Concept, DocumentConcept.confidence)
        .join(Concept, Concept.id == DocumentConcept.concept_id)
        .where(DocumentConcept.document_id.in_(document_ids), DocumentConcept.owner_id == owner_id)
        .order_by(DocumentConcept.document_id, DocumentConcept.rank)
    )
    for document_id, concept, confidence in rows:
        found[document_id].append((concept, confidence))
    return found


def page(
    session: Session, owner_id: int, *, q: str | None, after: tuple[int, int] | None, limit: int
) -> tuple[list[ConceptCount], int]:
    """Concepts that documents on the board show, the most frequent first, and how many there are in all.

    `after` is (documents, id) of the last one of the page before.
    """
    count = func.count(Document.id).label("documents")
    query = (
        select(Concept.id, count)
        .join(DocumentConcept, DocumentConcept.concept_id == Concept.id)
        .join(Document, (Document.id == DocumentConcept.document_id) & Document.deleted_at.is_(None))
        .where(Concept.owner_id == owner_id)
        .group_by(Concept.id)
    )
    if q:
        query = query.where(Concept.key.contains(words.folded(q), autoescape=True))
    counted = query.subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    listed = select(Concept, counted.c.documents).join(counted, counted.c.id == Concept.id)
    if after is not None:
        documents, concept_id = after
        listed = listed.where(
            (counted.c.documents < documents) | ((counted.c.documents == documents) & (Concept.id > concept_id))
        )
    rows = session.execute(listed.order_by(counted.c.documents.desc(), Concept.id).limit(limit))
    return [ConceptCount(*row) for row in rows], total
