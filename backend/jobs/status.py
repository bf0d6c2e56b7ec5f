"""The status of a job as everybody sees it: one shape, from Postgres only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.jobs import finish, kinds
from backend.jobs.states import FAILURE, PENDING, PROCESSING, RETRY
from backend.store import queues, waiting
from backend.store.database import EVERYONE, Database
from backend.store.jobs import JobRow
from backend.store.queues import QueueHealth
from backend.store.waiting import Durations

PACE_AFTER_SECONDS, PACE_AFTER_SHARE = 3.0, 0.02
"""From when on a stage's own pace tells more than history does."""


@dataclass(frozen=True)
class Surroundings:
    """What must be known beside the row: its queue, who is ahead, how long its kind takes, the database's time."""

    health: QueueHealth | None
    ahead: int
    durations: Durations | None
    now: datetime


def surroundings(database: Database, rows: list[JobRow]) -> dict[str, Surroundings]:
    """The surroundings of each open job by id. Read as the machinery: a position counts other people's work too."""
    waiting_rows = [row for row in rows if row.finished_at is None]
    if not waiting_rows:
        return {}
    with database.session(EVERYONE) as session:
        health = queues.health(session)
        now = queues.now(session)
        lately = {kind: waiting.durations(session, kind) for kind in {row.kind for row in waiting_rows}}
        return {
            str(row.id): Surroundings(health.get(row.queue), _ahead(session, row), lately[row.kind], now)
            for row in waiting_rows
        }


def _ahead(session: Session, row: JobRow) -> int:
    return waiting.ahead(session, row) if row.state in (PENDING, RETRY) else 0


def status(row: JobRow, around: Surroundings | None) -> dict[str, Any]:
    """The status object of `docs/jobs.md`."""
    meta: dict[str, Any] = {
        "stage": row.stage,
        "message": row.message,
        "percent": round(row.percent, 1),
        "units": _units(row),
        "position": None,
        "waiting_reason": None,
        "eta_seconds": None,
        "stalled": False,
    }
    if around is not None and row.finished_at is None:
        if row.state in (PENDING, RETRY):
            meta["position"] = around.ahead + 1
            meta["waiting_reason"] = waiting_reason(row, around)
        meta["eta_seconds"] = eta(row, around)
        meta["stalled"] = row.lease_until is not None and row.lease_until < around.now
    if row.state == FAILURE and row.error:
        meta["error"] = row.error["message"]
    return {
        "job_id": str(row.id),
        "kind": row.kind,
        "queue": row.queue,
        "state": row.state,
        "meta": meta,
        "result": row.result,
        "error": row.error,
        "warnings": row.warnings,
        "attempt": row.attempt,
        "max_attempts": row.max_attempts,
        "document_id": row.document_id,
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "cancel_requested": row.cancel_requested_at is not None,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "updated_at": row.updated_at,
        "finished_at": row.finished_at,
    }


def _units(row: JobRow) -> dict[str, Any] | None:
    if row.units_total is None:
        return None
    return {"kind": row.unit_kind, "done": row.units_done, "total": row.units_total, "failed": row.units_failed}


def waiting_reason(row: JobRow, around: Surroundings) -> str | None:
    """Why a waiting job does not move: the most telling of the known reasons, None when it is about to start."""
    health = around.health
    if row.paused or (health is not None and health.paused):
        return "paused"
    if row.not_before > around.now:
        return "backing_off"
    if health is not None and health.publish_failed:
        return "broker_unreachable"
    if health is not None and not health.alive():
        return "no_worker"
    if around.ahead or (health is not None and health.running):
        return "behind_others"
    return None


def eta(row: JobRow, around: Surroundings) -> dict[str, int] | None:
    """Seconds to the end, `{"p50", "p90"}`: by the job's own pace once it has one, else by how long its kind took.

    None when neither is known, rather than a number nobody should trust.
    """
    lately = around.durations
    elapsed = (around.now - row.started_at).total_seconds() if row.started_at else 0.0
    own = pace(row, around.now)
    if own is not None:
        return {"p50": max(round(own), 1), "p90": max(round(own * 1.5), 1)}
    if lately is None or (row.state == PROCESSING and elapsed >= lately.p90):
        return None
    if row.state == PROCESSING:
        return {"p50": max(round(lately.p50 - elapsed), 1), "p90": max(round(lately.p90 - elapsed), 1)}
    others = around.ahead * lately.p50
    return {"p50": round(others + lately.p50), "p90": round(others * 1.5 + lately.p90)}


def pace(row: JobRow, now: datetime) -> float | None:
    """Seconds left in the present stage, going on as it did so far; None before it has shown a pace."""
    spent = (now - row.stage_started_at).total_seconds()
    job = kinds.BY_NAME.get(row.kind)
    if row.state != PROCESSING or job is None or spent < PACE_AFTER_SECONDS:
        return None
    bounds = finish.stage_bounds(job, job.step(row.step), row.stage)
    done = (row.percent - bounds[0]) / max(bounds[1] - bounds[0], 1e-6)
    return spent * (1 - done) / done if done >= PACE_AFTER_SHARE else None
