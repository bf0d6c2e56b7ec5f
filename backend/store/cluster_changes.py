"""What became of a person's clusters: written with each change, read as a list, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.cluster_changes import Change
from backend.store.database import Base


class ClusterChange(Base):
    """One change. `cluster_id` may be that of a cluster that is gone; `cluster_name` is what it was called then."""

    __tablename__ = "cluster_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    kind: Mapped[str] = mapped_column(Text)
    cluster_id: Mapped[int | None] = mapped_column(BigInteger)
    cluster_name: Mapped[str] = mapped_column(Text)
    documents: Mapped[int] = mapped_column(Integer)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Page(NamedTuple):
    """Changes, and how many there are in all."""

    rows: list[ClusterChange]
    total: int


def record(session: Session, owner_id: int, changes: Sequence[Change]) -> None:
    """Write changes down, in their order."""
    rows = [
        {
            "owner_id": owner_id,
            "kind": change.kind,
            "cluster_id": change.cluster_id,
            "cluster_name": change.cluster_name,
            "documents": change.documents,
            "details": change.details,
        }
        for change in changes
    ]
    if rows:
        session.execute(insert(ClusterChange), rows)


def page(session: Session, owner_id: int, *, before: int | None, limit: int) -> Page:
    """Changes older than the one of the id `before`, the newest first."""
    mine = ClusterChange.owner_id == owner_id
    query = select(ClusterChange).where(mine)
    if before is not None:
        query = query.where(ClusterChange.id < before)
    rows = session.scalars(query.order_by(ClusterChange.id.desc()).limit(limit))
    total = session.scalar(select(func.count()).select_from(ClusterChange).where(mine)) or 0
    return Page(list(rows), total)
