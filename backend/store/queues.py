"""The three queues: whether they are paused, and when something last went through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, DateTime, Text, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

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


CANARY_DUE = text(
    """UPDATE queues SET canary_rung_at = clock_timestamp()
       WHERE canary_rung_at IS NULL
          OR (canary_at >= canary_rung_at AND canary_rung_at < clock_timestamp() - make_interval(secs => :every))
          -- unanswered: a queue without workers must not fill with canaries
          OR canary_rung_at < clock_timestamp() - make_interval(secs => greatest(:every * 4, 5))
       RETURNING name"""
)

CANARY_SEEN = text(
    "UPDATE queues SET canary_at = clock_timestamp(), canary_worker = :worker WHERE name = :queue RETURNING name"
)

PUBLISHED = text("UPDATE queues SET published_at = clock_timestamp(), publish_failed_at = NULL WHERE name = :queue")
PUBLISH_FAILED = text("UPDATE queues SET publish_failed_at = clock_timestamp() WHERE name = :queue")

HEALTH = text(
    """SELECT q.name, q.paused, q.canary_worker,
           extract(epoch FROM clock_timestamp() - q.canary_at)::float AS canary_age,
           q.publish_failed_at IS NOT NULL AS publish_failed,
           (SELECT count(*) FROM jobs j WHERE j.queue = q.name AND j.state IN ('PENDING', 'RETRY'))
             + (SELECT count(*) FROM units u WHERE u.queue = q.name AND u.state IN ('PENDING', 'RETRY')) AS waiting,
           (SELECT count(*) FROM jobs j WHERE j.queue = q.name AND j.state = 'PROCESSING' AND NOT j.fanned_out)
             + (SELECT count(*) FROM units u WHERE u.queue = q.name AND u.state = 'PROCESSING') AS running,
           (SELECT extract(epoch FROM clock_timestamp() - min(j.queued_at))::float FROM jobs j
             WHERE j.queue = q.name AND j.state IN ('PENDING', 'RETRY')) AS oldest_seconds,
           -- a long job keeps every child busy and the canary waiting, but its heartbeat shows a living child
           EXISTS (SELECT 1 FROM jobs j WHERE j.queue = q.name AND j.state = 'PROCESSING'
                     AND j.lease_until > clock_timestamp())
             OR EXISTS (SELECT 1 FROM units u WHERE u.queue = q.name AND u.state = 'PROCESSING'
                     AND u.lease_until > clock_timestamp()) AS beating
       FROM queues q ORDER BY q.name"""
)


@dataclass(frozen=True)
class QueueHealth:
    """One queue as an operator sees it; ages in seconds, None where nothing was ever seen."""

    name: str
    paused: bool
    canary_worker: str | None
    canary_age: float | None
    publish_failed: bool
    waiting: int
    running: int
    oldest_seconds: float | None
    beating: bool

    def alive(self, within: float = 60.0) -> bool:
        """Something went through a worker's child process in the last `within` seconds, or is going through now."""
        return self.beating or (self.canary_age is not None and self.canary_age <= within)


def canaries_due(session: Session, every: float) -> list[str]:
    """The queues whose next canary is due; they are marked as rung, so two dispatchers never both send one."""
    return list(session.scalars(CANARY_DUE, {"every": every}))


def canary_seen(session: Session, queue: str, worker: str) -> None:
    """A canary went through a child process of `worker`."""
    session.execute(CANARY_SEEN, {"queue": queue, "worker": worker})


def published(session: Session, queue: str, *, ok: bool) -> None:
    """Remember whether the last doorbell of this queue reached the broker."""
    session.execute(PUBLISHED if ok else PUBLISH_FAILED, {"queue": queue})


def health(session: Session) -> dict[str, QueueHealth]:
    """All queues by name."""
    return {row["name"]: QueueHealth(**row) for row in session.execute(HEALTH).mappings()}


def set_paused(session: Session, queue: str, *, paused: bool) -> bool:
    """Pause or resume a queue; False when there is no such queue."""
    statement = update(Queue).where(Queue.name == queue).values(paused=paused).returning(Queue.name)
    return session.scalar(statement) is not None


def now(session: Session) -> datetime:
    """The time of the database's clock, the only one that counts."""
    time: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return time
