"""Documents that are like a document, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.related import Ties, reason
from backend.store import neighbours, origins

LEAST = 0.3
"""Cosine below which two documents have nothing to do with each other."""

TIES = text(
    f"""WITH mine AS (SELECT d.*, {origins.SQL} AS origin FROM documents d
                      WHERE d.id = :document_id AND d.owner_id = :owner_id)
        SELECT d.id,
               array(SELECT c.name FROM shown_concepts a JOIN shown_concepts b USING (concept_id)
                     JOIN concepts c ON c.id = a.concept_id
                     WHERE a.owner_id = :owner_id AND a.document_id = mine.id
                       AND b.owner_id = :owner_id AND b.document_id = d.id ORDER BY a.rank, c.id) AS concepts,
               CASE WHEN d.source_url IS NOT NULL AND mine.source_url IS NOT NULL AND {origins.SQL} = mine.origin
                    THEN mine.origin END AS site,
               d.parent_id IS NOT NULL AND d.parent_id = mine.parent_id AS together,
               (SELECT k.name FROM clusters k WHERE k.id = d.cluster_id AND k.id = mine.cluster_id) AS topic
        FROM mine CROSS JOIN documents d WHERE d.id = ANY(:others) AND d.owner_id = :owner_id"""
)


class Related(NamedTuple):
    """A document id with its likeness, the concepts both show, and the reason as a sentence."""

    document_id: int
    similarity: float
    shared: tuple[str, ...]
    reason: str


def to_document(session: Session, owner_id: int, document_id: int, model: str, *, limit: int) -> list[Related]:
    """The nearest documents of the same board under `model`, the nearest first; none before it was understood."""
    near = neighbours.of_document(session, owner_id, document_id, model, limit=limit, least=LEAST)
    ties = _ties(session, owner_id, document_id, near)
    return [Related(other, tie.similarity, tuple(tie.concepts), reason(tie)) for other, tie in ties.items()]


def _ties(session: Session, owner_id: int, document_id: int, near: Mapping[int, float]) -> dict[int, Ties]:
    """What ties each of the others to the document, in their order."""
    values = {"owner_id": owner_id, "document_id": document_id, "others": list(near)}
    rows = {row.id: row for row in session.execute(TIES, values)}
    return {
        other: Ties(similarity, row.concepts, row.site, row.together, row.topic)
        for other, similarity in near.items()
        if (row := rows.get(other))
    }
