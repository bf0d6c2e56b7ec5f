"""Clusters: groups of documents that belong together."""

from __future__ import annotations

from datetime import datetime

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class Cluster(Base):
    """One cluster of one person. `centroid` is the unit mean of its documents' vectors under `model`."""

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
