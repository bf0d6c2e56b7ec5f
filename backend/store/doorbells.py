"""Which waiting work should be rung for, and what the reaper finds.

A doorbell is a Celery message that says "there is work on this queue". Losing one costs seconds, a second one costs
one empty claim. `rings` and `ring_at` are the book-keeping: after its n-th doorbell a row is rung again only after
`BACK_OFF[n]` seconds, because a flat interval floods Redis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.store.jobs import JobRow
from backend.store.units import Unit

BACK_OFF = (5, 15, 60, 300)
CANCEL_PATIENCE_SECONDS = 6
"""After this a cancelled job that still runs is ended over its worker's head; the fence turns its result away."""

DELAY = f"(ARRAY[{','.join(map(str, BACK_OFF))}])[least(rings + 1, {len(BACK_OFF)})]"

OUTSTANDING = text(
    """SELECT count(*), count(*) FILTER (WHERE priority < 1) FROM (
           SELECT priority FROM jobs WHERE queue = :queue AND state IN ('PENDING', 'RETRY')
               AND ring_at > clock_timestamp() AND rings > 0
           UNION ALL
           SELECT priority FROM units WHERE queue = :queue AND state IN ('PENDING', 'RETRY')
               AND ring_at > clock_timestamp() AND rings > 0) AS rung"""
)


def _take(table: str, key: str, named: str, also: str = "") -> str:
    return f"""
        UPDATE {table} SET rings = rings + 1, rung_at = clock_timestamp(),
            ring_at = clock_timestamp() + make_interval(secs => {DELAY})
        WHERE ({key}) IN (
            SELECT {key} FROM {table} WHERE queue = :queue AND state IN ('PENDING', 'RETRY')
                AND ring_at <= clock_timestamp() AND not_before <= clock_timestamp() {also}
                AND (:bulk OR priority < 1)
            ORDER BY priority, turn LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING {named}"""


TAKE_JOBS = text(_take("jobs", "id", "id, kind, step, NULL AS ordinal", also="AND NOT paused"))
TAKE_UNITS = text(
    _take("units", "job_id, ordinal", "job_id, (SELECT kind FROM jobs WHERE jobs.id = units.job_id), step, ordinal")
)

# what somebody else holds is left for the next round: waiting for it, many rows in hand, is a deadlock with a cancel
RING_AGAIN = """UPDATE {table} SET ring_at = clock_timestamp()
    WHERE ({key}) IN (
        SELECT {key} FROM {table}
        WHERE queue = :queue AND state IN ('PENDING', 'RETRY') AND rings > 0 AND ring_at > clock_timestamp()
            AND not_before <= clock_timestamp() AND rung_at < clock_timestamp() - make_interval(secs => :older)
        FOR UPDATE SKIP LOCKED)"""

LOST_JOBS = text(
    """SELECT * FROM jobs WHERE state = 'PROCESSING' AND NOT fanned_out AND (lease_until < clock_timestamp()
           OR cancel_requested_at < clock_timestamp() - make_interval(secs => :patience))
       LIMIT 100 FOR UPDATE SKIP LOCKED"""
)
LOST_UNITS = text(
    """SELECT units.* FROM units JOIN jobs ON jobs.id = units.job_id
       WHERE units.state = 'PROCESSING' AND units.lease_until < clock_timestamp()
       LIMIT 100 FOR UPDATE SKIP LOCKED"""
)


@dataclass(frozen=True)
class Doorbell:
    """One message to publish: for the job `job_id`, or for its unit `ordinal`."""

    job_id: UUID
    kind: str
    step: str
    ordinal: int | None


def take(session: Session, queue: str, window: int) -> list[Doorbell]:
    """Waiting work of `queue` that is due to be rung for, in its turn, so that at most `window` are outstanding.

    What people wait for has a window of its own: bulk work that no child may take now must not use up the doorbells.
    """
    if session.scalar(text("SELECT paused FROM queues WHERE name = :queue"), {"queue": queue}):
        return []
    rung, urgent = session.execute(OUTSTANDING, {"queue": queue}).one()
    bulk = rung < window
    room = window - (rung if bulk else urgent)
    if room <= 0:
        return []
    bells: list[Doorbell] = []
    for statement in (TAKE_JOBS, TAKE_UNITS):
        bells.extend(
            Doorbell(*row) for row in session.execute(statement, {"queue": queue, "limit": room, "bulk": bulk})
        )
    return bells


def ring_again(session: Session, queue: str, *, older: float) -> None:
    """The broker's queue was seen empty: doorbells rung more than `older` seconds ago are lost, make them due."""
    for table, key in (("jobs", "id"), ("units", "job_id, ordinal")):
        session.execute(text(RING_AGAIN.format(table=table, key=key)), {"queue": queue, "older": older})


def lost_jobs(session: Session) -> Sequence[JobRow]:
    """Lock running jobs whose lease ran out, or whose cancel was not heeded in time."""
    return session.scalars(select(JobRow).from_statement(LOST_JOBS), {"patience": CANCEL_PATIENCE_SECONDS}).all()


def lost_units(session: Session) -> Sequence[Unit]:
    """Lock running units whose lease ran out, and their jobs."""
    return session.scalars(select(Unit).from_statement(LOST_UNITS)).all()
