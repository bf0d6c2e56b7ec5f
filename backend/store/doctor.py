"""What `syncboard doctor` asks the database."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parents[2] / "alembic"

UNRUNG = text(
    """SELECT queue, count(*) AS jobs FROM jobs
       WHERE state IN ('PENDING', 'RETRY') AND not_before <= clock_timestamp()
         AND ring_at < clock_timestamp() - make_interval(secs => :older)
         AND NOT (SELECT paused FROM queues WHERE name = jobs.queue)
         -- where a full window of doorbells is out already, the others wait for their turn and nothing is wrong
         AND (SELECT count(*) FROM jobs o WHERE o.queue = jobs.queue AND o.state IN ('PENDING', 'RETRY')
                AND o.rings > 0 AND o.ring_at > clock_timestamp()) < :window
       GROUP BY queue ORDER BY queue"""
)
STALE = text(
    """SELECT (SELECT count(*) FROM jobs WHERE state = 'PROCESSING'
                 AND lease_until < clock_timestamp() - make_interval(secs => :older))
            + (SELECT count(*) FROM units WHERE state = 'PROCESSING'
                 AND lease_until < clock_timestamp() - make_interval(secs => :older))"""
)


def revision(session: Session) -> str | None:
    """The migration this database is at; None before the first."""
    if session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def above_the_walls(session: Session) -> bool:
    """Whether our role steps around row-level security, so that the second wall between people does not stand."""
    query = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool(session.scalar(query))


def newest_revision() -> str | None:
    """The migration this code needs."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def unrung(session: Session, *, older: float, window: int) -> dict[str, int]:
    """Jobs by queue that should have been rung for more than `older` seconds ago: no dispatcher runs."""
    rows = session.execute(UNRUNG, {"older": older, "window": window})
    return {str(row.queue): int(row.jobs) for row in rows}


def stale_leases(session: Session, *, older: float) -> int:
    """Leases that ran out more than `older` seconds ago and that nobody took back: no reaper runs."""
    return int(session.scalar(STALE, {"older": older}) or 0)


def originals(session: Session) -> set[str]:
    """The SHA-256 of every original a document needs, the trash included."""
    return set(session.scalars(text("SELECT DISTINCT blob_sha256 FROM documents")))
