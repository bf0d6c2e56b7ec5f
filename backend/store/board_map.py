"""The map of a board: where its documents and the names of its clusters lie, and when it was grouped last."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.cluster_rows import Cluster
from backend.store.database import Base
from backend.store.document_places import DocumentPlace
from backend.store.documents import Document


class BoardGrouping(Base):
    """When a board was last grouped as a whole, how many documents it had then, and under which model."""

    __tablename__ = "board_groupings"

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str] = mapped_column(Text)
    documents: Mapped[int] = mapped_column(Integer)
    grouped_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Placed(NamedTuple):
    """A document on the map."""

    document_id: int
    title: str
    media_type: str
    x: float
    y: float
    cluster_id: int | None
    subcluster_id: int | None


class State(NamedTuple):
    """How a board stands: documents filed, those filed since it was grouped, and when that was."""

    filed: int
    since: int
    grouped_at: datetime | None
    documents: int


STATE = text(
    """SELECT count(*) AS filed, count(*) FILTER (WHERE grouped IS NOT TRUE) AS since
       FROM documents LEFT JOIN document_places ON document_places.document_id = documents.id
       WHERE documents.owner_id = :owner_id AND deleted_at IS NULL AND cluster_id IS NOT NULL"""
)
# changes with whatever the map shows: a document or a cluster that comes, goes, moves, or is renamed
VERSION = text(
    """SELECT concat_ws('-',
           (SELECT concat_ws('-', count(*), bit_xor(hashtextextended(concat_ws(' ', id, title, media_type,
                coalesce(cluster_id, 0), coalesce(subcluster_id, 0), x, y), 0)))
            FROM documents JOIN document_places ON document_id = id
            WHERE documents.owner_id = :owner_id AND deleted_at IS NULL),
           (SELECT concat_ws('-', count(*), bit_xor(hashtextextended(concat_ws(' ', id, name, document_count,
                coalesce(parent_id, 0), x, y), 0)))
            FROM clusters WHERE owner_id = :owner_id),
           (SELECT extract(epoch FROM grouped_at) FROM board_groupings WHERE owner_id = :owner_id))"""
)

# a person's documents still come, or this very work was done or given up a short while ago
BUSY = text(
    """SELECT EXISTS (SELECT 1 FROM jobs WHERE owner_id = :owner_id AND document_id IS NOT NULL
                      AND state IN ('PENDING', 'PROCESSING', 'RETRY') AND NOT :in_any_case)
           OR EXISTS (SELECT 1 FROM jobs WHERE owner_id = :owner_id AND kind = :kind AND finished_at >
                      now() - CASE state WHEN 'SUCCESS' THEN interval '10 minutes' ELSE interval '6 hours' END)"""
)


def placed(session: Session, owner_id: int) -> list[Placed]:
    """All documents of the board that have a place, in the order of their ids."""
    rows = session.execute(
        select(
            Document.id,
            Document.title,
            Document.media_type,
            DocumentPlace.x,
            DocumentPlace.y,
            Document.cluster_id,
            Document.subcluster_id,
        )
        .join(DocumentPlace, DocumentPlace.document_id == Document.id)
        .where(Document.owner_id == owner_id, DocumentPlace.owner_id == owner_id, Document.deleted_at.is_(None))
        .order_by(Document.id)
    )
    return [Placed(*row) for row in rows]


def named(session: Session, owner_id: int) -> list[Cluster]:
    """The clusters whose names have a place."""
    statement = select(Cluster).where(Cluster.owner_id == owner_id, Cluster.x.is_not(None)).order_by(Cluster.id)
    return list(session.scalars(statement))


def version(session: Session, owner_id: int) -> str:
    """A text that is another one as soon as the map would look otherwise."""
    return str(session.scalar(VERSION, {"owner_id": owner_id}))


def state(session: Session, owner_id: int) -> State:
    """How much of the board was grouped when."""
    counts: Any = session.execute(STATE, {"owner_id": owner_id}).one()
    grouping = session.get(BoardGrouping, owner_id)
    return State(
        int(counts.filed),
        int(counts.since),
        grouping.grouped_at if grouping else None,
        grouping.documents if grouping else 0,
    )


def is_busy(session: Session, owner_id: int, kind: str, *, in_any_case: bool) -> bool:
    """Whether grouping by the clock (jobs of `kind`) should wait: documents come, or the last one is not long ago.

    `in_any_case` does not wait for the documents to have come.
    """
    return bool(session.scalar(BUSY, {"owner_id": owner_id, "kind": kind, "in_any_case": in_any_case}))
