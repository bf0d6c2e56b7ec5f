"""Lists of clusters with the concepts their documents show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm import Session

from backend.store.cluster_rows import Cluster

CONCEPTS = 8

TOP = """SELECT cluster_id, id, name FROM (
           SELECT d.{column} AS cluster_id, m.id, m.name, row_number() OVER (
               PARTITION BY d.{column} ORDER BY count(DISTINCT d.id) DESC, sum(shown.confidence) DESC, m.id) AS place
           FROM documents d JOIN shown_concepts shown ON shown.document_id = d.id AND shown.owner_id = d.owner_id
                JOIN concepts c ON c.id = shown.concept_id JOIN concepts m ON m.id = coalesce(c.merged_into, c.id)
           WHERE d.owner_id = :owner_id AND d.deleted_at IS NULL AND d.{column} = ANY(:ids)
           GROUP BY d.{column}, m.id) AS ranked
       WHERE place <= :most ORDER BY cluster_id, place"""
"""With the column that holds the cluster of a document."""


class Top(NamedTuple):
    """A concept that many documents of a cluster show."""

    id: int
    name: str


def page(
    session: Session, owner_id: int, *, q: str | None, parent_id: int | None, after: tuple[int, int] | None, limit: int
) -> tuple[list[Cluster], int]:
    """Topics, or the sub-topics of `parent_id`, those with most documents first, and how many there are.

    `after` is (documents, id) of the last one of the page before.
    """
    conditions = [Cluster.owner_id == owner_id, Cluster.parent_id.is_not_distinct_from(parent_id)]
    if q:
        conditions.append(Cluster.name.icontains(q, autoescape=True))
    total = session.scalar(select(func.count()).select_from(Cluster).where(*conditions)) or 0
    if after is not None:
        conditions.append(tuple_(Cluster.document_count, Cluster.id) < after)
    rows = session.scalars(
        select(Cluster).where(*conditions).order_by(Cluster.document_count.desc(), Cluster.id.desc()).limit(limit)
    )
    return list(rows), total


def concepts(session: Session, owner_id: int, clusters: Sequence[Cluster]) -> dict[int, list[Top]]:
    """The concepts most documents of each cluster show, by cluster id."""
    found: dict[int, list[Top]] = {cluster.id: [] for cluster in clusters}
    for column, is_topic in (("cluster_id", True), ("subcluster_id", False)):
        ids = [cluster.id for cluster in clusters if (cluster.parent_id is None) == is_topic]
        if ids:
            given = {"owner_id": owner_id, "ids": ids, "most": CONCEPTS}
            for row in session.execute(text(TOP.format(column=column)), given):
                found[row.cluster_id].append(Top(row.id, row.name))
    return found
