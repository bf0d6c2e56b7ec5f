"""What the tests of merging share: texts, and what has to hold before and after."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import select

from backend.store import merges, vectors
from backend.store.cluster_rows import Cluster
from backend.store.database import EVERYONE, Database
from backend.store.documents import Document, DocumentVector
from tests import rows_of_documents

BEES = (
    "# Bees\n\nBees make honey from nectar. A bee colony has one queen and many workers who feed the queen.\n\n"
    "A hive stands in the garden and holds the bee colony through the winter.\n"
)
MORE_BEES = BEES + "\nVarroa mites weaken a bee colony. Varroa mites live on the brood of honey bees.\n"
TRAINS = "Steam trains run on rails. A steam locomotive burns coal and pulls steam trains over the mountain.\n"
HISTORY = ("merges.kept_id", "documents.merged_into")


def state(database: Database, ids: list[int]) -> dict[str, list[Any]]:
    with database.session(EVERYONE) as session:
        found = rows_of_documents.rows(session, ids)
    return {name: rows for name, rows in found.items() if name not in HISTORY}


def check_clusters(database: Database) -> None:
    """Every count is that of the members, every centre their mean."""
    with database.session(EVERYONE) as session:
        for cluster in session.scalars(select(Cluster)):
            column = Document.cluster_id if cluster.parent_id is None else Document.subcluster_id
            inside = list(
                session.scalars(select(Document.id).where(column == cluster.id, Document.deleted_at.is_(None)))
            )
            assert cluster.document_count == len(inside), cluster.name
            found = session.scalars(
                select(DocumentVector.embedding).where(DocumentVector.document_id.in_(inside))
            ).all()
            if found and cluster.parent_id is None:
                mean = np.mean([vectors.array(one) for one in found], axis=0)
                assert np.allclose(vectors.array(cluster.centroid), mean, atol=2e-3), cluster.name


def merge(database: Database, owner: int, kept: int, *gone: int) -> merges.Merge:
    with database.session(owner) as session:
        return merges.merge(session, owner, kept, gone)


def undo(database: Database, owner: int, merge_id: int) -> merges.Merge:
    with database.session(owner) as session:
        return merges.undo(session, owner, merge_id)
