"""What people decide about a cluster: its name, that it stays, that it goes."""

from __future__ import annotations

import numpy as np
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.domain import clusters as clustering
from backend.domain.cluster_changes import Change
from backend.store import cluster_changes, clusters, vectors
from backend.store.cluster_rows import AUTO, PERSON, Cluster
from backend.store.documents import Document, DocumentVector


def change(
    session: Session, owner_id: int, cluster_id: int, *, name: str | None = None, pinned: bool | None = None
) -> Cluster:
    """Give a cluster a person's name, which no machine changes again, or pin it. Raises NotFound."""
    clusters.lock(session, owner_id)
    cluster = clusters.get(session, owner_id, cluster_id)
    if name is not None:
        if name != cluster.name:
            details = {"from": cluster.name, "by": PERSON}
            renamed = Change("renamed", cluster.id, name, cluster.document_count, details)
            cluster_changes.record(session, owner_id, [renamed])
        cluster.name, cluster.name_source = name, PERSON
    if pinned is not None:
        cluster.pinned = pinned
    cluster.updated_at = func.now()
    session.flush()
    session.refresh(cluster)
    return cluster


def delete(session: Session, owner_id: int, cluster_id: int) -> tuple[int, list[int]]:
    """Delete a cluster; how many documents it had, and the clusters they were filed into. Raises NotFound.

    The documents of a sub-topic stay in their topic. Those of a topic join the nearest other one that is near enough,
    or start a new one.
    """
    clusters.lock(session, owner_id)
    cluster = clusters.get(session, owner_id, cluster_id)
    gone = Change("vanished", cluster.id, cluster.name, cluster.document_count, {"by": PERSON})
    if cluster.parent_id is not None:
        members, into = cluster.document_count, [cluster.parent_id]
        _forget(session, cluster)
    else:
        within = (Document.owner_id == owner_id, Document.cluster_id == cluster_id)
        ids = list(session.scalars(select(Document.id).where(*within, Document.deleted_at.is_(None))))
        members = len(ids)
        # those in the trash forget it as well; they are filed when they come back
        nowhere = {"cluster_id": None, "subcluster_id": None, "cluster_source": AUTO}
        session.execute(update(Document).where(*within).values(nowhere))
        _forget(session, cluster)
        into = _file(session, owner_id, ids, cluster.model)
    named = session.execute(select(Cluster.id, Cluster.name).where(Cluster.id.in_(into)).order_by(Cluster.id)).all()
    gone.details["into"] = [{"id": row.id, "name": row.name} for row in named]
    cluster_changes.record(session, owner_id, [gone])
    return members, into


def _forget(session: Session, cluster: Cluster) -> None:
    session.expunge(cluster)
    session.execute(sql_delete(Cluster).where(Cluster.id == cluster.id, Cluster.owner_id == cluster.owner_id))


def _file(session: Session, owner_id: int, ids: list[int], model: str) -> list[int]:
    """File documents that are in no cluster: many at once by one product with all centres, the rest one by one."""
    rows = session.execute(
        select(DocumentVector.document_id, DocumentVector.embedding)
        .where(DocumentVector.document_id.in_(ids), DocumentVector.model == model, DocumentVector.owner_id == owner_id)
        .order_by(DocumentVector.document_id)
    ).all()
    centres = session.execute(
        select(Cluster.id, Cluster.centroid)
        .where(Cluster.owner_id == owner_id, Cluster.parent_id.is_(None), Cluster.model == model)
        .order_by(Cluster.id)
    ).all()
    joined: dict[int, list[int]] = {}
    if rows and centres:
        nearest = clustering.nearest_centres(
            np.stack([vectors.array(row.embedding) for row in rows]),
            np.stack([vectors.array(row.centroid) for row in centres]),
        )
        for row, place in zip(rows, nearest, strict=True):
            if place is not None:
                joined.setdefault(centres[place].id, []).append(row.document_id)
    for cluster_id, members in joined.items():
        session.execute(update(Document).where(Document.id.in_(members)).values(cluster_id=cluster_id))
        cluster = clusters.get(session, owner_id, cluster_id)
        cluster.document_count += len(members)
        clusters.recentre(session, cluster)
    session.expire_all()
    placed = {member for members in joined.values() for member in members}
    for document_id in ids:
        if document_id not in placed:
            clusters.file_again(session, owner_id, document_id)
    now = session.scalars(select(Document.cluster_id).where(Document.id.in_(ids), Document.cluster_id.is_not(None)))
    return sorted({cluster_id for cluster_id in now if cluster_id is not None})
