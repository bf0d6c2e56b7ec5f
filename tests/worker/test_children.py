"""Jobs that wait for other jobs, jobs that ask for another time, and effects of units: on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import BaseModel
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from backend.jobs import enqueue, kinds
from backend.jobs.dispatch import Reaper
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.job import BULK, UPLOADS, AwaitChildren, Context, FanOut, Finish, Job, Snooze, Stage, Step, UnitPlan
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import jobs
from backend.store.database import EVERYONE, Database
from backend.store.jobs import JobRow
from backend.store.units import Unit
from tests import probes

STAGES = (Stage("waiting", 10.0, "Waiting..."),)


class Input(BaseModel):
    """What the probe shall do."""

    snoozes: int = 0
    bad: bool = False


def parent(_: Context) -> AwaitChildren:
    return AwaitChildren("link")


def together(_: Context, units: Sequence[dict[str, Any]]) -> Finish:
    return Finish(lambda _session: {"units": len(units), "done": True})


def sleepy(context: Context) -> Finish:
    """Ask for another time until the effects say that it has asked often enough, leaving an effect each time."""
    with context.services.database.session(context.owner_id) as session:
        asked = session.scalar(text("SELECT count(*) FROM effects WHERE job_id = :job"), {"job": context.job_id}) or 0
        if asked < context.input["snoozes"]:
            session.execute(text("INSERT INTO effects VALUES (:job, 'snooze')"), {"job": context.job_id})
    if asked < context.input["snoozes"]:
        raise Snooze(300.0, "The site asked us to come back in five minutes.")
    return Finish(lambda _: {"asked": asked}, final=True)


def fan(_: Context) -> FanOut:
    return FanOut("page", "key", [UnitPlan("page 1", {"bad": False}), UnitPlan("page 2", {"bad": True})])


def fan_unit(context: Context) -> dict[str, Any]:
    assert context.job_input == {"snoozes": 0, "bad": True}
    if context.input["bad"]:
        raise ZeroDivisionError
    return {"text": "what page one says"}


def shown(session: Session, unit: Unit, result: dict[str, Any]) -> None:
    session.execute(text("INSERT INTO effects VALUES (:job, :what)"), {"job": unit.job_id, "what": result["text"]})


def never(_: Context) -> Finish:
    raise AssertionError("a final finish skips the steps that follow")


PARENT = Job("parent", (Step("links", UPLOADS, STAGES, parent, gather=together),), Input)
SLEEPY = Job("sleepy", (Step("sleep", UPLOADS, STAGES, sleepy), Step("never", UPLOADS, STAGES, never)), Input)
SHOWING = Job("showing", (Step("fan", UPLOADS, STAGES, fan, fan_unit, together, shown),), Input)


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


@pytest.fixture(autouse=True)
def _kinds(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    probes.install()
    probes.create_effects(database_url)
    for job in (PARENT, SLEEPY, SHOWING):
        monkeypatch.setitem(kinds.BY_NAME, job.kind, job)
    yield
    probes.uninstall()


@pytest.fixture
def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


def add(database: Database, owner: int, kind: str, parent_id: UUID | None = None, **wanted: Any) -> UUID:
    priority = BULK if parent_id else 0
    with database.session(owner) as session:
        return enqueue.enqueue(
            session, kind=kind, owner_id=owner, input=wanted, max_attempts=2, parent_id=parent_id, priority=priority
        ).id


def row(database: Database, job_id: UUID) -> JobRow:
    with database.session(EVERYONE) as session:
        found = jobs.by_id(session, job_id)
        assert found is not None
        return found


def effects(database_url: str, job_id: UUID) -> list[str]:
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT step FROM effects WHERE job_id = %s ORDER BY at", [job_id]).fetchall()
    return [step for (step,) in found]


def test_a_parent_ends_after_its_last_child_however_that_ended(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "parent")
    good, bad = (add(database, user, "probe_one", job_id, fail=how) for how in (None, "final"))
    reaper = Reaper(database, kinds.BY_NAME)
    assert runner.answer(UPLOADS) == str(job_id), "the parent is a small thing and goes first"
    assert (row(database, job_id).state, row(database, job_id).units_total) == ("PROCESSING", 2)
    assert runner.answer(UPLOADS) == str(good)
    reaper.reap()
    half = row(database, job_id)
    assert (half.state, half.units_done, half.units_failed) == ("PROCESSING", 1, 0)
    assert 10.0 < half.percent < 99.0
    assert runner.answer(UPLOADS) == str(bad)
    assert runner.answer(UPLOADS) is None, "nobody has counted yet"
    reaper.reap()
    reaper.reap()
    assert runner.answer(UPLOADS) == str(job_id)
    done = row(database, job_id)
    assert (done.state, done.result) == ("SUCCESS", {"units": 0, "done": True})
    assert (done.units_done, done.units_failed) == (1, 1)


def test_a_child_that_comes_later_is_waited_for(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "parent")
    add(database, user, "probe_one", job_id)
    runner.answer(UPLOADS)
    add(database, user, "probe_one", job_id)
    runner.answer(UPLOADS)
    reaper = Reaper(database, kinds.BY_NAME)
    reaper.reap()
    assert (row(database, job_id).units_done, row(database, job_id).units_total) == (1, 2)
    runner.answer(UPLOADS)
    reaper.reap()
    runner.answer(UPLOADS)
    assert row(database, job_id).state == "SUCCESS"


def test_a_parent_without_children_ends_by_itself(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "parent")
    assert [runner.answer(UPLOADS) for _ in range(3)] == [str(job_id), str(job_id), None]
    assert row(database, job_id).state == "SUCCESS"


def test_cancelling_a_parent_cancels_its_children(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "parent")
    children = [add(database, user, "probe_one", job_id) for _ in range(3)]
    runner.answer(UPLOADS)
    runner.answer(UPLOADS)
    with database.session(user) as session:
        enqueue.cancel(session, user, job_id)
    assert [row(database, child).state for child in children] == ["SUCCESS", "REVOKED", "REVOKED"]
    assert row(database, job_id).state == "REVOKED"
    Reaper(database, kinds.BY_NAME).reap()
    assert runner.answer(UPLOADS) is None


def test_a_paused_job_is_not_claimed_until_it_goes_on(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "probe_one")
    with database.session(user) as session:
        session.execute(update(JobRow).values(paused=True))
    assert runner.answer(UPLOADS) is None
    with database.session(user) as session:
        session.execute(update(JobRow).values(paused=False))
    assert runner.answer(UPLOADS) == str(job_id)


def test_a_snooze_waits_without_counting_as_a_try_and_a_final_finish_ends_the_job(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "sleepy", snoozes=4)
    for _ in range(4):
        assert runner.answer(UPLOADS) == str(job_id)
        assert runner.answer(UPLOADS) is None, "it waits"
        waiting = row(database, job_id)
        assert (waiting.state, waiting.attempt) == ("PENDING", 0)
        assert waiting.message == "The site asked us to come back in five minutes."
        with database.session(EVERYONE) as session:
            session.execute(text("UPDATE jobs SET not_before = now()"))
    runner.answer(UPLOADS)
    assert (row(database, job_id).state, row(database, job_id).result) == ("SUCCESS", {"asked": 4})
    assert effects(database_url, job_id) == ["snooze"] * 4


def test_what_a_unit_gave_is_shown_at_once_and_only_if_it_ended_well(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "showing", bad=True)
    for _ in range(5):
        runner.answer(UPLOADS)
        with database.session(EVERYONE) as session:
            session.execute(text("UPDATE units SET not_before = now() WHERE state = 'RETRY'"))
    assert row(database, job_id).state == "SUCCESS"
    assert row(database, job_id).units_failed == 1
    assert effects(database_url, job_id) == ["what page one says"]
