"""The engine's promises, with the runner called directly on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from backend.jobs import enqueue, finish, kinds
from backend.jobs.dispatch import Reaper
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import jobs, moves, units
from backend.store.database import EVERYONE, Database
from backend.store.jobs import JobRow
from tests import probes


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


@pytest.fixture(autouse=True)
def _probes(database_url: str) -> Iterator[None]:
    probes.install()
    probes.create_effects(database_url)
    yield
    probes.uninstall()


@pytest.fixture
def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


def add(database: Database, owner: int, kind: str = "probe", *, max_attempts: int = 3, **wanted: Any) -> UUID:
    with database.session(owner) as session:
        return enqueue.enqueue(session, kind=kind, owner_id=owner, input=wanted, max_attempts=max_attempts).id


def row(database: Database, job_id: UUID) -> JobRow:
    with database.session(EVERYONE) as session:
        found = jobs.by_id(session, job_id)
        assert found is not None
        return found


def sql(database_url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('syncboard.principal', '*', true)")
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def effects(database_url: str, job_id: UUID) -> list[str]:
    found = sql(database_url, "SELECT step FROM effects WHERE job_id = %s ORDER BY at", job_id)
    return [step for (step,) in found]


def due(database_url: str) -> None:
    """Let every waiting job's back-off be over."""
    for table in ("jobs", "units"):
        sql(database_url, f"UPDATE {table} SET not_before = now(), ring_at = now() WHERE state IN ('PENDING','RETRY')")


def test_a_job_goes_through_its_steps_on_their_queues(
    runner: Runner, database: Database, database_url: str, user: int, rung: list[str]
) -> None:
    job_id = add(database, user)
    assert runner.answer("analysis") is None
    assert runner.answer("uploads") == str(job_id)
    between = row(database, job_id)
    assert (between.state, between.queue, between.step, between.percent) == ("PENDING", "analysis", "second", 50)
    assert rung == ["analysis"]
    runner.answer("analysis")
    done = row(database, job_id)
    assert (done.state, done.percent, done.message) == ("SUCCESS", 100, "Task completed successfully")
    assert done.result == {"done": "second"}
    assert effects(database_url, job_id) == ["first", "second"]


def test_a_doorbell_too_many_does_nothing(runner: Runner, database: Database, database_url: str, user: int) -> None:
    job_id = add(database, user, "probe_one")
    answers = [runner.answer("uploads") for _ in range(20)]
    assert answers == [str(job_id)] + [None] * 19
    assert effects(database_url, job_id) == ["first"]


def test_a_worker_whose_lease_went_to_another_writes_nothing(
    runner: Runner, services: Services, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "probe_one")
    with database.session(EVERYONE) as session:
        head = moves.head(session, "uploads", ["probe_one/first"])
        assert head is not None
        frozen = moves.claim(session, head.job_id, worker="frozen", lease=0.0)
    Reaper(database, kinds.BY_NAME).reap()
    due(database_url)
    runner.answer("uploads")
    step = probes.ONE_STEP.steps[0]
    done = finish.Finish(lambda session: probes._effect(_Late(job_id), "late").write(session))
    with pytest.raises(finish.Stopped), database.session(user) as session:
        finish.step_done(session, frozen, probes.ONE_STEP, step, done)
    assert effects(database_url, job_id) == ["first"]
    assert row(database, job_id).state == "SUCCESS"


class _Late:
    def __init__(self, job_id: UUID) -> None:
        self.job_id = job_id


def test_a_retryable_failure_waits_and_is_tried_again_until_its_tries_are_spent(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "probe_one", fail="retryable")
    for attempt in (1, 2):
        runner.answer("uploads")
        waiting = row(database, job_id)
        assert (waiting.state, waiting.attempt) == ("RETRY", attempt)
        assert runner.answer("uploads") is None, "it must wait for its back-off"
        due(database_url)
    runner.answer("uploads")
    failed = row(database, job_id)
    assert failed.state == "FAILURE"
    assert failed.error == {"code": "away", "message": "Away for a moment.", "hint": "", "retryable": True}
    assert effects(database_url, job_id) == []


def test_a_failure_that_no_retry_can_mend_ends_the_job_at_once(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "probe_one", fail="final")
    runner.answer("uploads")
    failed = row(database, job_id)
    assert (failed.state, failed.attempt) == ("FAILURE", 1)
    assert failed.error is not None
    assert failed.error["code"] == "corrupt"


def test_an_unknown_error_is_internal_and_does_not_reach_the_worker(
    runner: Runner, database: Database, user: int
) -> None:
    job_id = add(database, user, "probe_one", fail="bug", max_attempts=1)
    runner.answer("uploads")
    failed = row(database, job_id)
    assert failed.error is not None
    assert failed.error["code"] == "internal"
    assert "ZeroDivisionError" in failed.error["hint"]


def test_a_job_that_kills_every_worker_fails_with_a_sentence(database: Database, database_url: str, user: int) -> None:
    job_id = add(database, user, "probe_one")
    for _ in range(3):
        with database.session(EVERYONE) as session:
            head = moves.head(session, "uploads", ["probe_one/first"])
            assert head is not None
            moves.claim(session, head.job_id, worker="doomed", lease=0.0)
        Reaper(database, kinds.BY_NAME).reap()
        due(database_url)
    failed = row(database, job_id)
    assert failed.state == "FAILURE"
    assert failed.error is not None
    assert failed.error["code"] == "worker_died"
    assert "3 times" in failed.error["message"]


