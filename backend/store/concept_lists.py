"""Lists of concepts, and one concept in full: its spellings, its proofs, and what it stands beside."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import REAL, Select, cast, func, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from backend.domain import words
from backend.store.concept_rows import SHOWN, Concept, DocumentConcept
from backend.store.documents import Document
from backend.store.passages import Passage

BESIDE = 12
"""Concepts and clusters told of a concept."""
SAMPLE = 2_000
"""Documents looked at for them: a concept that more of them show is told by its newest."""

SAMPLED = """sample AS MATERIALIZED (
    SELECT s.document_id, d.cluster_id FROM shown_concepts s JOIN documents d ON d.id = s.document_id
    WHERE s.owner_id = :owner_id AND s.concept_id = :concept_id AND d.deleted_at IS NULL
    ORDER BY s.document_id DESC LIMIT :sample)"""
RELATED = text(
    f"""WITH {SAMPLED}
    SELECT c.id, c.name, count(*) AS documents FROM sample
        JOIN shown_concepts other ON other.document_id = sample.document_id AND other.owner_id = :owner_id
        JOIN concepts c ON c.id = other.concept_id
    WHERE other.concept_id <> :concept_id GROUP BY c.id ORDER BY documents DESC, c.name, c.id LIMIT :most"""
)
CLUSTERS = text(
    f"""WITH {SAMPLED}
    SELECT c.id, c.name, count(*) AS documents FROM sample JOIN clusters c ON c.id = sample.cluster_id
    WHERE c.owner_id = :owner_id GROUP BY c.id ORDER BY documents DESC, c.name, c.id LIMIT :most"""
)


class ConceptCount(NamedTuple):
    """A concept, how many documents on the board show it, and how many names it has."""

    concept: Concept
    documents: int
    spellings: int


class Beside(NamedTuple):
    """A concept or cluster that stands beside a concept, in how many documents."""

    id: int
    name: str
    documents: int


class Spelling(NamedTuple):
    """One name of a concept, with the documents on the board that use it."""

    concept: Concept
    documents: int


class Proof(NamedTuple):
    """One document's evidence for a concept; `place` is that of the passage with the quote."""

    link: DocumentConcept
    document: Document
    place: dict[str, Any] | None


def page(
    session: Session,
    owner_id: int,
    *,
    q: str | None = None,
    category: str | None = None,
    after: tuple[int, int] | None = None,
    limit: int,
) -> tuple[list[ConceptCount], int]:
    """Concepts that documents on the board show, the most frequent first, and how many there are in all.

    `q` is part of any of a concept's names. `after` is (documents, id) of the last one of the page before.
    """
    counted = _counted(owner_id, q).subquery()
    listed = (
        select(Concept, counted.c.documents, counted.c.spellings)
        .join(counted, counted.c.id == Concept.id)
        .where(Concept.owner_id == owner_id)
    )
    if category is not None:
        listed = listed.where(Concept.category == category)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    if after is not None:
        documents, concept_id = after
        listed = listed.where(
            (counted.c.documents < documents) | ((counted.c.documents == documents) & (Concept.id > concept_id))
        )
    rows = session.execute(listed.order_by(counted.c.documents.desc(), Concept.id).limit(limit))
    return [ConceptCount(*row) for row in rows], total


def _counted(owner_id: int, q: str | None) -> Select[int, int, int]:
    met, name = aliased(DocumentConcept), aliased(Concept)
    shown = func.coalesce(name.merged_into, name.id)
    counted = (
        select(
            shown.label("id"),
            func.count(func.distinct(met.document_id)).label("documents"),
            func.count(func.distinct(name.id)).label("spellings"),
        )
        .join(met, met.concept_id == name.id)
        .join(Document, (Document.id == met.document_id) & Document.deleted_at.is_(None))
        .where(name.owner_id == owner_id, met.owner_id == owner_id)
        .group_by(shown)
    )
    if q:
        part = words.folded(q)
        named = select(func.coalesce(Concept.merged_into, Concept.id)).where(
            Concept.owner_id == owner_id,
            Concept.key.contains(part, autoescape=True) | Concept.name.icontains(part, autoescape=True),
        )
        counted = counted.where(shown.in_(named))
    return counted


def documents(session: Session, owner_id: int, concept_id: int) -> int:
    """How many documents on the board show the concept."""
    query = (
        select(func.count())
        .select_from(SHOWN)
        .join(Document, Document.id == SHOWN.c.document_id)
        .where(SHOWN.c.owner_id == owner_id, SHOWN.c.concept_id == concept_id, Document.deleted_at.is_(None))
    )
    return session.scalar(query) or 0


def spellings(session: Session, owner_id: int, concept_id: int) -> list[Spelling]:
    """The names of a concept: the one that is shown first, then those that most documents use."""
    count = (
        select(func.count())
        .select_from(DocumentConcept)
        .join(Document, Document.id == DocumentConcept.document_id)
        .where(DocumentConcept.concept_id == Concept.id, Document.deleted_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Concept, count)
        .where(Concept.owner_id == owner_id, func.coalesce(Concept.merged_into, Concept.id) == concept_id)
        .order_by(Concept.merged_into.is_not(None), count.desc(), Concept.id)
    )
    return [Spelling(*row) for row in rows]


def related(session: Session, owner_id: int, concept_id: int) -> list[Beside]:
    """Concepts that the same documents show, most of them first."""
    return _beside(session.execute(RELATED, _parameters(owner_id, concept_id)).all())


def clusters(session: Session, owner_id: int, concept_id: int) -> list[Beside]:
    """The clusters in which the documents are that show the concept, most of them first."""
    return _beside(session.execute(CLUSTERS, _parameters(owner_id, concept_id)).all())


def _parameters(owner_id: int, concept_id: int) -> dict[str, int]:
    return {"owner_id": owner_id, "concept_id": concept_id, "sample": SAMPLE, "most": BESIDE}


def _beside(rows: Any) -> list[Beside]:
    return [Beside(row.id, row.name, row.documents) for row in rows]


def proofs(
    session: Session, owner_id: int, concept_id: int, *, after: tuple[float, int] | None, limit: int
) -> tuple[list[Proof], int]:
    """The documents that show a concept with their best quotes, the surest first, and how many there are.

    `after` is (confidence, document id) of the last one of the page before.
    """
    query = (
        select(DocumentConcept, Document, Passage.place)
        .select_from(SHOWN)
        .join(
            DocumentConcept,
            (DocumentConcept.document_id == SHOWN.c.document_id) & (DocumentConcept.concept_id == SHOWN.c.spelling_id),
        )
        .join(Document, Document.id == SHOWN.c.document_id)
        .outerjoin(Passage, Passage.id == DocumentConcept.passage_id)
        .where(SHOWN.c.owner_id == owner_id, SHOWN.c.concept_id == concept_id, Document.deleted_at.is_(None))
    )
    if after is not None:
        last = tuple_(cast(after[0], REAL), after[1])  # as exact as the column, or the last one would come again
        query = query.where(tuple_(SHOWN.c.confidence, SHOWN.c.document_id) < last)
    rows = session.execute(query.order_by(SHOWN.c.confidence.desc(), SHOWN.c.document_id.desc()).limit(limit))
    return [Proof(*row) for row in rows], documents(session, owner_id, concept_id)
