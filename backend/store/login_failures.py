"""The growing delay after failed sign-ins, by the name that was tried."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import DateTime, Integer, Text, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base

FORGOTTEN_AFTER = timedelta(days=1)


class LoginFailure(Base):
    """Failures in a row for one name, known or not, and when it may try again."""

    __tablename__ = "login_failures"

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_failed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    retry_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def begin_try(session: Session, name: str, wait_after: Callable[[int], int]) -> int:
    """Seconds this name has to wait, or 0: then the try counts as failed until `succeeded` says otherwise.

    Counting before the password is looked at is what holds a hundred guesses made at the same moment to the delay.
    """
    now = func.clock_timestamp()
    fresh = {"username": name, "failures": 0, "last_failed_at": now, "retry_at": now}
    session.execute(insert(LoginFailure).values(fresh).on_conflict_do_nothing())
    left = func.extract("epoch", LoginFailure.retry_at - now)
    long_ago = LoginFailure.last_failed_at < now - FORGOTTEN_AFTER
    found = select(LoginFailure, left, long_ago).where(LoginFailure.username == name).with_for_update()
    row, seconds_left, forgotten = session.execute(found).one()
    if seconds_left > 0:
        return math.ceil(seconds_left)
    row.failures = 1 if forgotten else row.failures + 1
    row.last_failed_at = now
    row.retry_at = now + timedelta(seconds=wait_after(row.failures))
    return 0


def succeeded(session: Session, name: str) -> None:
    """Forget the failures of a name whose password was right."""
    session.execute(delete(LoginFailure).where(LoginFailure.username == name))
