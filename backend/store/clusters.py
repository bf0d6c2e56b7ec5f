"""Clusters: groups of documents that belong together, in two levels: topics, and sub-topics within them.

Whatever changes the members of a cluster holds the owner's lock until its transaction ends, so that two documents filed
at once neither start the same cluster twice nor lose count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from backend.domain import clusters
from backend.domain.cluster_changes import Change
from backend.domain.clusters import Neighbour
from backend.domain.errors import NotFound
from backend.store import (
    cluster_changes,
    cluster_names,
    document_places,
    embedding_models,
    filed_near,
    merged_away,
    vectors,
)
from backend.store.cluster_rows import AUTO, PERSON, Cluster
from backend.store.documents import Document, DocumentVector

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('clusters of ' || :owner_id, 0))")
RECENTRE = text(
    """UPDATE clusters SET centroid = coalesce(
           (SELECT avg(embedding) FROM document_vectors JOIN documents ON documents.id = document_id
            WHERE documents.cluster_id = clusters.id AND documents.deleted_at IS NULL
              AND document_vectors.model = clusters.model), centroid)
       WHERE id = :cluster_id AND owner_id = :owner_id"""
)


def assign(
    session: Session, owner_id: int, document_id: int, vector: ArrayLike, model: str, concept_names: Sequence[str]
) -> tuple[int | None, str | None]:
    """File a document under its vector: with its nearest neighbours if they are near enough, else into a new cluster.

    A document that a person moved stays where it is; one in the trash, or without any words, gets no cluster. Returns
    the cluster's id and name. `document_count` is exact when the transaction commits.
    """
    lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    vectors.put(session, owner_id, document_id, vector, model)
    if document.deleted_at is not None or not np.any(np.asarray(vector)):
        return None, None
    near = filed_near.nearest(session, owner_id, vector, model, besides=document_id)
    if document.cluster_id is not None and document.cluster_source == PERSON:
        cluster = get(session, owner_id, document.cluster_id)
        recentre(session, cluster)
    else:
        cluster = _filed(session, document, vector, model, near)
        name(session, cluster, fallback=concept_names[0] if concept_names else document.title)
    place = clusters.place_beside(near, cluster.id, document_id) or clusters.place_apart(document_id)
    document_places.put(session, owner_id, document_id, *place)
    return cluster.id, cluster.name


def _filed(session: Session, document: Document, vector: ArrayLike, model: str, near: Sequence[Neighbour]) -> Cluster:
    """The cluster the document is in from now on; one that has a cluster to itself and finds no kin keeps it."""
    owner_id, elected = document.owner_id, clusters.elected(near)
    if document.cluster_id is not None:
        current = get(session, owner_id, document.cluster_id)
        if elected == current.id or (elected is None and current.document_count == 1):
            current.model = model
            recentre(session, current)
            return current
        leave(session, document)
    cluster = start(session, owner_id, vector, model) if elected is None else get(session, owner_id, elected)
    join(session, cluster, document, vector)
    _enter(session, document, clusters.elected_subtopic(near, cluster.id))
    return cluster


def move(session: Session, owner_id: int, document_id: int, cluster_id: int) -> Cluster:
    """Put a document where a person wants it, a topic or a sub-topic; it stays there. Raises NotFound for either."""
    lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    if document.deleted_at is not None:  # it was deleted or merged while this waited for the lock
        raise merged_away.missing(session, owner_id, document_id)
    target = get(session, owner_id, cluster_id)
    topic = target if target.parent_id is None else get(session, owner_id, target.parent_id)
    before = document.cluster_id, document.subcluster_id
    if document.cluster_id != topic.id:
        leave(session, document, keep=topic.id)
        join(session, topic, document, None)
        recentre(session, topic)
        name(session, topic, fallback=document.title)
    if target is not topic:
        _enter(session, document, target.id)
    document.cluster_source = PERSON
    session.flush()
    if before != (document.cluster_id, document.subcluster_id):
        details = {"document_id": document_id, "title": document.title, "from_id": before[0], "by": PERSON}
        cluster_changes.record(session, owner_id, [Change("moved", target.id, target.name, 1, details)])
    return target


def withdraw(session: Session, owner_id: int, document_id: int) -> None:
    """Count a document out that goes to the trash. It remembers where it was, as far as that remains."""
    lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    before = document.cluster_id, document.subcluster_id
    leave(session, document)
    remaining = select(Cluster.id).where(Cluster.owner_id == owner_id, Cluster.id.in_([one for one in before if one]))
    left = set(session.scalars(remaining))
    document.cluster_id, document.subcluster_id = (one if one in left else None for one in before)
    session.flush()


def put_back(session: Session, owner_id: int, document_id: int) -> None:
    """Count a document in that comes out of the trash: where it was, else where its vector belongs."""
    lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    cluster_id, subtopic_id, source = document.cluster_id, document.subcluster_id, document.cluster_source
    document.cluster_id = document.subcluster_id = None
    session.flush()
    if cluster_id is None:
        document.cluster_source = AUTO
        file_again(session, owner_id, document_id)
        return
    cluster = get(session, owner_id, cluster_id)
    join(session, cluster, document, None)
    document.cluster_source = source
    _enter(session, document, subtopic_id)
    recentre(session, cluster)
    name(session, cluster, fallback=document.title)


def file_again(session: Session, owner_id: int, document_id: int) -> None:
    """File a document under the vector it has, of the serving model if it can be; without one it stays nowhere."""
    serving = DocumentVector.model == embedding_models.serving(session)
    statement = select(DocumentVector).where(DocumentVector.document_id == document_id)
    vector = session.scalar(statement.order_by(serving.desc().nulls_last()).limit(1))
    if vector is not None:
        assign(session, owner_id, document_id, vectors.array(vector.embedding), vector.model, ())


def get(session: Session, owner_id: int, cluster_id: int) -> Cluster:
    """The cluster. Raises NotFound."""
    found = session.scalar(
        select(Cluster)
        .where(Cluster.id == cluster_id, Cluster.owner_id == owner_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such cluster.", code="cluster_not_found")
    return found


def lock(session: Session, owner_id: int) -> None:
    """Let nobody else change the clusters of this person until the transaction ends."""
    session.execute(LOCK, {"owner_id": str(owner_id)})


def start(session: Session, owner_id: int, vector: ArrayLike, model: str) -> Cluster:
    """A new topic around a vector, without members or a name."""
    cluster = Cluster(owner_id=owner_id, name="", model=model, centroid=vectors.half(vector), document_count=0)
    session.add(cluster)
    session.flush()
    return cluster


def join(session: Session, cluster: Cluster, document: Document, vector: ArrayLike | None) -> None:
    """Count a document in that is in no cluster; `vector` moves the centre, without it the caller recentres."""
    if vector is not None and cluster.document_count:
        centre = clusters.with_one_more(vectors.array(cluster.centroid), cluster.document_count, vector)
        cluster.centroid = vectors.half(centre)
    cluster.document_count += 1
    cluster.updated_at = func.now()
    document.cluster_id, document.cluster_source = cluster.id, AUTO
    session.flush()


def leave(session: Session, document: Document, *, keep: int | None = None) -> None:
    """Count the document out of its cluster; an empty one vanishes, unless a person chose it or it is `keep`."""
    if document.cluster_id is None:
        return
    _enter(session, document, None)
    cluster = get(session, document.owner_id, document.cluster_id)
    document.cluster_id = None
    session.flush()
    cluster.document_count -= 1
    cluster.updated_at = func.now()
    session.flush()
    if cluster.id != keep and _vanishes(session, cluster):
        return
    recentre(session, cluster)
    name(session, cluster, fallback=cluster.name)


def recentre(session: Session, cluster: Cluster) -> None:
    """The exact mean of its documents: slower than one more, and only needed when one leaves or changes."""
    session.flush()
    session.execute(RECENTRE, {"cluster_id": cluster.id, "owner_id": cluster.owner_id})
    session.refresh(cluster)


def name(session: Session, cluster: Cluster, *, fallback: str) -> None:
    """Name an automatic cluster after what its documents show, and others of the board do not."""
    if cluster.name_source == AUTO and (not cluster.name or clusters.is_renamed_at(cluster.document_count)):
        best = cluster_names.best(session, cluster.owner_id, cluster.id, cluster.name)
        cluster.name = best or cluster.name or fallback[: cluster_names.LONGEST]
        session.flush()


def _enter(session: Session, document: Document, subtopic_id: int | None) -> None:
    """Count a document into a sub-topic, and out of the one it was in."""
    if document.subcluster_id == subtopic_id:
        return
    before, document.subcluster_id = document.subcluster_id, subtopic_id
    session.flush()
    for cluster_id, change in ((before, -1), (subtopic_id, 1)):
        if cluster_id is not None:
            subtopic = get(session, document.owner_id, cluster_id)
            subtopic.document_count += change
            session.flush()
            _vanishes(session, subtopic)


def _vanishes(session: Session, cluster: Cluster) -> bool:
    """Delete the cluster when nothing is left of it, nor in it, that anybody chose; whether it is gone."""
    chosen = (Cluster.name_source == PERSON) | Cluster.pinned
    same_or_within = (Cluster.id == cluster.id) | (Cluster.parent_id == cluster.id)
    if cluster.document_count > 0 or session.scalar(select(Cluster.id).where(same_or_within, chosen).limit(1)):
        return False
    session.expunge(cluster)
    session.execute(delete(Cluster).where(Cluster.id == cluster.id))
    return True


def _member(session: Session, owner_id: int, document_id: int) -> Document:
    document = session.scalar(
        select(Document)
        .where(Document.id == document_id, Document.owner_id == owner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if document is None:
        raise NotFound("There is no such document.", code="document_not_found")
    return document
