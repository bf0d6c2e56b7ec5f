"""Cleaning up, with the runner called directly on a real PostgreSQL and a real folder."""

from __future__ import annotations

import os
import signal

import pytest

from backend.jobs import enqueue, kinds
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import jobs
from backend.store.database import EVERYONE


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


@pytest.fixture
def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


def test_what_a_killed_fetch_left_is_cleaned_up(runner: Runner, services: Services, user: int) -> None:
    killed = os.fork()
    if killed == 0:
        services.blobs.writer().write(b"half of a page")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    [left] = (services.settings.data_dir / "blobs" / "incoming").iterdir()
    os.utime(left, (0, 0))
    with services.database.session(user) as session:
        job_id = enqueue.enqueue(session, kind="clean_up", owner_id=user, input={}, max_attempts=1).id
    assert runner.answer("low_priority") == str(job_id)
    with services.database.session(EVERYONE) as session:
        row = jobs.by_id(session, job_id)
    assert row is not None
    assert row.result is not None
    assert row.result["forgotten"]["unfinished_files"] == 1
    assert not left.exists()
