"""The three queues: whether they are paused, and when something last went through them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class Queue(Base):
    """One queue. A queue is alive when a canary went through a worker's child process lately (`canary_at`)."""

    __tablename__ = "queues"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused: Mapped[bool] = mapped_column(Boolean, server_default="false")
    canary_rung_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    canary_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    canary_worker: Mapped[str | None] = mapped_column(Text)
    publish_failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
