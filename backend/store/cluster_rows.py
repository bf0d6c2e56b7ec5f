"""The table of clusters, apart from what is done with it, which needs other tables as well."""

from __future__ import annotations

from datetime import datetime

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import REAL, BigInteger, Boolean, DateTime, ForeignKey, Identity, Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base

AUTO, PERSON = "auto", "person"


class Cluster(Base):
    """One cluster of one person: a topic, or with a `parent_id` a sub-topic of that topic.

    `centroid` is the mean of its documents' vectors under `model`, shorter than 1. A `pinned` one keeps its documents
    when the board is grouped anew. `x` and `y` are where its name stands on the map.
    """

    __tablename__ = "clusters"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    name_source: Mapped[str] = mapped_column(Text, server_default="auto")
    model: Mapped[str] = mapped_column(Text)
    centroid: Mapped[object] = mapped_column(HALFVEC())
    document_count: Mapped[int] = mapped_column(Integer, server_default="0")
    pinned: Mapped[bool] = mapped_column(Boolean, server_default="false")
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clusters.id", ondelete="CASCADE"))
    x: Mapped[float | None] = mapped_column(REAL)
    y: Mapped[float | None] = mapped_column(REAL)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
