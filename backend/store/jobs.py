"""Jobs: the truth about every piece of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import NotFound
from backend.store.database import Base

OPEN_STATES = ("PENDING", "PROCESSING", "RETRY")


class JobRow(Base):
    """One job. `fence` is the fencing token: it grows at every claim, and only its newest holder may write."""

    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text, ForeignKey("queues.name"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    turn: Mapped[int] = mapped_column(BigInteger, server_default="0")
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
    cancel_requested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    stage: Mapped[str] = mapped_column(Text, server_default="queued")
    message: Mapped[str] = mapped_column(Text, server_default="")
    percent: Mapped[float] = mapped_column(REAL, server_default="0")
    unit_kind: Mapped[str | None] = mapped_column(Text)
    units_done: Mapped[int] = mapped_column(Integer, server_default="0")
    units_failed: Mapped[int] = mapped_column(Integer, server_default="0")
    units_total: Mapped[int | None] = mapped_column(Integer)
    fanned_out: Mapped[bool] = mapped_column(Boolean, server_default="false")
    paused: Mapped[bool] = mapped_column(Boolean, server_default="false")
    input: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    document_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="SET NULL"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    retry_of: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    queued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    stage_started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Head(NamedTuple):
    """What comes next on a queue: a job, or one of its units (`ordinal`). Compares in the order of turns."""

    priority: int
    turn: int
    job_id: UUID
    ordinal: int | None


NEXT_TURN = text(
    """
    SELECT coalesce(
        -- behind what this owner already has waiting here …
        (SELECT max(turn) + 1 FROM (
            SELECT max(turn) AS turn FROM jobs WHERE owner_id = :owner AND queue = :queue AND priority = :priority
                AND state IN ('PENDING', 'RETRY')
            UNION ALL
            SELECT max(turn) FROM units WHERE owner_id = :owner AND queue = :queue AND priority = :priority
                AND state IN ('PENDING', 'RETRY')) AS own),
        -- … or else abreast of whoever comes next: one upload never waits for another person's thousand
        (SELECT min(turn) FROM (
            SELECT min(turn) AS turn FROM jobs WHERE queue = :queue AND priority = :priority
                AND state IN ('PENDING', 'RETRY')
            UNION ALL
            SELECT min(turn) FROM units WHERE queue = :queue AND priority = :priority
                AND state IN ('PENDING', 'RETRY')) AS others),
        0)
    """
)


def next_turn(session: Session, *, owner_id: int, queue: str, priority: int) -> int:
    """The place in the queue for new work of this owner: start-time fair queueing, one turn per piece of work."""
    return int(session.scalar(NEXT_TURN, {"owner": owner_id, "queue": queue, "priority": priority}) or 0)


def add(session: Session, row: JobRow) -> JobRow:
    """Insert a new job and read back what the database set."""
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def add_all(session: Session, rows: Sequence[JobRow]) -> None:
    """Insert many new jobs."""
    session.add_all(rows)
    session.flush()


def hold_back(session: Session, job_ids: Sequence[UUID]) -> None:
    """Let waiting jobs wait until somebody lets them go."""
    session.execute(update(JobRow).where(JobRow.id.in_(job_ids)).values(paused=True))


def with_open_job(session: Session, owner_id: int, document_ids: Sequence[int]) -> set[int]:
    """Those of the documents that a waiting or running job works on."""
    statement = select(JobRow.document_id).where(
        JobRow.owner_id == owner_id, JobRow.document_id.in_(document_ids), JobRow.finished_at.is_(None)
    )
    return {found for found in session.scalars(statement) if found is not None}


def get(session: Session, owner_id: int, job_id: UUID) -> JobRow:
    """The job. Raises NotFound, for an unknown id and for somebody else's alike."""
    row = session.scalar(select(JobRow).where(JobRow.id == job_id, JobRow.owner_id == owner_id))
    if row is None:
        raise NotFound("There is no such job.", code="job_not_found", hint="Check the job id; `GET /jobs` lists yours.")
    return row


def by_id(session: Session, job_id: UUID) -> JobRow | None:
    """The job of that id, for the machinery."""
    return session.get(JobRow, job_id)


def latest_of_document(session: Session, owner_id: int, document_id: int) -> JobRow | None:
    """The newest job of a document."""
    statement = select(JobRow).where(JobRow.document_id == document_id, JobRow.owner_id == owner_id)
    return session.scalar(statement.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(1))


def latest_of_documents(session: Session, owner_id: int, document_ids: Sequence[int]) -> dict[int, UUID]:
    """The newest job id of each document."""
    statement = (
        select(JobRow.document_id, JobRow.id)
        .where(JobRow.document_id.in_(document_ids), JobRow.owner_id == owner_id)
        .order_by(JobRow.created_at, JobRow.id)
    )
    return {document_id: job_id for document_id, job_id in session.execute(statement) if document_id is not None}


def open_of_document(session: Session, owner_id: int, document_id: int) -> list[JobRow]:
    """The jobs of a document that are not finished."""
    statement = select(JobRow).where(
        JobRow.document_id == document_id, JobRow.owner_id == owner_id, JobRow.finished_at.is_(None)
    )
    return list(session.scalars(statement))


def count_open(session: Session, owner_id: int, limit: int) -> int:
    """How many jobs of this person are waiting or running; counting stops at `limit`."""
    open_ones = select(JobRow.id).where(JobRow.owner_id == owner_id, JobRow.state.in_(OPEN_STATES)).limit(limit)
    return session.scalar(select(func.count()).select_from(open_ones.subquery())) or 0


def retried_as(session: Session, job_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """For each finished job that was retried, the job that took its place."""
    statement = select(JobRow.retry_of, JobRow.id).where(JobRow.retry_of.in_(job_ids))
    return {old: new for old, new in session.execute(statement) if old is not None}


def lock(session: Session, owner_id: int, job_id: UUID) -> JobRow:
    """The job, locked until the transaction ends. Raises NotFound like `get`."""
    get(session, owner_id, job_id)
    return session.scalars(select(JobRow).where(JobRow.id == job_id).with_for_update()).one()


def request_cancel(session: Session, row: JobRow) -> None:
    """Leave word for the worker that runs the job."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == row.id, JobRow.cancel_requested_at.is_(None))
        .values(cancel_requested_at=func.clock_timestamp(), message="Cancelling…")
    )


def release(session: Session, row: JobRow) -> None:
    """Let a waiting job go at once instead of after its back-off."""
    now = func.clock_timestamp()
    session.execute(update(JobRow).where(JobRow.id == row.id).values(not_before=now, ring_at=now, rings=0))


def open_of_kind(session: Session, owner_id: int, kind: str) -> JobRow | None:
    """The oldest job of this kind that waits or runs for this person."""
    statement = select(JobRow).where(JobRow.owner_id == owner_id, JobRow.kind == kind, JobRow.state.in_(OPEN_STATES))
    return session.scalar(statement.order_by(JobRow.created_at, JobRow.id).limit(1))
