"""Giving every passage, document and cluster a vector of another model, beside those of the model that serves.

All of it is for the machinery's session: a change of the model concerns everybody's board.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from numpy.typing import ArrayLike
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.store.passages import literal

# a passage without any vector belongs to a document that is still being read, and goes when it has been
LACKING = """EXISTS (SELECT 1 FROM passage_vectors v WHERE v.passage_id = p.id)
             AND NOT EXISTS (SELECT 1 FROM passage_vectors v WHERE v.passage_id = p.id AND v.model = :model)"""
COUNT = text(f"SELECT count(*) FROM passages p WHERE {LACKING}")
RUNS = text(
    f"""SELECT min(id) AS first, max(id) AS last FROM (
            SELECT p.id, (row_number() OVER (ORDER BY p.id) - 1) / :size AS run
            FROM passages p WHERE {LACKING}) AS lacking
        GROUP BY run ORDER BY run"""
)
TEXTS = text(
    f"""SELECT p.id, p.text FROM passages p WHERE p.id BETWEEN :first AND :last AND {LACKING}
        ORDER BY p.id LIMIT :limit"""
)
ADD = text(
    """INSERT INTO passage_vectors (passage_id, model, owner_id, embedding)
       SELECT p.id, :model, p.owner_id, CAST(row.vector AS halfvec)
       FROM unnest(CAST(:ids AS bigint[]), CAST(:vectors AS text[])) AS row (id, vector)
            JOIN (SELECT id, owner_id FROM passages WHERE id = ANY(:ids) FOR KEY SHARE) AS p ON p.id = row.id
       ON CONFLICT DO NOTHING"""
)
# as domain.clusters.mean has it: the mean of the passages, brought to unit length
DOCUMENTS = text(
    """INSERT INTO document_vectors (document_id, model, owner_id, embedding)
       SELECT p.document_id, :model, p.owner_id, l2_normalize(avg(v.embedding))
       FROM passages p JOIN passage_vectors v ON v.passage_id = p.id AND v.model = :model
       WHERE p.document_id IN (
           SELECT d.document_id FROM document_vectors d
           WHERE NOT EXISTS (SELECT 1 FROM document_vectors o WHERE o.document_id = d.document_id AND o.model = :model)
             AND EXISTS (SELECT 1 FROM passages q JOIN passage_vectors w ON w.passage_id = q.id AND w.model = :model
                         WHERE q.document_id = d.document_id)
           GROUP BY d.document_id ORDER BY d.document_id LIMIT :limit)
       GROUP BY p.document_id, p.owner_id ON CONFLICT DO NOTHING RETURNING document_id"""
)
CLUSTER_LOCKS = text(
    """SELECT pg_advisory_xact_lock(hashtextextended('clusters of ' || id, 0)) FROM (
           SELECT id FROM users ORDER BY id) AS everybody"""
)
CENTROIDS = text(
    """UPDATE clusters SET model = :model, centroid = mean.centroid FROM (
           SELECT d.cluster_id, avg(v.embedding) AS centroid
           FROM documents d JOIN document_vectors v ON v.document_id = d.id AND v.model = :model
           WHERE d.deleted_at IS NULL AND d.cluster_id IS NOT NULL GROUP BY d.cluster_id) AS mean
       WHERE clusters.id = mean.cluster_id"""
)
FORGET = {
    table: text(
        f"""DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE model <> :model LIMIT :limit)
            RETURNING 1"""
    )
    for table in ("passage_vectors", "document_vectors")
}
STALE = text("DELETE FROM document_vectors WHERE document_id = :document_id AND model <> :model")


class Run(NamedTuple):
    """Passages by their ids, from the first to the last."""

    first: int
    last: int


class Wanted(NamedTuple):
    """A passage that has no vector of the model yet."""

    id: int
    text: str


def lacking(session: Session, model: str) -> int:
    """How many passages have no vector of `model` yet."""
    return session.scalar(COUNT, {"model": model}) or 0


def runs(session: Session, model: str, size: int) -> list[Run]:
    """Those passages in runs of `size`."""
    return [Run(row.first, row.last) for row in session.execute(RUNS, {"model": model, "size": size})]


def texts(session: Session, model: str, run: Run, limit: int) -> list[Wanted]:
    """The first `limit` of those passages in the run."""
    values = {"model": model, "first": run.first, "last": run.last, "limit": limit}
    return [Wanted(row.id, row.text) for row in session.execute(TEXTS, values)]


def add(session: Session, model: str, passage_ids: Sequence[int], vectors: Sequence[ArrayLike]) -> None:
    """Keep vectors of `model`; passages that went meanwhile, or have one, are left alone."""
    values = [literal(vector) for vector in vectors]
    session.execute(ADD, {"model": model, "ids": list(passage_ids), "vectors": values})


def add_documents(session: Session, model: str, limit: int) -> int:
    """Give up to `limit` documents their vector of `model`; how many there were."""
    return len(session.execute(DOCUMENTS, {"model": model, "limit": limit}).all())


def recentre(session: Session, model: str) -> None:
    """Bring all clusters to `model`. Whoever changes the members of a cluster waits until the transaction ends."""
    session.execute(CLUSTER_LOCKS)
    session.execute(CENTROIDS, {"model": model})


def forget_others(session: Session, model: str, limit: int) -> int:
    """Delete up to `limit` vectors of each sort that are of another model; how many there were."""
    return sum(len(session.execute(sql, {"model": model, "limit": limit}).all()) for sql in FORGET.values())


def forget_of_document(session: Session, document_id: int, model: str) -> None:
    """The document was read anew: what it has of other models than `model` is of its old text."""
    session.execute(STALE, {"document_id": document_id, "model": model})
