"""Units: the parts a step was fanned out into."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Integer, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class Unit(Base):
    """One part (a page, a member) of one job's step. A finished unit of the same content key and span is reused."""

    __tablename__ = "units"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text, ForeignKey("queues.name"))
    content_key: Mapped[str] = mapped_column(Text)
    span: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="PENDING")
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    max_attempts: Mapped[int] = mapped_column(Integer)
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    worker: Mapped[str | None] = mapped_column(Text)
    not_before: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    ring_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    rings: Mapped[int] = mapped_column(Integer, server_default="0")
    input: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reused: Mapped[bool] = mapped_column(Boolean, server_default="false")
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
