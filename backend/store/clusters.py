"""Clusters: groups of documents that belong together.

Whatever changes the members of a cluster holds the owner's lock until its transaction ends, so that two documents filed
at once neither start the same cluster twice nor lose count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import clusters
from backend.domain.errors import NotFound
from backend.store import vectors
from backend.store.database import Base
from backend.store.documents import Document, DocumentVector

AUTO, PERSON = "auto", "person"

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('clusters of ' || :owner_id, 0))")
NAMES = 12
"""Concepts that are considered for a name."""

CONCEPTS = text(
    """SELECT concepts.name, count(*) AS documents, sum(shown.confidence) AS strength
       FROM documents JOIN document_concepts AS shown ON shown.document_id = documents.id
            JOIN concepts ON concepts.id = shown.concept_id
       WHERE documents.cluster_id = :cluster_id AND documents.owner_id = :owner_id AND documents.deleted_at IS NULL
       GROUP BY concepts.id ORDER BY documents DESC, strength DESC, concepts.name LIMIT :limit"""
)


class Cluster(Base):
    """One cluster of one person. `centroid` is the mean of its documents' vectors under `model`, shorter than 1."""

    __tablename__ = "clusters"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    name_source: Mapped[str] = mapped_column(Text, server_default="auto")
    model: Mapped[str] = mapped_column(Text)
    centroid: Mapped[object] = mapped_column(HALFVEC())
    document_count: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def assign(
    session: Session, owner_id: int, document_id: int, vector: ArrayLike, model: str, concept_names: Sequence[str]
) -> tuple[int | None, str | None]:
    """File a document under its vector: into the nearest cluster if that is near enough, else into a new one.

    A document that a person moved stays where it is; one in the trash, or without any words, gets no cluster. Returns
    the cluster's id and name. `document_count` is exact when the transaction commits.
    """
    _lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    vectors.put(session, owner_id, document_id, vector, model)
    if document.deleted_at is not None or not np.any(np.asarray(vector)):
        return None, None
    if document.cluster_id is not None and document.cluster_source == PERSON:
        cluster = get(session, owner_id, document.cluster_id)
        _recentre(session, cluster)
        return cluster.id, cluster.name
    _leave(session, document)
    cluster = _nearest(session, owner_id, vector, model) or _start(session, owner_id, vector, model)
    _join(session, cluster, document, vector)
    _name(session, cluster, fallback=concept_names[0] if concept_names else document.title)
    return cluster.id, cluster.name


def move(session: Session, owner_id: int, document_id: int, cluster_id: int) -> Cluster:
    """Put a document where a person wants it; it stays there. Raises NotFound for either."""
    _lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    target = get(session, owner_id, cluster_id)
    if document.cluster_id != cluster_id:
        _leave(session, document, keep=cluster_id)
        _join(session, target, document, None)
        _recentre(session, target)
        _name(session, target, fallback=document.title)
    document.cluster_source = PERSON
    session.flush()
    return target


def withdraw(session: Session, owner_id: int, document_id: int) -> None:
    """Count a document out that goes to the trash. It remembers its cluster for the way back, if that remains."""
    _lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    cluster_id = document.cluster_id
    _leave(session, document)
    if cluster_id is not None and session.get(Cluster, cluster_id) is not None:
        document.cluster_id = cluster_id
        session.flush()


def put_back(session: Session, owner_id: int, document_id: int) -> None:
    """Count a document in that comes out of the trash: where it was, else where its vector belongs."""
    _lock(session, owner_id)
    document = _member(session, owner_id, document_id)
    cluster_id, document.cluster_id = document.cluster_id, None
    vector = session.scalar(select(DocumentVector).where(DocumentVector.document_id == document_id).limit(1))
    cluster = session.get(Cluster, cluster_id) if cluster_id is not None else None
    if cluster is None:
        document.cluster_source = AUTO
        session.flush()
        if vector is not None:
            assign(session, owner_id, document_id, vectors.array(vector.embedding), vector.model, ())
        return
    _join(session, cluster, document, None)
    _recentre(session, cluster)
    _name(session, cluster, fallback=document.title)


