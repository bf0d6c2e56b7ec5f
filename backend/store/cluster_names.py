"""The concepts a cluster may be named after, beside how common they are on the board."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain import cluster_names, words
from backend.domain.cluster_names import CONSIDERED, LONGEST, Shown

__all__ = ["LONGEST", "best"]


COUNTED = 1000
"""How far documents are counted: beyond, a concept is as common as it can be, and counting would take its time."""

SIZES = text(
    """SELECT (SELECT document_count FROM clusters WHERE id = :cluster_id AND owner_id = :owner_id) AS size,
              (SELECT count(*) FROM (SELECT 1 FROM documents WHERE owner_id = :owner_id AND deleted_at IS NULL
               LIMIT :counted) AS counted) AS board"""
)
CONCEPTS = text(
    """WITH shown AS (
           SELECT coalesce(c.merged_into, c.id) AS shown_id, count(DISTINCT d.id) AS documents,
                  sum(s.confidence) AS strength
           FROM documents d JOIN document_concepts s ON s.document_id = d.id JOIN concepts c ON c.id = s.concept_id
           WHERE d.cluster_id = :cluster_id AND d.owner_id = :owner_id AND d.deleted_at IS NULL
           GROUP BY coalesce(c.merged_into, c.id) ORDER BY 2 DESC, 3 DESC, 1 LIMIT :limit)
       SELECT concepts.name, shown.documents, shown.strength,
              (SELECT count(*) FROM (SELECT 1 FROM document_concepts AS every WHERE every.concept_id = concepts.id
               LIMIT :counted) AS counted) AS on_board
       FROM shown JOIN concepts ON concepts.id = shown.shown_id
       ORDER BY shown.documents DESC, shown.strength DESC, concepts.name"""
)
OTHERS = text("SELECT name FROM clusters WHERE owner_id = :owner_id AND id <> :cluster_id AND name = ANY(:names)")


def best(session: Session, owner_id: int, cluster_id: int, current: str) -> str | None:
    """The best name for a cluster that no other of the person has, or None when its documents show no concept."""
    which = {"owner_id": owner_id, "cluster_id": cluster_id, "counted": COUNTED}
    rows = session.execute(CONCEPTS, {**which, "limit": CONSIDERED}).all()
    if not rows:
        return None
    sizes = session.execute(SIZES, which).one()
    shown = [Shown(row.name, row.documents, float(row.strength), row.on_board) for row in rows]
    names = cluster_names.candidates(cluster_names.ranked(shown, size=sizes.size, board=sizes.board), current=current)
    taken = session.scalars(OTHERS, {"owner_id": owner_id, "cluster_id": cluster_id, "names": names}).all()
    return cluster_names.chosen(names, taken={words.folded(name) for name in taken})
