"""Units: the parts a step was fanned out into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base
from backend.store.jobs import Head


class Unit(Base):
    """One part (a page, a member) of one job's step. A finished unit of the same content key and span is reused."""

    __tablename__ = "units"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text, ForeignKey("queues.name"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    turn: Mapped[int] = mapped_column(BigInteger, server_default="0")
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
    rung_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rings: Mapped[int] = mapped_column(Integer, server_default="0")
    input: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reused: Mapped[bool] = mapped_column(Boolean, server_default="false")
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


RUNNABLE = """units.state IN ('PENDING', 'RETRY') AND units.not_before <= clock_timestamp()
    AND (:bulk OR units.priority < 1) AND units.queue = :queue AND NOT (SELECT paused FROM queues WHERE name = :queue)
    AND (SELECT kind FROM jobs WHERE jobs.id = units.job_id) || '/' || units.step = ANY(:known)"""

HEAD = text(
    f"""SELECT priority, turn, job_id, ordinal FROM units WHERE {RUNNABLE}
        ORDER BY priority, turn, job_id LIMIT 1 FOR UPDATE OF units SKIP LOCKED"""
)

CLAIM = text(
    """UPDATE units SET state = 'PROCESSING', fence = fence + 1, attempt = attempt + 1, worker = :worker,
           lease_until = clock_timestamp() + make_interval(secs => :lease),
           started_at = coalesce(started_at, clock_timestamp())
       WHERE job_id = :job AND ordinal = :ordinal RETURNING units.*"""
)

BEAT = text(
    """UPDATE units SET lease_until = clock_timestamp() + make_interval(secs => :lease)
       WHERE job_id = :job AND ordinal = :ordinal AND fence = :fence AND state = 'PROCESSING'
       RETURNING false"""
)

WATCH = text(
    "SELECT false FROM units WHERE job_id = :job AND ordinal = :ordinal AND fence = :fence AND state = 'PROCESSING'"
)

# every transaction that touches a job and its units takes the job first, as a cancel does: so none waits in a circle
LOCK_JOB = text("SELECT 1 FROM jobs WHERE id = :job FOR UPDATE")

HOLD = text(
    """SELECT * FROM units WHERE job_id = :job AND ordinal = :ordinal AND fence = :fence AND state = 'PROCESSING'
       FOR UPDATE"""
)

END = text(
    """UPDATE units SET state = :state, lease_until = NULL, result = :result, error = :error,
           finished_at = clock_timestamp()
       WHERE job_id = :job AND ordinal = :ordinal"""
).bindparams(bindparam("result", type_=JSONB(none_as_null=True)), bindparam("error", type_=JSONB(none_as_null=True)))

WAIT = text(
    """UPDATE units SET state = :state, lease_until = NULL, worker = NULL, attempt = attempt - :forgiven,
           error = :error, rings = 0, rung_at = NULL, not_before = clock_timestamp() + make_interval(secs => :delay),
           ring_at = clock_timestamp() + make_interval(secs => :delay)
       WHERE job_id = :job AND ordinal = :ordinal"""
).bindparams(bindparam("error", type_=JSONB(none_as_null=True)))

# fan-in: the counter moves in the transaction that ends the unit, so the last unit cannot be missed or counted twice
COUNT = text(
    """UPDATE jobs SET units_done = units_done + :done, units_failed = units_failed + :failed,
           percent = :low + (:high - :low) * (units_done + units_failed + 1)::real / units_total
       WHERE id = :job AND fanned_out
       RETURNING units_done + units_failed = units_total"""
)

FINISHED_BEFORE = text(
    """SELECT DISTINCT ON (span) span, result FROM units
       WHERE owner_id = :owner AND content_key = :key AND span = ANY(:spans) AND state = 'SUCCESS' ORDER BY span"""
)

REVOKE = text(
    """UPDATE units SET state = 'REVOKED', lease_until = NULL, finished_at = clock_timestamp()
       WHERE job_id = :job AND state IN ('PENDING', 'RETRY', 'PROCESSING')"""
)


def finished_before(session: Session, owner_id: int, content_key: str, spans: Sequence[str]) -> dict[str, Any]:
    """Results of this owner's finished units of the same content, parser and options, by span."""
    values = {"owner": owner_id, "key": content_key, "spans": list(spans)}
    return {row.span: row.result for row in session.execute(FINISHED_BEFORE, values)}


def add_all(session: Session, rows: Sequence[Unit]) -> None:
    """Insert the units of a step."""
    session.add_all(rows)
    session.flush()


def head(session: Session, queue: str, known: Sequence[str], *, bulk: bool = True) -> Head | None:
    """Lock the unit that comes next on a queue; None when nothing is runnable. `known`, `bulk` as in `moves.head`."""
    row = session.execute(HEAD, {"queue": queue, "known": list(known), "bulk": bulk}).first()
    return Head(*row) if row else None


def claim(session: Session, job_id: UUID, ordinal: int, *, worker: str, lease: float) -> Unit:
    """Take a unit that `head` locked."""
    values = {"job": job_id, "ordinal": ordinal, "worker": worker, "lease": lease}
    unit: Unit = session.scalars(select(Unit).from_statement(CLAIM), values).one()
    return unit


def beat(session: Session, job_id: UUID, ordinal: int, fence: int, *, lease: float) -> bool | None:
    """Extend the lease; None when it is no longer ours (another claim, or the job was cancelled)."""
    values = {"job": job_id, "ordinal": ordinal, "fence": fence, "lease": lease}
    answer: bool | None = session.scalar(BEAT, values)
    return answer


def watch(session: Session, job_id: UUID, ordinal: int, fence: int) -> bool | None:
    """Look without writing: answers like `beat`."""
    answer: bool | None = session.scalar(WATCH, {"job": job_id, "ordinal": ordinal, "fence": fence})
    return answer


def hold(session: Session, job_id: UUID, ordinal: int, fence: int) -> Unit | None:
    """Lock the unit, and its job, for its finishing transaction; None when the fence has moved on."""
    session.execute(LOCK_JOB, {"job": job_id})
    values = {"job": job_id, "ordinal": ordinal, "fence": fence}
    return session.scalars(select(Unit).from_statement(HOLD), values).one_or_none()


def end(
    session: Session, unit: Unit, state: str, *, result: Any, error: Mapping[str, Any] | None, low: float, high: float
) -> bool:
    """End a unit and count it on its job, whose percent moves between `low` and `high`. True: it was the last."""
    key = {"job": unit.job_id, "ordinal": unit.ordinal}
    session.execute(END, {**key, "state": state, "result": result, "error": dict(error) if error else None})
    done = int(state == "SUCCESS")
    counts = {"done": done, "failed": 1 - done, "low": low, "high": high, "job": unit.job_id}
    return bool(session.scalar(COUNT, counts))


def wait(
    session: Session, unit: Unit, state: str, *, delay: float, error: Mapping[str, Any] | None, forgiven: bool = False
) -> None:
    """Back to the queue, not before `delay` seconds."""
    values = {"job": unit.job_id, "ordinal": unit.ordinal, "state": state, "delay": delay, "forgiven": int(forgiven)}
    session.execute(WAIT, {**values, "error": dict(error) if error else None})


def revoke_open(session: Session, job_id: UUID) -> None:
    """End every unit of a cancelled job that has not ended."""
    session.execute(REVOKE, {"job": job_id})


def of_job(session: Session, owner_id: int, job_id: UUID, *, step: str | None = None) -> list[Unit]:
    """The units of a job in order: all of them, or those of one step."""
    statement = select(Unit).where(Unit.job_id == job_id, Unit.owner_id == owner_id)
    if step is not None:
        statement = statement.where(Unit.step == step)
    return list(session.scalars(statement.order_by(Unit.ordinal)))


def ended_inputs(session: Session, job_id: UUID) -> list[dict[str, Any]]:
    """The inputs of those units of a job that have ended."""
    return list(session.scalars(select(Unit.input).where(Unit.job_id == job_id, Unit.finished_at.is_not(None))))


def next_ordinal(session: Session, job_id: UUID) -> int:
    """The first number that no unit of an earlier step of this job has."""
    return session.scalar(select(func.coalesce(func.max(Unit.ordinal) + 1, 0)).where(Unit.job_id == job_id)) or 0
