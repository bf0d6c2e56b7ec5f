"""How many are ahead, and how long such work took lately."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.store.jobs import JobRow

MOST = 10_000
"""Positions beyond this are not counted out."""

AHEAD = text(
    f"""SELECT count(*) FROM (
        (SELECT 1 FROM jobs WHERE queue = :queue AND state IN ('PENDING', 'RETRY') AND id <> :id
            AND (priority, turn, id) < (:priority, :turn, :id) LIMIT {MOST})
        UNION ALL
        (SELECT 1 FROM units WHERE queue = :queue AND state IN ('PENDING', 'RETRY')
            AND (priority, turn) < (:priority, :turn) LIMIT {MOST})) AS ahead"""
)

DURATIONS = text(
    """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)
       FROM (SELECT extract(epoch FROM finished_at - started_at)::float AS seconds FROM jobs
             WHERE kind = :kind AND state = 'SUCCESS' ORDER BY finished_at DESC LIMIT 100) AS lately"""
)


@dataclass(frozen=True)
class Durations:
    """Seconds from start to success of the last hundred jobs of a kind."""

    p50: float
    p90: float


def ahead(session: Session, row: JobRow) -> int:
    """How much waiting work on the job's queue comes before it, at most MOST."""
    values = {"queue": row.queue, "priority": row.priority, "turn": row.turn, "id": row.id}
    return min(int(session.scalar(AHEAD, values) or 0), MOST)


def durations(session: Session, kind: str) -> Durations | None:
    """How long this kind took lately; None before the first success."""
    p50, p90 = session.execute(DURATIONS, {"kind": kind}).one()
    return None if p50 is None else Durations(p50, p90)
