"""Units of one job under many hands: nobody waits in a circle, and the units of two steps are kept apart."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.jobs import enqueue, finish, kinds
from backend.jobs.dispatch import Reaper
from backend.jobs.job import FanOut, Finish, Stopped, UnitPlan
from backend.store import doorbells, jobs, moves, units
from backend.store.database import EVERYONE, Database
from backend.store.units import Unit
from tests import probes
from tests.board import eventually

KNOWN = ["probe_fan/fan", "probe_fan/again"]


@pytest.fixture(autouse=True)
def _probes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    fan = probes.FAN.steps[0]
    twice = replace(probes.FAN, steps=(fan, replace(fan, name="again")))
    monkeypatch.setitem(kinds.BY_NAME, "probe_fan", twice)
    return


def fan_out(database: Database, job_id: UUID, count: int) -> list[Unit]:
    """Let the job's present step fan out, and claim all its units."""
    job = kinds.BY_NAME["probe_fan"]
    with database.session(EVERYONE) as session:
        row = moves.claim(session, job_id, worker="test", lease=600.0)
        plan = FanOut("page", f"{job_id}/{row.step}", [UnitPlan(f"page {n}") for n in range(count)])
        finish.fanned_out(session, row, job, job.step(row.step), plan)
    claimed = []
    with database.session(EVERYONE) as session:
        while head := units.head(session, "uploads", KNOWN):
            assert head.ordinal is not None
            claimed.append(units.claim(session, head.job_id, head.ordinal, worker="test", lease=600.0))
    return claimed


def add(database: Database, user: int) -> UUID:
    with database.session(user) as session:
        return enqueue.enqueue(session, kind="probe_fan", owner_id=user, input={"units": 2}, max_attempts=3).id


def waiting_for_locks(database: Database) -> int:
    with database.session(EVERYONE) as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) or 0


def test_a_unit_that_ends_while_its_job_is_cancelled_waits_for_the_cancel_and_never_in_a_circle(
    database: Database, user: int
) -> None:
    job_id = add(database, user)
    unit = fan_out(database, job_id, 2)[0]
    heard: list[type[BaseException] | None] = []

    def end() -> None:
        try:
            with database.session(user) as session:
                finish.unit_done(session, unit, result={}, error=None, bounds=(10.0, 90.0))
            heard.append(None)
        except Exception as error:  # noqa: BLE001 - whichever it was, the test looks at it
            heard.append(type(error))

    worker = threading.Thread(target=end)
    with database.session(user) as session:
        jobs.lock(session, user, job_id)  # as a cancel begins
        worker.start()
        eventually(lambda: waiting_for_locks(database) > 0)
        enqueue.cancel(session, user, job_id)
    worker.join(30)
    assert heard == [Stopped]
    with database.session(user) as session:
        assert {u.state for u in units.of_job(session, user, job_id)} == {"REVOKED"}


def test_the_reaper_leaves_units_whose_job_is_being_changed_for_its_next_round(database: Database, user: int) -> None:
    job_id = add(database, user)
    fan_out(database, job_id, 2)
    with database.session(EVERYONE) as session:
        session.execute(text("UPDATE units SET lease_until = now() - interval '1 day'"))
    with database.session(user) as session:
        jobs.lock(session, user, job_id)
        assert Reaper(database, kinds.BY_NAME).reap() == 0
        enqueue.cancel(session, user, job_id)
    assert Reaper(database, kinds.BY_NAME).reap() == 0


def test_two_steps_of_one_job_may_both_fan_out_and_each_gathers_its_own_units(database: Database, user: int) -> None:
    job_id = add(database, user)
    job = kinds.BY_NAME["probe_fan"]
    for step in ("fan", "again"):
        for unit in fan_out(database, job_id, 3):
            with database.session(user) as session:
                finish.unit_done(session, unit, result={"of": step}, error=None, bounds=(10.0, 90.0))
        with database.session(EVERYONE) as session:
            row = moves.claim(session, job_id, worker="test", lease=600.0)
            own = units.of_job(session, user, job_id, step=row.step)
            assert [unit.result for unit in own] == [{"of": step}] * 3
            finish.step_done(session, row, job, job.step(step), Finish(lambda _: {}))
    with database.session(user) as session:
        assert jobs.get(session, user, job_id).state == "SUCCESS"
        assert [unit.ordinal for unit in units.of_job(session, user, job_id)] == list(range(6))


@pytest.mark.parametrize("how", ["fans out", "is forgiven"])
def test_a_job_cancelled_while_it_runs_ends_even_when_its_try_does_not_end_it(
    database: Database, user: int, how: str
) -> None:
    job_id, job = add(database, user), kinds.BY_NAME["probe_fan"]
    with database.session(EVERYONE) as session:
        row = moves.claim(session, job_id, worker="test", lease=600.0)
    with database.session(user) as session:
        assert enqueue.cancel(session, user, job_id).state == "PROCESSING"
    with database.session(user) as session:
        if how == "fans out":
            finish.fanned_out(session, row, job, job.steps[0], FanOut("page", "key", [UnitPlan("page 0")]))
        else:
            finish.forgiven(session, row, job)
    with database.session(user) as session:
        assert jobs.get(session, user, job_id).state == "REVOKED"
        assert units.of_job(session, user, job_id) == []


def test_lost_doorbells_are_rung_again_without_waiting_for_a_job_that_somebody_holds(
    database: Database, user: int
) -> None:
    held, free = add(database, user), add(database, user)
    with database.session(EVERYONE) as session:
        assert len(doorbells.take(session, "uploads", 10)) == 2
        session.execute(text("UPDATE jobs SET rung_at = clock_timestamp() - interval '1 hour'"))
    with database.session(EVERYONE) as holding, database.session(EVERYONE) as ringing:
        jobs.lock(holding, user, held)
        ringing.execute(text("SET LOCAL lock_timeout = '2s'"))
        doorbells.ring_again(ringing, "uploads", older=60.0)
        due = ringing.scalars(text("SELECT id FROM jobs WHERE ring_at <= clock_timestamp()")).all()
    assert due == [free]
