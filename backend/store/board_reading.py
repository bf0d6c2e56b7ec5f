"""A whole board as it is grouped: its documents with vectors, words and concepts, and its clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.domain.regrouping import Filed, Known
from backend.store.cluster_rows import PERSON, Cluster

FETCHED = 2_000
FIRST_CHARS = 20_000
"""Of a long text, this much says which words it is about."""

DOCUMENTS = text(
    """SELECT d.id, d.cluster_id, d.subcluster_id, d.cluster_source, p.x, p.y, v.embedding::text AS vector
       FROM documents d JOIN document_vectors v ON v.document_id = d.id AND v.model = :model
            LEFT JOIN document_places p ON p.document_id = d.id
       WHERE d.owner_id = :owner_id AND d.deleted_at IS NULL AND l2_norm(v.embedding) > 0 ORDER BY d.id"""
)
TEXTS = text("SELECT document_id, left(text, :chars) AS text FROM document_texts WHERE document_id = ANY(:ids)")
CONCEPTS = text(
    """SELECT document_id, coalesce(merged_into, concept_id) AS concept_id, max(confidence) AS confidence
       FROM document_concepts JOIN concepts ON concepts.id = concept_id
       WHERE document_concepts.owner_id = :owner_id AND document_id = ANY(:ids)
       GROUP BY document_id, coalesce(merged_into, concept_id)"""
)
TITLES = text("SELECT id, title FROM documents WHERE owner_id = :owner_id AND id = ANY(:ids)")
NAMES = text("SELECT id, name FROM concepts WHERE owner_id = :owner_id AND id = ANY(:ids)")


class Seen(NamedTuple):
    """A board as it was read: rows of all arrays are in the order of `documents`."""

    documents: list[Filed]
    vectors: NDArray[np.float32]
    places: NDArray[np.float64]
    known: dict[int, Known]
    centres: dict[int, tuple[float, float]]


def board(session: Session, owner_id: int, model: str) -> Seen:
    """All documents of the board that have a vector of `model`, and its clusters."""
    documents: list[Filed] = []
    rows: list[NDArray[np.float32]] = []
    places: list[tuple[float, float]] = []
    found = session.execute(DOCUMENTS, {"owner_id": owner_id, "model": model}, execution_options={"yield_per": FETCHED})
    for row in found:
        documents.append(Filed(row.id, row.cluster_id, row.subcluster_id, row.cluster_source == PERSON))
        rows.append(np.fromstring(row.vector[1:-1], dtype=np.float32, sep=","))
        places.append((np.nan, np.nan) if row.x is None else (row.x, row.y))
    known, centres = {}, {}
    for cluster in session.scalars(select(Cluster).where(Cluster.owner_id == owner_id)):
        by_person = cluster.name_source == PERSON
        known[cluster.id] = Known(cluster.name, by_person, cluster.pinned, cluster.parent_id)
        if cluster.x is not None and cluster.y is not None:
            centres[cluster.id] = (cluster.x, cluster.y)
    stacked = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
    return Seen(documents, stacked, np.array(places, dtype=np.float64).reshape(-1, 2), known, centres)


def texts(session: Session, ids: Sequence[int]) -> list[str]:
    """The beginnings of the texts of documents, in the order of `ids`."""
    rows = session.execute(TEXTS, {"ids": list(ids), "chars": FIRST_CHARS})
    found = {row.document_id: row.text for row in rows}
    return [found.get(one, "") for one in ids]


def concepts(session: Session, owner_id: int, ids: Sequence[int]) -> Iterator[tuple[int, int, float]]:
    """(document, concept, confidence) of documents."""
    for row in session.execute(CONCEPTS, {"owner_id": owner_id, "ids": list(ids)}):
        yield row.document_id, row.concept_id, row.confidence


def concept_names(session: Session, owner_id: int, ids: Sequence[int]) -> dict[int, str]:
    """The names of concepts by id."""
    return {row.id: row.name for row in session.execute(NAMES, {"owner_id": owner_id, "ids": list(ids)})}


def titles(session: Session, owner_id: int, ids: Sequence[int]) -> dict[int, str]:
    """The titles of documents by id."""
    return {row.id: row.title for row in session.execute(TITLES, {"owner_id": owner_id, "ids": list(ids)})}
