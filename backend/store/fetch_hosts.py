"""When each host may be asked again, for all processes together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Integer, Text, func, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class FetchHost(Base):
    """One line of jobs that want something of a host, and when the next of them may go."""

    __tablename__ = "fetch_hosts"

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class FetchTurn(Base):
    """A job's own moment in such a line; it holds while the job waits, so that nobody queues twice."""

    __tablename__ = "fetch_turns"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    busy: Mapped[int] = mapped_column(Integer, server_default="0")


# the first statement takes the next moment of the line, the second keeps it; who has one already keeps that
TAKE_TURN = text(
    """
    WITH known AS (SELECT at FROM fetch_turns WHERE job_id = :job AND host = :host AND at > 'epoch'),
    line AS (
        INSERT INTO fetch_hosts AS hosts (host, next_at)
        SELECT :host, clock_timestamp() + make_interval(secs => :delay) WHERE NOT EXISTS (SELECT FROM known)
        ON CONFLICT (host) DO UPDATE
            SET next_at = greatest(hosts.next_at, clock_timestamp()) + make_interval(secs => :delay)
        RETURNING next_at - make_interval(secs => :delay) AS at),
    kept AS (
        INSERT INTO fetch_turns (job_id, host, at) SELECT :job, :host, at FROM line
        ON CONFLICT (job_id) DO UPDATE SET host = excluded.host, at = excluded.at
        RETURNING at)
    SELECT greatest(0, extract(epoch FROM at - clock_timestamp())) FROM (
        SELECT at FROM known UNION ALL SELECT at FROM kept) AS mine
    """
)

PUT_OFF = text(
    """
    INSERT INTO fetch_hosts AS hosts (host, next_at) VALUES (:host, clock_timestamp() + make_interval(secs => :wait))
    ON CONFLICT (host) DO UPDATE SET next_at = greatest(hosts.next_at, excluded.next_at)
    """
)

COUNT_BUSY = text(
    """
    INSERT INTO fetch_turns AS turns (job_id, host, at, busy) VALUES (:job, :host, 'epoch', 1)
    ON CONFLICT (job_id) DO UPDATE SET at = 'epoch', busy = turns.busy + 1 RETURNING busy
    """
)

USED = text("UPDATE fetch_turns SET at = 'epoch' WHERE job_id = :job")


def turn(session: Session, line: str, job_id: UUID, *, delay: float) -> float:
    """Seconds until this job's turn in the line of a host. It keeps its turn however often it asks, until `used`.

    `delay` is in seconds between two turns. Jobs that ask at the same moment, anywhere, get different turns.
    """
    return float(session.scalar(TAKE_TURN, {"host": line, "job": job_id, "delay": delay}) or 0.0)


def used(session: Session, job_id: UUID) -> None:
    """The job goes now; for another request it needs another turn."""
    session.execute(USED, {"job": job_id})


def busy(session: Session, lines: Sequence[str], job_id: UUID, *, wait: float) -> int:
    """A host said "later": nobody's turn in its lines comes within `wait` seconds; how often it said so to this job."""
    for line in lines:
        session.execute(PUT_OFF, {"host": line, "wait": wait})
    return int(session.scalar(COUNT_BUSY, {"host": lines[0], "job": job_id}) or 1)
