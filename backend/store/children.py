"""Jobs that wait for other jobs: a batch and its links."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.store.jobs import JobRow

# counted anew each time, so that nothing can be counted twice or missed, and a child may still be added meanwhile
COUNTS = text(
    """SELECT count(*) AS total, count(*) FILTER (WHERE state = 'SUCCESS') AS done,
              count(*) FILTER (WHERE state IN ('FAILURE', 'REVOKED')) AS failed
       FROM jobs WHERE parent_id = :parent"""
)

BEHIND = text(
    """SELECT * FROM jobs WHERE id IN (
           SELECT parent.id FROM jobs AS parent JOIN jobs AS child ON child.parent_id = parent.id
           WHERE parent.fanned_out
           GROUP BY parent.id, parent.units_total, parent.units_done, parent.units_failed
           HAVING count(*) FILTER (WHERE child.finished_at IS NULL) = 0 OR count(*) <> parent.units_total
               OR count(*) FILTER (WHERE child.finished_at IS NOT NULL) <> parent.units_done + parent.units_failed)
       FOR UPDATE SKIP LOCKED"""
)

COUNTED = text(
    """UPDATE jobs SET units_total = :total, units_done = :done, units_failed = :failed,
           percent = :low + (:high - :low) * (:done + :failed)::real / greatest(:total, 1)
       WHERE id = :id AND fanned_out"""
)


def counts(session: Session, parent_id: UUID) -> tuple[int, int, int]:
    """How many children a job has, how many ended well, and how many otherwise."""
    row = session.execute(COUNTS, {"parent": parent_id}).one()
    return row.total, row.done, row.failed


def open_ids(session: Session, owner_id: int, parent_id: UUID) -> Sequence[UUID]:
    """The children that have not ended."""
    statement = select(JobRow.id).where(
        JobRow.parent_id == parent_id, JobRow.owner_id == owner_id, JobRow.finished_at.is_(None)
    )
    return session.scalars(statement.order_by(JobRow.id)).all()


def behind(session: Session) -> Sequence[JobRow]:
    """Lock the waiting parents whose counters do not say what their children do."""
    return session.scalars(select(JobRow).from_statement(BEHIND)).all()


def counted(session: Session, row: JobRow, *, low: float, high: float) -> bool:
    """Bring a waiting parent's counters up to date; True when all of its children have ended."""
    total, done, failed = counts(session, row.id)
    values = {"id": row.id, "total": total, "done": done, "failed": failed, "low": low, "high": high}
    session.execute(COUNTED, values)
    return done + failed == total
