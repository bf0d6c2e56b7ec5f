"""Lists of clusters with the concepts their documents show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm import Session

from backend.store.clusters import Cluster

CONCEPTS = 8

TOP = text(
    """SELECT cluster_id, id, name FROM (
           SELECT d.cluster_id, c.id, c.name, row_number() OVER (
               PARTITION BY d.cluster_id ORDER BY count(*) DESC, sum(shown.confidence) DESC, c.id) AS place
           FROM documents d JOIN document_concepts shown ON shown.document_id = d.id
                JOIN concepts c ON c.id = shown.concept_id
           WHERE d.owner_id = :owner_id AND d.deleted_at IS NULL AND d.cluster_id = ANY(:ids)
           GROUP BY d.cluster_id, c.id) AS ranked
       WHERE place <= :most ORDER BY cluster_id, place"""
)


class Top(NamedTuple):
    """A concept that many documents of a cluster show."""

    id: int
    name: str


def page(
    session: Session, owner_id: int, *, q: str | None, after: tuple[int, int] | None, limit: int
) -> tuple[list[Cluster], int]:
    """Clusters, those with most documents first, and how many there are; `after` is (documents, id) of the last."""
    conditions = [Cluster.owner_id == owner_id]
    if q:
        conditions.append(Cluster.name.icontains(q, autoescape=True))
    total = session.scalar(select(func.count()).select_from(Cluster).where(*conditions)) or 0
    if after is not None:
        conditions.append(tuple_(Cluster.document_count, Cluster.id) < after)
    rows = session.scalars(
        select(Cluster).where(*conditions).order_by(Cluster.document_count.desc(), Cluster.id.desc()).limit(limit)
    )
    return list(rows), total


def concepts(session: Session, owner_id: int, cluster_ids: Sequence[int]) -> dict[int, list[Top]]:
    """The concepts most documents of each cluster show, by cluster id."""
    found: dict[int, list[Top]] = {cluster_id: [] for cluster_id in cluster_ids}
    for row in session.execute(TOP, {"owner_id": owner_id, "ids": list(cluster_ids), "most": CONCEPTS}):
        found[row.cluster_id].append(Top(row.id, row.name))
    return found
