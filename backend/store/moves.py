"""The moves of a job from state to state. Each is one guarded statement; a move that comes too late changes nothing.

`fence` is the fencing token a claim returned. Whoever does not hold the newest one may not write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from backend.store import attempts
from backend.store.jobs import Head, JobRow

RUNNABLE = """state IN ('PENDING', 'RETRY') AND not_before <= clock_timestamp() AND cancel_requested_at IS NULL
    AND NOT paused AND (:bulk OR priority < 1)
    AND queue = :queue AND NOT (SELECT paused FROM queues WHERE name = :queue)"""

HEAD = text(
    f"""SELECT priority, turn, id, NULL FROM jobs WHERE {RUNNABLE} AND kind || '/' || step = ANY(:known)
        ORDER BY priority, turn, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
)

CLAIM = text(
    """UPDATE jobs SET state = 'PROCESSING', fence = fence + 1, attempt = attempt + 1, worker = :worker,
           lease_until = clock_timestamp() + make_interval(secs => :lease),
           started_at = coalesce(started_at, clock_timestamp())
       WHERE id = :id RETURNING jobs.*"""
)

BEAT = text(
    """UPDATE jobs SET lease_until = clock_timestamp() + make_interval(secs => :lease)
       WHERE id = :id AND fence = :fence AND state = 'PROCESSING' AND lease_until IS NOT NULL
       RETURNING cancel_requested_at IS NOT NULL"""
)

WATCH = text(
    """SELECT cancel_requested_at IS NOT NULL FROM jobs
       WHERE id = :id AND fence = :fence AND state = 'PROCESSING' AND lease_until IS NOT NULL"""
)

PROGRESS = text(
    """UPDATE jobs SET stage = :stage, message = :message, percent = :percent,
           unit_kind = coalesce(CAST(:unit_kind AS text), unit_kind),
           units_done = coalesce(CAST(:done AS integer), units_done),
           units_total = coalesce(CAST(:total AS integer), units_total)
       WHERE id = :id AND fence = :fence AND state = 'PROCESSING' AND lease_until IS NOT NULL
       RETURNING cancel_requested_at IS NOT NULL"""
)

HOLD = text(
    "SELECT * FROM jobs WHERE id = :id AND fence = :fence AND state = 'PROCESSING' AND NOT fanned_out FOR UPDATE"
)

ADVANCE = text(
    """UPDATE jobs SET state = 'PENDING', step = :step, queue = :queue, turn = :turn, attempt = 0, lease_until = NULL,
           worker = NULL, not_before = clock_timestamp(), ring_at = clock_timestamp(), rung_at = NULL, rings = 0,
           queued_at = clock_timestamp(), stage = :stage, message = :message, percent = :percent,
           unit_kind = NULL, units_total = NULL, units_done = 0, units_failed = 0,
           warnings = warnings || :warnings, input = input - 'password'
       WHERE id = :id"""
).bindparams(bindparam("warnings", type_=JSONB))

SUCCEED = text(
    """UPDATE jobs SET state = 'SUCCESS', lease_until = NULL, stage = 'done', message = 'Task completed successfully',
           percent = 100, result = :result, warnings = warnings || :warnings, finished_at = clock_timestamp(),
           input = input - 'password'
       WHERE id = :id"""
).bindparams(bindparam("result", type_=JSONB), bindparam("warnings", type_=JSONB))

END = text(
    """UPDATE jobs SET state = :state, lease_until = NULL, fanned_out = false, message = :message, error = :error,
           finished_at = clock_timestamp(),
           input = input - 'password'
       WHERE id = :id"""
).bindparams(bindparam("error", type_=JSONB(none_as_null=True)))

WAIT = text(
    """UPDATE jobs SET state = :state, lease_until = NULL, worker = NULL, attempt = attempt - :forgiven,
           message = :message, rings = 0, rung_at = NULL,
           not_before = clock_timestamp() + make_interval(secs => :delay),
           ring_at = clock_timestamp() + make_interval(secs => :delay)
       WHERE id = :id"""
)

UNIT_PROGRESS = text(
    """UPDATE jobs SET message = coalesce(:message, message), percent = :low
           + (:high - :low) * (units_done + units_failed + :fraction)::real / greatest(units_total, 1)
       WHERE id = :id AND fanned_out"""
)

FAN_OUT = text(
    """UPDATE jobs SET fanned_out = true, lease_until = NULL, unit_kind = :unit_kind, units_total = :total,
           units_done = :done, units_failed = :failed
       WHERE id = :id"""
)

GATHERED = text(
    """UPDATE jobs SET state = 'PENDING', fanned_out = false, worker = NULL, attempt = 0, turn = :turn,
           not_before = clock_timestamp(), ring_at = clock_timestamp(), rung_at = NULL, rings = 0,
           queued_at = clock_timestamp()
       WHERE id = :id"""
)


