"""The same with the fence switched off: the negative control, in which the auditor must find doubles.

Every guard that asks for the newest fence says yes here; the database's own guard of finished rows (a trigger) is
taken off by the test.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.store import moves
from backend.store.jobs import JobRow
from tests.faults.probe_app import app

ANYBODY = text("SELECT * FROM jobs WHERE id = :id FOR UPDATE")


def hold(session: Session, job_id: UUID, fence: int) -> JobRow | None:
    """Lock the row, whoever asks."""
    return session.scalars(select(JobRow).from_statement(ANYBODY), {"id": job_id}).one_or_none()


def deaf(ask: Callable[..., bool | None]) -> Callable[..., bool]:
    """Ask, and hear "the lease is no longer yours" as "all is well"."""
    return lambda *args, **named: bool(ask(*args, **named))


moves.hold = hold
moves.beat, moves.watch, moves.progress = deaf(moves.beat), deaf(moves.watch), deaf(moves.progress)

__all__ = ["app"]
