"""The history of a job: one row per claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base
from backend.store.jobs import JobRow


class JobAttempt(Base):
    """One try at one step. `stages` is `[{"stage", "started_at"}]`; `outcome` None while it runs."""

    __tablename__ = "job_attempts"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    fence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")


END = text(
    """UPDATE job_attempts SET finished_at = clock_timestamp(), outcome = :outcome, error = :error
       WHERE job_id = :job AND fence = :fence AND finished_at IS NULL"""
).bindparams(bindparam("error", type_=JSONB(none_as_null=True)))

STAGE = text(
    """UPDATE job_attempts SET stages = stages || jsonb_build_object('stage', cast(:stage AS text),
           'started_at', clock_timestamp())
       WHERE job_id = :job AND fence = :fence AND finished_at IS NULL"""
)


def begin(session: Session, row: JobRow) -> None:
    """Open the record of a try, in the transaction of its claim."""
    session.add(
        JobAttempt(
            job_id=row.id,
            fence=row.fence,
            owner_id=row.owner_id,
            step=row.step,
            attempt=row.attempt,
            worker=row.worker or "",
        )
    )
    session.flush()


def end(session: Session, row: JobRow, outcome: str, error: Mapping[str, Any] | None = None) -> None:
    """Close the record of a try, in the transaction that moves the job on."""
    values = {"job": row.id, "fence": row.fence, "outcome": outcome, "error": dict(error) if error else None}
    session.execute(END, values)


def stage(session: Session, job_id: UUID, fence: int, name: str) -> None:
    """Note that the try entered a stage."""
    session.execute(STAGE, {"job": job_id, "fence": fence, "stage": name})


def of_job(session: Session, owner_id: int, job_id: UUID) -> list[JobAttempt]:
    """All tries of a job, oldest first."""
    statement = select(JobAttempt).where(JobAttempt.job_id == job_id, JobAttempt.owner_id == owner_id)
    return list(session.scalars(statement.order_by(JobAttempt.fence)))