def rename(session: Session, owner_id: int, cluster_id: int, name: str) -> Cluster:
    """Give a cluster a person's name, which no machine changes again. Raises NotFound."""
    cluster = get(session, owner_id, cluster_id)
    cluster.name, cluster.name_source = name, PERSON
    cluster.updated_at = func.now()
    session.flush()
    session.refresh(cluster)
    return cluster


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


def _lock(session: Session, owner_id: int) -> None:
    session.execute(LOCK, {"owner_id": str(owner_id)})


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


def _nearest(session: Session, owner_id: int, vector: ArrayLike, model: str) -> Cluster | None:
    near = vectors.nearest(session, "clusters", "centroid", "id", owner_id, vector, model, limit=1)
    if near and clusters.joins(near[0].similarity):
        return get(session, owner_id, near[0].id)
    return None


def _start(session: Session, owner_id: int, vector: ArrayLike, model: str) -> Cluster:
    cluster = Cluster(owner_id=owner_id, name="", model=model, centroid=vectors.half(vector), document_count=0)
    session.add(cluster)
    session.flush()
    return cluster


def _join(session: Session, cluster: Cluster, document: Document, vector: ArrayLike | None) -> None:
    if vector is not None and cluster.document_count:
        centre = clusters.with_one_more(vectors.array(cluster.centroid), cluster.document_count, vector)
        cluster.centroid = vectors.half(centre)
    cluster.document_count += 1
    cluster.updated_at = func.now()
    document.cluster_id, document.cluster_source = cluster.id, AUTO
    session.flush()


def _leave(session: Session, document: Document, *, keep: int | None = None) -> None:
    """Count the document out of its cluster; an automatic cluster without documents vanishes, unless it is `keep`."""
    if document.cluster_id is None:
        return
    cluster = get(session, document.owner_id, document.cluster_id)
    document.cluster_id = None
    session.flush()
    cluster.document_count -= 1
    cluster.updated_at = func.now()
    session.flush()
    if cluster.document_count == 0 and cluster.name_source == AUTO and cluster.id != keep:
        session.expunge(cluster)
        session.execute(delete(Cluster).where(Cluster.id == cluster.id))
        return
    _recentre(session, cluster)
    _name(session, cluster, fallback=cluster.name)


def _recentre(session: Session, cluster: Cluster) -> None:
    """The exact mean of its documents: slower than one more, and only needed when one leaves or changes."""
    session.flush()
    members = select(Document.id).where(Document.cluster_id == cluster.id, Document.deleted_at.is_(None))
    mean = select(func.avg(DocumentVector.embedding)).where(
        DocumentVector.document_id.in_(members), DocumentVector.model == cluster.model
    )
    session.execute(
        update(Cluster)
        .where(Cluster.id == cluster.id)
        .values(centroid=func.coalesce(mean.scalar_subquery(), Cluster.centroid))
    )
    session.refresh(cluster)


def _name(session: Session, cluster: Cluster, *, fallback: str) -> None:
    """Name an automatic cluster after the concepts its documents show."""
    if cluster.name_source != AUTO or (cluster.name and not clusters.is_renamed_at(cluster.document_count)):
        return
    rows = session.execute(CONCEPTS, {"cluster_id": cluster.id, "owner_id": cluster.owner_id, "limit": NAMES})
    names = clusters.names([clusters.Shown(row.name, row.documents, float(row.strength)) for row in rows])
    taken = set(
        session.scalars(
            select(Cluster.name).where(
                Cluster.owner_id == cluster.owner_id, Cluster.id != cluster.id, Cluster.name.in_(names)
            )
        )
    )
    free = next((name for name in names if name not in taken), names[0] if names else None)
    cluster.name = free or cluster.name or fallback[: clusters.LONGEST_NAME]
    session.flush()
