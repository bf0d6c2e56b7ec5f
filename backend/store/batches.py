"""Batches: many lines given at once, each with what was made of it. A batch is its job; its id is that of the job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, func, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import NotFound
from backend.store.database import Base
from backend.store.jobs import OPEN_STATES, JobRow

KIND = "process_batch"
COUNTED = ("waiting", "running", "done", "failed", "cancelled")


class BatchItem(Base):
    """One line as it was `given` (an address or a file name), its verdict, and what it led to at first."""

    __tablename__ = "batch_items"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    given: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    document_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Item(NamedTuple):
    """A line as it is now: the job is the newest of its document, so that a retry counts wherever it was asked for."""

    ordinal: int
    given: str
    verdict: str
    job_id: UUID | None
    document_id: int | None
    state: str
    group: str
    error: dict[str, Any] | None


NOW = """
    SELECT *, CASE state WHEN 'PENDING' THEN 'waiting' WHEN 'RETRY' THEN 'waiting' WHEN 'PROCESSING' THEN 'running'
                         WHEN 'SUCCESS' THEN 'done' WHEN 'REVOKED' THEN 'cancelled' ELSE 'failed' END AS "group"
    FROM (SELECT i.batch_id, i.ordinal, i.given, i.verdict, j.id AS job_id, i.document_id,
                 coalesce(j.state, CASE WHEN i.error IS NULL THEN 'SUCCESS' ELSE 'FAILURE' END) AS state,
                 CASE WHEN j.state = 'FAILURE' THEN j.error ELSE i.error END AS error
          FROM batch_items i LEFT JOIN jobs j ON j.id = coalesce(
              (SELECT d.id FROM jobs d WHERE d.document_id = i.document_id AND d.owner_id = i.owner_id
               ORDER BY d.created_at DESC, d.id DESC LIMIT 1), i.job_id)
          WHERE i.batch_id = ANY(:batches) AND i.owner_id = :owner) AS lines"""

ITEMS = text(
    f"""SELECT ordinal, given, verdict, job_id, document_id, state, "group", error FROM ({NOW}) AS now
        WHERE ordinal > :after AND (CAST(:only AS text) IS NULL OR "group" = :only) ORDER BY ordinal LIMIT :limit"""
)
COUNTS = text(f'SELECT batch_id, "group", count(*) FROM ({NOW}) AS now GROUP BY batch_id, "group"')


def add_items(session: Session, owner_id: int, batch_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Add lines behind those that are there: each with `given`, `verdict`, `job_id`, `document_id`, `error`."""
    if not rows:
        return
    last = session.scalar(select(func.max(BatchItem.ordinal)).where(BatchItem.batch_id == batch_id))
    first = 0 if last is None else last + 1
    whose = {"batch_id": batch_id, "owner_id": owner_id}
    session.execute(insert(BatchItem), [{**whose, "ordinal": first + n, **row} for n, row in enumerate(rows)])


def get(session: Session, owner_id: int, batch_id: UUID, *, lock: bool = False) -> JobRow:
    """The job of a batch. Raises NotFound (`batch_not_found`), for somebody else's too."""
    statement = select(JobRow).where(JobRow.id == batch_id, JobRow.owner_id == owner_id, JobRow.kind == KIND)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("There is no such batch.", code="batch_not_found", hint="`GET /batches` lists yours.")
    return row


def page(
    session: Session, owner_id: int, *, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[JobRow], int]:
    """The batches of a person, the newest first, and how many there are."""
    mine = (JobRow.owner_id == owner_id, JobRow.kind == KIND)
    query = select(JobRow).where(*mine)
    if after is not None:
        query = query.where(tuple_(JobRow.created_at, JobRow.id) < tuple_(*after))
    rows = session.scalars(query.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit))
    return list(rows), session.scalar(select(func.count()).select_from(JobRow).where(*mine)) or 0


def items(
    session: Session, owner_id: int, batch_id: UUID, *, after: int = -1, limit: int, only: str | None = None
) -> list[Item]:
    """The lines after number `after`, in the order they were given; `only` those of one of COUNTED."""
    values = {"batches": [batch_id], "owner": owner_id, "after": after, "limit": limit, "only": only}
    return [Item(*row) for row in session.execute(ITEMS, values)]


def counts(session: Session, owner_id: int, batch_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many lines of each batch are in each of COUNTED."""
    found = {batch_id: dict.fromkeys(COUNTED, 0) for batch_id in batch_ids}
    for batch_id, group, number in session.execute(COUNTS, {"batches": list(batch_ids), "owner": owner_id}):
        found[batch_id][group] = number
    return found


def paused(session: Session, batch_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the batches that wait because somebody paused them."""
    statement = select(JobRow.parent_id).where(
        JobRow.parent_id.in_(batch_ids), JobRow.state.in_(OPEN_STATES), JobRow.paused
    )
    return {found for found in session.scalars(statement.distinct()) if found is not None}


def set_paused(session: Session, batch_id: UUID, *, paused: bool) -> int:
    """Hold back what has not begun, or let it go; how many jobs. What runs goes on to the end of its step."""
    now = func.clock_timestamp()
    values = {"paused": paused} if paused else {"paused": False, "ring_at": now, "rings": 0}
    statement = update(JobRow).where(JobRow.parent_id == batch_id, JobRow.state.in_(OPEN_STATES))
    return len(session.scalars(statement.values(values).returning(JobRow.id)).all())
