"""Answers already given to a client's Idempotency-Key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, Text, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class IdempotencyKey(Base):
    """One write of one person: what was asked (`fingerprint`) and what was answered."""

    __tablename__ = "idempotency_keys"

    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(Integer)
    response: Mapped[dict[str, Any]] = mapped_column(JSON)  # keeps the order of an answer, as jsonb would not
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)


def reserve(session: Session, owner_id: int, key: str, fingerprint: str) -> IdempotencyKey | None:
    """None when the key is ours now (answer it before the commit), else the row of whoever had it first.

    The insert waits for another transaction that holds the same key, so the row it then finds is finished.
    """
    mine = {"owner_id": owner_id, "key": key, "fingerprint": fingerprint, "status": 0, "response": {}}
    reserved = insert(IdempotencyKey).values(mine).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.execute(reserved).one_or_none() is not None:
        return None
    return session.scalars(
        select(IdempotencyKey).where(IdempotencyKey.owner_id == owner_id, IdempotencyKey.key == key)
    ).one()


def answered(session: Session, owner_id: int, key: str, status: int, response: dict[str, Any]) -> None:
    """Keep what was answered under a key that `reserve` gave us."""
    mine = (IdempotencyKey.owner_id == owner_id, IdempotencyKey.key == key)
    session.execute(update(IdempotencyKey).where(*mine).values(status=status, response=response))