def test_a_finished_job_cannot_change(runner: Runner, database: Database, database_url: str, user: int) -> None:
    job_id = add(database, user, "probe_one")
    runner.answer("uploads")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="cannot change"):
        sql(database_url, "UPDATE jobs SET state = 'PENDING', finished_at = NULL WHERE id = %s", job_id)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="cannot change"):
        sql(database_url, "UPDATE jobs SET message = 'x' WHERE id = %s", job_id)


def test_percent_never_falls(database: Database, database_url: str, user: int) -> None:
    job_id = add(database, user)
    sql(database_url, "UPDATE jobs SET percent = 40 WHERE id = %s", job_id)
    sql(database_url, "UPDATE jobs SET percent = 10 WHERE id = %s", job_id)
    assert row(database, job_id).percent == 40


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user)
    with database.session(user) as session:
        assert enqueue.cancel(session, user, job_id).state == "REVOKED"
    assert runner.answer("uploads") is None
    assert effects(database_url, job_id) == []
    with database.session(user) as session:
        assert enqueue.cancel(session, user, job_id).state == "REVOKED"


def test_a_cancel_asked_for_while_a_job_finishes_wins(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "probe_one")
    with database.session(EVERYONE) as session:
        head = moves.head(session, "uploads", ["probe_one/first"])
        assert head is not None
        claimed = moves.claim(session, head.job_id, worker="test", lease=30.0)
    with database.session(user) as session:
        assert enqueue.cancel(session, user, job_id).state == "PROCESSING"
    done = finish.Finish(lambda session: probes._effect(_Late(job_id), "late").write(session))
    with database.session(user) as session:
        finish.step_done(session, claimed, probes.ONE_STEP, probes.ONE_STEP.steps[0], done)
    assert row(database, job_id).state == "REVOKED"
    assert effects(database_url, job_id) == []


def test_a_retry_of_a_failed_job_is_one_new_job_from_the_step_that_failed(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user)
    runner.answer("uploads")
    with database.session(user) as session:
        enqueue.cancel(session, user, job_id)
    new = []
    for _ in range(2):
        with database.session(user) as session:
            new.append(enqueue.retry(session, user, job_id, max_attempts=3).id)
    assert new[0] == new[1] != job_id
    again = row(database, new[0])
    assert (again.step, again.queue, again.retry_of) == ("second", "analysis", job_id)
    runner.answer("analysis")
    assert row(database, new[0]).state == "SUCCESS"
    assert effects(database_url, new[0]) == ["second"]
    assert row(database, job_id).state == "REVOKED"


def test_one_upload_is_not_behind_another_persons_thousand(
    runner: Runner, database: Database, user: int, other_user: int
) -> None:
    flood = [add(database, user, "probe_one") for _ in range(30)]
    single = add(database, other_user, "probe_one")
    order = [runner.answer("uploads") for _ in range(31)]
    assert order.index(str(single)) <= 2
    assert [job for job in order if job != str(single)] == [str(job) for job in flood]


def test_units_fan_in_once_and_a_failed_one_does_not_stop_the_rest(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "probe_fan", units=5, bad_unit="page 2", fail="final")
    answers = [runner.answer("uploads") for _ in range(8)]
    assert answers == [str(job_id)] * 7 + [None], "one fan-out, five units, one gathering"
    done = row(database, job_id)
    assert done.state == "SUCCESS"
    assert (done.units_done, done.units_failed, done.units_total) == (4, 1, 5)
    assert done.result == {"texts": ["page 0", "page 1", "page 3", "page 4"]}
    assert effects(database_url, job_id) == ["gather"]


def test_a_retry_takes_over_finished_units(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "probe_fan", units=4, seconds=0.01)
    for _ in range(3):
        runner.answer("uploads")
    with database.session(user) as session:
        enqueue.cancel(session, user, job_id)
    with database.session(user) as session:
        again = enqueue.retry(session, user, job_id, max_attempts=3).id
    answers = 0
    while runner.answer("uploads"):
        answers += 1
    assert answers == 1 + 2 + 1, "a fan-out, the two units that were left, a gathering"
    with database.session(user) as session:
        assert [unit.reused for unit in units.of_job(session, user, again)] == [True, True, False, False]
    assert row(database, again).state == "SUCCESS"


def test_cancelling_a_job_ends_its_units(runner: Runner, database: Database, user: int) -> None:
    job_id = add(database, user, "probe_fan", units=3)
    runner.answer("uploads")
    with database.session(user) as session:
        assert enqueue.cancel(session, user, job_id).state == "REVOKED"
        assert {unit.state for unit in units.of_job(session, user, job_id)} == {"REVOKED"}
    assert runner.answer("uploads") is None


def test_a_step_over_its_time_limit_fails_and_says_so(
    runner: Runner, database: Database, user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(probes.ONE_STEP, steps=(replace(probes.ONE_STEP.steps[0], time_limit=0.5),))
    monkeypatch.setitem(kinds.BY_NAME, "probe_one", quick)
    job_id = add(database, user, "probe_one", seconds=30)
    runner.answer("uploads")
    failed = row(database, job_id)
    assert failed.state == "FAILURE"
    assert failed.error is not None
    assert failed.error["code"] == "timed_out"


def test_the_history_tells_every_try_with_its_stages(
    runner: Runner, database: Database, database_url: str, user: int
) -> None:
    job_id = add(database, user, "probe_one", fail="retryable")
    runner.answer("uploads")
    rows = sql(database_url, "SELECT attempt, outcome, stages, error FROM job_attempts WHERE job_id = %s", job_id)
    attempt, outcome, stages, error = rows[0]
    assert (attempt, outcome, error["code"]) == (1, "RETRY", "away")
    assert [stage["stage"] for stage in stages] == ["decoding"]
