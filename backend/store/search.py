"""Searching passages: what words and meaning find, joined into one ranking, and read with their documents.

Candidates are found in the machinery's session, with the owner as a condition of every query, and come out as ids; what
a person sees of them is read in that person's own session, through row-level security.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from numpy.typing import ArrayLike
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.search import NEAR_ENOUGH, Query, Term, fused
from backend.store import matches, media, vectors
from backend.store.documents import Document
from backend.store.passages import Passage

NEIGHBOURS = 100


@dataclass(frozen=True)
class Filters:
    """What a search is narrowed to."""

    cluster_id: int | None = None
    concept_id: int | None = None
    type: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Hit(NamedTuple):
    """A passage that was found."""

    passage_id: int
    score: float


class Shown(NamedTuple):
    """A found passage with its document."""

    passage: Passage
    document: Document


def candidates(
    session: Session,
    owner_id: int,
    query: Query,
    wanted: Sequence[Term],
    vector: ArrayLike | None,
    model: str,
    filters: Filters,
) -> list[Hit]:
    """Passages by reciprocal rank fusion of words and meaning, the best first; `vector` None searches by words only.

    For the machinery's session: the owner is a condition of every query here.
    """
    condition, parameters = _condition(owner_id, query, filters)
    by_words = matches.ranked(session, owner_id, wanted, condition, parameters, must=bool(query.phrases))
    near = []
    if vector is not None:
        near = vectors.nearest(
            session,
            "passage_vectors",
            "embedding",
            "passage_id",
            owner_id,
            vector,
            model,
            limit=NEIGHBOURS,
            condition="AND EXISTS (SELECT 1 FROM passage_words p JOIN documents d ON d.id = p.document_id "
            f"WHERE p.passage_id = passage_vectors.passage_id AND {condition})",
            parameters=parameters,
        )
    ranked = fused(by_words, [hit.id for hit in near if hit.similarity >= NEAR_ENOUGH])
    return [Hit(passage_id, score) for passage_id, score in ranked]


def read(session: Session, owner_id: int, passage_ids: Sequence[int]) -> dict[int, Shown]:
    """The passages with their documents, by passage id."""
    rows = session.execute(
        select(Passage, Document)
        .join(Document, Document.id == Passage.document_id)
        .where(Passage.id.in_(passage_ids), Passage.owner_id == owner_id, Document.deleted_at.is_(None))
    )
    return {passage.id: Shown(passage, document) for passage, document in rows}


def best_by_document(session: Session, owner_id: int, hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of each document that this person may see, the best first."""
    ids = [hit.passage_id for hit in hits]
    rows = session.execute(
        select(Passage.id, Passage.document_id).where(Passage.id.in_(ids), Passage.owner_id == owner_id)
    )
    document_of = {row.id: row.document_id for row in rows}
    best: dict[int, Hit] = {}
    for hit in hits:
        if hit.passage_id in document_of:
            best.setdefault(document_of[hit.passage_id], hit)
    return list(best.values())


def _condition(owner_id: int, query: Query, filters: Filters) -> tuple[str, dict[str, Any]]:
    """What every passage `p` of a document `d` must fulfil, as SQL with parameters."""
    parts = ["p.owner_id = :owner_id", "d.owner_id = :owner_id", "d.deleted_at IS NULL"]
    parameters: dict[str, Any] = {"owner_id": owner_id}
    for number, phrase in enumerate(query.phrases):
        parts.append(f"p.words @@ phraseto_tsquery('simple', :phrase{number})")
        parameters[f"phrase{number}"] = phrase
    for number, phrase in enumerate(query.excluded):
        parts.append(
            "NOT EXISTS (SELECT 1 FROM passage_words x WHERE x.document_id = d.id AND x.owner_id = :owner_id"
            f" AND x.words @@ phraseto_tsquery('simple', :excluded{number}))"
        )
        parameters[f"excluded{number}"] = phrase
    simple = {
        "d.cluster_id = :cluster_id": filters.cluster_id,
        "d.language = :language": filters.language,
        "d.created_at >= :since": filters.since,
        "d.created_at < :until": filters.until,
        "EXISTS (SELECT 1 FROM document_concepts s WHERE s.document_id = d.id AND s.concept_id = :concept_id)": (
            filters.concept_id
        ),
    }
    for sql, value in simple.items():
        if value is not None:
            parts.append(sql)
            parameters[sql.rsplit(":", 1)[1].rstrip(")")] = value
    if filters.type is not None:
        parts.append("d.media_type LIKE ANY (:media_types)")
        parameters["media_types"] = media.patterns(filters.type)
    return " AND ".join(parts), parameters
