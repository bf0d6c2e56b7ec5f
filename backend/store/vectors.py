"""Vectors in PostgreSQL: writing them, reading them, and finding the nearest by index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pgvector import HalfVector
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.store.documents import DocumentVector

INDEXED = frozenset({256, 384, 512, 768, 1024, 1536, 2048, 3072})
"""Dimensions that have an HNSW index; vectors of another dimension are compared one by one."""
EF_SEARCH = 100
FEWEST = 10
"""Rows asked for at least: a walk of the graph in relaxed order may meet the very nearest second."""

# relaxed order: the graph is walked on until enough rows of this owner and model are found; strict order would throw
# away those that are found later than farther ones
ITERATE = text(
    """SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', :ef, true),
              set_config('hnsw.max_scan_tuples', '100000', true)"""
)


class Near(NamedTuple):
    """A row and the cosine of its vector to the one asked for."""

    id: int
    similarity: float


def half(vector: ArrayLike) -> HalfVector:
    """A vector as the database keeps it."""
    return HalfVector(np.asarray(vector, dtype=np.float32).ravel().tolist())


def array(stored: Any) -> NDArray[np.float32]:
    """A vector as it was read from a row."""
    return np.asarray(stored.to_list() if isinstance(stored, HalfVector) else stored, dtype=np.float32)


def put(session: Session, owner_id: int, document_id: int, vector: ArrayLike, model: str) -> None:
    """Keep the vector of a document under a model, in place of an older one of the same model."""
    row = {"document_id": document_id, "model": model, "owner_id": owner_id, "embedding": half(vector)}
    session.execute(
        insert(DocumentVector).values(**row).on_conflict_do_update(index_elements=["document_id", "model"], set_=row)
    )


def nearest(
    session: Session,
    table: str,
    column: str,
    id_column: str,
    owner_id: int,
    vector: ArrayLike,
    model: str,
    *,
    limit: int,
    condition: str = "",
    parameters: dict[str, Any] | None = None,
    exact: bool = False,
) -> list[Near]:
    """The nearest rows of this owner and model, the nearest first. `condition` is SQL of ours that narrows them.

    The owner and the model are conditions of the scan itself, so no row of anybody else takes a place in the answer.
    `exact` compares every row that the conditions leave, instead of walking the graph.
    """
    values = np.asarray(vector, dtype=np.float32).ravel()
    distance, dimension = f"{column} <=> CAST(:vector AS halfvec)", f"vector_dims({column}) = {len(values)}"
    if (length := len(values)) in INDEXED:  # word for word the expression of the index
        distance = f"({column}::halfvec({length})) <=> CAST(:vector AS halfvec({length}))"
        session.execute(ITERATE, {"ef": str(max(EF_SEARCH, min(limit, 1000)))})
    where = f"WHERE owner_id = :owner_id AND model = :model AND {dimension} {condition}"
    source = f"{table} {where}"
    if exact:  # an order by the distance alone, for which no index can be used
        source = f"(SELECT {id_column}, {column} FROM {table} {where} OFFSET 0) AS narrowed"
    rows = session.execute(
        text(
            f"""SELECT {id_column} AS id, 1 - ({distance}) AS similarity FROM {source}
                ORDER BY {distance} LIMIT :limit"""
        ),
        {"owner_id": owner_id, "model": model, "vector": half(values).to_text(), "limit": max(limit, FEWEST)}
        | (parameters or {}),
    )
    found = [Near(row.id, float(row.similarity)) for row in rows]
    found = [near for near in found if not math.isnan(near.similarity)]  # a vector of zeros is like nothing
    return sorted(found, key=lambda near: -near.similarity)[:limit]


def similarities(
    session: Session, owner_id: int, passage_ids: Sequence[int], vector: ArrayLike, model: str
) -> dict[int, float]:
    """The cosine of each of these passages that has a vector of this model, by id."""
    values = np.asarray(vector, dtype=np.float32).ravel()
    rows = session.execute(
        text(
            """SELECT passage_id AS id, 1 - (embedding <=> CAST(:vector AS halfvec)) AS similarity FROM passage_vectors
               WHERE passage_id = ANY(:ids) AND model = :model AND owner_id = :owner_id
                 AND vector_dims(embedding) = :dimension"""
        ),
        {
            "ids": list(passage_ids),
            "model": model,
            "owner_id": owner_id,
            "vector": half(values).to_text(),
            "dimension": len(values),
        },
    )
    return {row.id: float(row.similarity) for row in rows if not math.isnan(row.similarity)}
