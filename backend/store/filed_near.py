"""The filed documents of a board that are nearest to a vector, with their clusters and where they lie."""

from __future__ import annotations

from numpy.typing import ArrayLike
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.clusters import NEIGHBOURS, Neighbour
from backend.store import vectors

FILED = """AND document_id <> :self AND EXISTS (
    SELECT 1 FROM documents WHERE documents.id = document_vectors.document_id AND documents.deleted_at IS NULL
        AND documents.cluster_id IS NOT NULL)"""
WHERE_FILED = text(
    """SELECT id, cluster_id, subcluster_id, x, y
       FROM documents LEFT JOIN document_places ON document_places.document_id = documents.id
       WHERE documents.owner_id = :owner_id AND id = ANY(:ids)"""
)


def nearest(session: Session, owner_id: int, vector: ArrayLike, model: str, *, besides: int) -> list[Neighbour]:
    """The nearest documents that are in a cluster, the nearest first, without the document `besides`.

    One walk of the index: as fast with ten thousand clusters as with ten.
    """
    near = vectors.nearest(
        session,
        "document_vectors",
        "embedding",
        "document_id",
        owner_id,
        vector,
        model,
        limit=NEIGHBOURS,
        condition=FILED,
        parameters={"self": besides},
    )
    rows = session.execute(WHERE_FILED, {"owner_id": owner_id, "ids": [one.id for one in near]})
    by_id = {row.id: row for row in rows}
    return [
        Neighbour(one.similarity, found.cluster_id, found.subcluster_id, found.x, found.y)
        for one in near
        if (found := by_id.get(one.id)) is not None
    ]
