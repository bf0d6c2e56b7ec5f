"""Documents that are like a document, and why."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.store import vectors
from backend.store.concept_rows import SHOWN, Concept
from backend.store.documents import DocumentVector

LEAST = 0.3
"""Cosine below which two documents have nothing to do with each other."""


class Related(NamedTuple):
    """A document id with its likeness, the concepts both show, and the reason as a sentence."""

    document_id: int
    similarity: float
    shared: tuple[str, ...]
    reason: str


def to_document(session: Session, owner_id: int, document_id: int, model: str, *, limit: int) -> list[Related]:
    """The nearest documents of the same board under `model`, the nearest first; none before it was understood."""
    stored = session.scalar(
        select(DocumentVector.embedding).where(
            DocumentVector.document_id == document_id,
            DocumentVector.owner_id == owner_id,
            DocumentVector.model == model,
        )
    )
    if stored is None:
        return []
    near = vectors.nearest(
        session,
        "document_vectors",
        "embedding",
        "document_id",
        owner_id,
        vectors.array(stored),
        model,
        limit=limit,
        condition="AND document_id <> :itself AND EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id"
        " AND d.deleted_at IS NULL)",
        parameters={"itself": document_id},
    )
    near = [other for other in near if other.similarity >= LEAST]
    shared = _shared(session, owner_id, document_id, [other.id for other in near])
    return [
        Related(other.id, other.similarity, shared[other.id], _reason(other.similarity, shared[other.id]))
        for other in near
    ]


def _shared(session: Session, owner_id: int, document_id: int, others: list[int]) -> dict[int, tuple[str, ...]]:
    mine, theirs = SHOWN.alias("mine"), SHOWN.alias("theirs")
    rows = session.execute(
        select(theirs.c.document_id, Concept.name)
        .join(mine, mine.c.concept_id == theirs.c.concept_id)
        .join(Concept, Concept.id == theirs.c.concept_id)
        .where(theirs.c.document_id.in_(others), theirs.c.owner_id == owner_id)
        .where(mine.c.document_id == document_id, mine.c.owner_id == owner_id)
        .order_by(mine.c.rank)
    )
    found: dict[int, list[str]] = {other: [] for other in others}
    for other, name in rows:
        found[other].append(name)
    return {other: tuple(names) for other, names in found.items()}


def _reason(similarity: float, shared: tuple[str, ...]) -> str:
    if shared:
        return f"Both are about {', '.join(shared[:3])}."
    return f"Alike in meaning ({similarity:.0%}), without a concept in common."