def head(session: Session, queue: str, known: Sequence[str], *, bulk: bool = True) -> Head | None:
    """Lock the job that comes next on a queue; None when nothing is runnable.

    `known` are the `kind/step` this process can run: an old worker leaves the jobs of a newer one alone. Without
    `bulk`, only what people wait for.
    """
    row = session.execute(HEAD, {"queue": queue, "known": list(known), "bulk": bulk}).first()
    return Head(*row) if row else None


def claim(session: Session, job_id: UUID, *, worker: str, lease: float) -> JobRow:
    """Take a job that `head` locked: it becomes PROCESSING under a new fence and a lease of `lease` seconds."""
    row: JobRow = session.scalars(
        select(JobRow).from_statement(CLAIM), {"id": job_id, "worker": worker, "lease": lease}
    ).one()
    attempts.begin(session, row)
    return row


def beat(session: Session, job_id: UUID, fence: int, *, lease: float) -> bool | None:
    """Extend the lease. True: a cancel was asked for. None: the lease is no longer ours."""
    answer: bool | None = session.scalar(BEAT, {"id": job_id, "fence": fence, "lease": lease})
    return answer


def watch(session: Session, job_id: UUID, fence: int) -> bool | None:
    """Look without writing: answers like `beat`."""
    answer: bool | None = session.scalar(WATCH, {"id": job_id, "fence": fence})
    return answer


def progress(
    session: Session,
    job_id: UUID,
    fence: int,
    *,
    stage: str,
    message: str,
    percent: float,
    counted: tuple[str, int, int] | None = None,
) -> bool | None:
    """Say how far the job is (percent never falls: a trigger sees to it). Answers like `beat`.

    `counted` is for a step that counts what it does: the word people see, how many are done, and of how many.
    """
    unit_kind, done, total = counted or (None, None, None)
    values = {"id": job_id, "fence": fence, "stage": stage, "message": message, "percent": percent}
    values |= {"unit_kind": unit_kind, "done": done, "total": total}
    answer: bool | None = session.scalar(PROGRESS, values)
    return answer


def hold(session: Session, job_id: UUID, fence: int) -> JobRow | None:
    """Lock the job for its finishing transaction; None when the fence has moved on: write nothing then."""
    return session.scalars(select(JobRow).from_statement(HOLD), {"id": job_id, "fence": fence}).one_or_none()


def advance(
    session: Session,
    row: JobRow,
    *,
    step: str,
    queue: str,
    turn: int,
    stage: str,
    message: str,
    percent: float,
    warnings: Sequence[Mapping[str, str]],
) -> None:
    """The step is done: the job waits for `step` on `queue`."""
    attempts.end(session, row, "SUCCESS")
    values = {"step": step, "queue": queue, "turn": turn, "stage": stage, "message": message, "percent": percent}
    session.execute(ADVANCE, {**values, "id": row.id, "warnings": list(warnings)})


def succeed(session: Session, row: JobRow, result: Mapping[str, Any], warnings: Sequence[Mapping[str, str]]) -> None:
    """The last step is done."""
    attempts.end(session, row, "SUCCESS")
    session.execute(SUCCEED, {"id": row.id, "result": dict(result), "warnings": list(warnings)})


def end(session: Session, row: JobRow, state: str, *, message: str, error: Mapping[str, Any] | None) -> None:
    """The job ends as FAILURE or REVOKED."""
    attempts.end(session, row, state, error)
    session.execute(END, {"id": row.id, "state": state, "message": message, "error": dict(error) if error else None})


def wait(
    session: Session,
    row: JobRow,
    state: str,
    *,
    delay: float,
    message: str,
    error: Mapping[str, Any] | None,
    forgiven: bool = False,
) -> None:
    """Back to the queue as RETRY or PENDING, not before `delay` seconds; a `forgiven` try does not count."""
    attempts.end(session, row, "FORGIVEN" if forgiven else "RETRY" if state == "RETRY" else "LOST", error)
    values = {"id": row.id, "state": state, "delay": delay, "message": message, "forgiven": int(forgiven)}
    session.execute(WAIT, values)


def fan_out(session: Session, row: JobRow, *, unit_kind: str, total: int, done: int, failed: int = 0) -> None:
    """The step's work is in units now: the job holds no lease until they are gathered."""
    attempts.end(session, row, "FANNED_OUT")
    values = {"id": row.id, "unit_kind": unit_kind, "total": total, "done": done, "failed": failed}
    session.execute(FAN_OUT, values)


def unit_progress(
    session: Session, job_id: UUID, *, fraction: float, low: float, high: float, message: str | None
) -> None:
    """One unit is `fraction` (0 to 1) through: the percent of its job moves on between `low` and `high`."""
    values = {"id": job_id, "fraction": fraction, "low": low, "high": high, "message": message}
    session.execute(UNIT_PROGRESS, values)


def gathered(session: Session, job_id: UUID, *, turn: int) -> None:
    """Every unit has ended: the job waits on its queue for the same step, to gather them."""
    session.execute(GATHERED, {"id": job_id, "turn": turn})
