"""The numbers of a board as they were last computed, and the marks of what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, SmallInteger, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import analytics
from backend.store.database import Base


class AnalyticsRow(Base):
    """The numbers of one board. `version` is that of the way of counting."""

    __tablename__ = "analytics"

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(SmallInteger)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    etag: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AnalyticsChange(Base):
    """A mark that something was changed. Triggers put it there: nobody who writes has to think of it."""

    __tablename__ = "analytics_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)


class Kept(NamedTuple):
    """Computed numbers, how old they are in seconds, and whether something has changed since."""

    numbers: dict[str, Any]
    etag: str
    computed_at: datetime
    age_seconds: float
    changed: bool


READ = text(
    """SELECT numbers, etag, computed_at, extract(epoch FROM clock_timestamp() - computed_at)::float8 AS age_seconds,
              EXISTS (SELECT FROM analytics_changes WHERE owner_id = :owner_id) AS changed
       FROM analytics WHERE owner_id = :owner_id AND version = :version"""
)
SAVE = text(
    """INSERT INTO analytics (owner_id, version, numbers, etag, computed_at)
       VALUES (:owner_id, :version, :numbers, :etag, :computed_at)
       ON CONFLICT (owner_id) DO UPDATE SET version = excluded.version, numbers = excluded.numbers,
           etag = excluded.etag, computed_at = excluded.computed_at
       WHERE analytics.computed_at <= excluded.computed_at OR analytics.version <> excluded.version"""
).bindparams(bindparam("numbers", type_=JSONB))
FORGET = text("DELETE FROM analytics_changes WHERE owner_id = :owner_id AND id = ANY(:ids)")
TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended('analytics of ' || :owner_id, 0))")
NEWLY_PLANNED = text(
    """SELECT EXISTS (SELECT FROM jobs WHERE owner_id = :owner_id AND kind = :kind
                      AND created_at > now() - make_interval(secs => :seconds))"""
)


def read(session: Session, owner_id: int) -> Kept | None:
    """The numbers as they were last computed, in one statement; None while they never were."""
    row = session.execute(READ, {"owner_id": owner_id, "version": analytics.VERSION}).one_or_none()
    return None if row is None else Kept(*row)


def turn(session: Session, owner_id: int) -> bool:
    """Whether this transaction may compute the numbers; False while another does. Never waits."""
    return bool(session.scalar(TURN, {"owner_id": str(owner_id)}))


def marks(session: Session, owner_id: int) -> list[int]:
    """The changes so far. To be read before anything is counted, and given to `save` afterwards."""
    return list(session.scalars(select(AnalyticsChange.id).where(AnalyticsChange.owner_id == owner_id)))


def moment(session: Session) -> datetime:
    """The database's clock."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    return now


def save(
    session: Session, owner_id: int, numbers: dict[str, Any], *, computed_at: datetime, seen: Sequence[int]
) -> None:
    """Keep the numbers and forget the changes that are in them; later numbers are not replaced by earlier ones."""
    values = {"owner_id": owner_id, "version": analytics.VERSION, "numbers": numbers, "computed_at": computed_at}
    session.execute(SAVE, {**values, "etag": analytics.etag(numbers)})
    session.execute(FORGET, {"owner_id": owner_id, "ids": list(seen)})


def due(session: Session, owner_id: int, kind: str) -> bool:
    """Whether the clock should have the numbers computed by a job of `kind`: never twice within LEAST_SECONDS."""
    kept = read(session, owner_id)
    changed = kept.changed if kept else bool(marks(session, owner_id))
    if not analytics.is_due(changed=changed, age_seconds=kept.age_seconds if kept else None):
        return False
    values = {"owner_id": owner_id, "kind": kind, "seconds": analytics.LEAST_SECONDS}
    return not session.scalar(NEWLY_PLANNED, values)
