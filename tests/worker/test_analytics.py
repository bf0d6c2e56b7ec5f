"""The numbers of a board, computed by workers and planned by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.jobs import analytics, schedule
from backend.jobs.enqueue import enqueue
from backend.jobs.services import Services
from backend.store import analytics as stored
from backend.store import jobs
from backend.store.database import EVERYONE, Database
from tests import probes
from tests.factories import new_document
from tests.worker.hand import runner, work

KIND = "refresh_analytics"


@pytest.fixture(autouse=True)
def _probes(database_url: str) -> Iterator[None]:
    probes.install()
    probes.create_effects(database_url)
    yield
    probes.uninstall()


def refreshes(database: Database, owner_id: int) -> list[str]:
    """The states of all jobs that ever computed this person's numbers, the oldest first."""
    with database.session(EVERYONE) as session:
        rows = session.query(jobs.JobRow).filter_by(kind=KIND, owner_id=owner_id).order_by(jobs.JobRow.created_at)
        return [row.state for row in rows]


def ago(database: Database, owner_id: int, seconds: float) -> None:
    """Let so much time have gone by since the numbers were computed, and since their jobs were made."""
    with database.session(EVERYONE) as session:
        values = {"owner_id": owner_id, "gone": timedelta(seconds=seconds)}
        session.execute(
            text("UPDATE analytics SET computed_at = computed_at - :gone WHERE owner_id = :owner_id"), values
        )
        session.execute(text("ALTER TABLE jobs DISABLE TRIGGER jobs_guard"))
        session.execute(text("UPDATE jobs SET created_at = created_at - :gone WHERE owner_id = :owner_id"), values)
        session.execute(text("ALTER TABLE jobs ENABLE TRIGGER jobs_guard"))


def told(services: Services, owner_id: int) -> stored.Kept:
    with services.database.session(owner_id) as session:
        kept = stored.read(session, owner_id)
        assert kept is not None
        return kept


def test_two_hundred_jobs_that_end_are_counted_once_a_minute(services: Services, database: Database, user: int) -> None:
    for _ in range(200):
        with database.session(user) as session:
            enqueue(session, kind="probe_one", owner_id=user, input={}, max_attempts=1)
    hand = runner(services)
    for _ in range(200):
        assert hand.answer("uploads") is not None
        schedule.plan(services, KIND)  # the clock looks after each of them
    work(services)
    assert refreshes(database, user) == ["SUCCESS"]
    assert told(services, user).numbers["queues"][0]["jobs"] == 200
    for _ in range(50):
        schedule.plan(services, KIND)
    assert refreshes(database, user) == ["SUCCESS"], "within the minute nothing is counted again"
    new_document(database, user)
    assert schedule.plan(services, KIND) == []
    ago(database, user, 61)
    for _ in range(50):
        schedule.plan(services, KIND)
    assert refreshes(database, user) == ["SUCCESS", "PENDING"]
    work(services)
    ago(database, user, 61)
    assert schedule.plan(services, KIND) == [], "counting is no change worth counting"


def test_only_the_people_whose_boards_changed_are_counted_anew(
    services: Services, database: Database, user: int, other_user: int
) -> None:
    new_document(database, user)
    planned = schedule.plan(services, KIND)
    assert len(planned) == 1
    assert refreshes(database, user) == ["PENDING"]
    assert refreshes(database, other_user) == []
    work(services)
    assert told(services, user).numbers["totals"]["documents"] == 1
    assert told(services, user).changed is False


def test_numbers_that_are_an_hour_old_are_counted_anew(services: Services, database: Database, user: int) -> None:
    analytics.kept(services, user)
    ago(database, user, 3500)
    assert schedule.plan(services, KIND) == []
    ago(database, user, 200)
    assert len(schedule.plan(services, KIND)) == 1


def test_a_change_while_counting_is_not_forgotten(services: Services, database: Database, user: int) -> None:
    new_document(database, user, "before")
    with database.session(user) as session:
        computed = analytics.compute(session, user)
    new_document(database, user, "while counting")
    with database.session(user) as session:
        computed.keep(session, user)
    assert told(services, user).numbers["totals"]["documents"] == 1
    assert told(services, user).changed is True


def test_later_numbers_are_not_replaced_by_earlier_ones(services: Services, database: Database, user: int) -> None:
    with database.session(user) as session:
        early = analytics.compute(session, user)
    new_document(database, user)
    with database.session(user) as session:
        analytics.compute(session, user).keep(session, user)
    with database.session(user) as session:
        early.keep(session, user)
    assert told(services, user).numbers["totals"]["documents"] == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET deleted_at = now() WHERE owner_id = :owner_id",
        "UPDATE documents SET title = 'other' WHERE owner_id = :owner_id",
        "DELETE FROM documents WHERE owner_id = :owner_id",
        "INSERT INTO tags (owner_id, key, name, colour) VALUES (:owner_id, 'a', 'a', 'red')",
        "INSERT INTO concepts (owner_id, key, name) VALUES (:owner_id, 'a', 'a')",
    ],
)
def test_whatever_changes_what_is_counted_makes_the_numbers_stale(
    services: Services, database: Database, user: int, other_user: int, change: str
) -> None:
    new_document(database, user)
    for owner_id in (user, other_user):
        assert analytics.kept(services, owner_id).changed is False
    with database.session(user) as session:
        session.execute(text(change), {"owner_id": user})
    assert told(services, user).changed is True
    assert told(services, other_user).changed is False


def test_waiting_and_running_are_told_apart_in_each_queue(services: Services, database: Database, user: int) -> None:
    with database.session(user) as session:
        job_id = enqueue(session, kind="probe", owner_id=user, input={}, max_attempts=1).id
    work(services)
    _set_times(database, job_id)
    queues = {row["queue"]: row for row in analytics.kept(services, user).numbers["queues"]}
    assert queues["uploads"] == {
        "queue": "uploads", "jobs": 1, "wait_p50": 2.0, "wait_p95": 2.0, "run_p50": 5.0, "run_p95": 5.0
    }  # fmt: skip
    assert (queues["analysis"]["wait_p50"], queues["analysis"]["run_p50"]) == (3.0, 7.0)
    assert queues["low_priority"] == {
        "queue": "low_priority", "jobs": 0, "wait_p50": None, "wait_p95": None, "run_p50": None, "run_p95": None
    }  # fmt: skip


def _set_times(database: Database, job_id: Any) -> None:
    """Made at 0; the first step ran from 2 to 7, the second from 10 to 17."""
    with database.session(EVERYONE) as session:
        for step, start, end in (("first", 2, 7), ("second", 10, 17)):
            session.execute(
                text(
                    """UPDATE job_attempts SET started_at = j.created_at + make_interval(secs => :start),
                              finished_at = j.created_at + make_interval(secs => :end)
                       FROM jobs AS j WHERE j.id = job_id AND job_id = :id AND job_attempts.step = :step"""
                ),
                {"id": job_id, "step": step, "start": start, "end": end},
            )
