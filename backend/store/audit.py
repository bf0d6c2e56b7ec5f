"""The append-only record of who did what to accounts, keys and queues."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class AuditEntry(Base):
    """One deed; `actor_id` is None for the machinery. Never carries document text, tokens or passwords."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


def record(session: Session, actor_id: int | None, action: str, subject: str = "", **details: Any) -> None:
    """Write down one deed, in the transaction that does it: `record(session, 7, "key.made", "api_key:12")`."""
    session.add(AuditEntry(actor_id=actor_id, action=action, subject=subject, details=details))
