"""A cancel takes hold within ten seconds in whatever state the job is, and no late result undoes it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.faults.arena import STANDARD, Arena

PROMISED_SECONDS = 10.0


def cancel(arena: Arena, job_id: UUID) -> dict[str, Any]:
    """Cancel over HTTP and wait for the end; the job's row. By the database's clock it took less than promised."""
    asked: datetime = arena.board.sql("SELECT clock_timestamp()")[0][0]
    with arena.board.client() as client:
        answer = client.post(f"/jobs/{job_id}/cancel")
    assert answer.status_code == 200, answer.text
    row = arena.until(job_id, within=60, state="REVOKED")
    taken = (datetime.fromisoformat(row["finished_at"]) - asked).total_seconds()
    assert taken < PROMISED_SECONDS, f"it took {taken:.1f} s"
    return row


def effects(arena: Arena, job_id: UUID) -> list[str]:
    return [step for (step,) in arena.board.sql("SELECT step FROM effects WHERE job_id = %s", job_id)]


@contextmanager
def paused(arena: Arena, queue: str) -> Iterator[None]:
    """Nothing is taken from the queue meanwhile."""
    with arena.auditor.connect() as connection:
        connection.execute("UPDATE queues SET paused = true WHERE name = %s", [queue])
    try:
        yield
    finally:
        with arena.auditor.connect() as connection:
            connection.execute("UPDATE queues SET paused = false WHERE name = %s", [queue])


def test_a_waiting_job(arena: Arena) -> None:
    with paused(arena, "uploads"):
        job_id = arena.add()
        cancel(arena, job_id)
    arena.settle()
    assert effects(arena, job_id) == []


def test_a_running_job_and_its_worker_goes_on_to_the_next(arena: Arena) -> None:
    job_id = arena.add(seconds=120)
    arena.until(job_id, state="PROCESSING")
    cancel(arena, job_id)
    arena.until(arena.add(), state="SUCCESS")
    arena.settle()
    assert effects(arena, job_id) == []


def test_a_running_job_that_does_not_listen_and_its_late_result_is_turned_away(arena: Arena) -> None:
    job_id = arena.add(deaf=12.0)
    arena.until(job_id, stage="extracting_text")
    cancel(arena, job_id)
    time.sleep(7.0)
    arena.settle()
    assert effects(arena, job_id) == []


def test_a_job_of_a_worker_that_is_frozen(arena: Arena) -> None:
    job_id = arena.add(seconds=3.0)
    arena.until(job_id, state="PROCESSING")
    arena.board.group(STANDARD, signal.SIGSTOP)
    cancel(arena, job_id)
    arena.board.group(STANDARD, signal.SIGCONT)
    arena.until(arena.add(), state="SUCCESS")
    arena.settle()
    assert effects(arena, job_id) == []


def test_a_job_that_fanned_out_with_some_units_done_some_running_and_some_waiting(arena: Arena) -> None:
    for _ in range(arena.scale(2, 20)):
        job_id = arena.add("probe_fan", units=12, seconds=0.8)
        arena.until(job_id, fanned_out=True)
        while not arena.row(job_id)["units_done"]:
            time.sleep(0.05)
        cancel(arena, job_id)
        left = arena.board.sql("SELECT DISTINCT state FROM units WHERE job_id = %s", job_id)
        assert {state for (state,) in left} == {"SUCCESS", "REVOKED"}
        arena.settle()
        assert effects(arena, job_id) == []


def test_a_job_between_two_steps_keeps_the_effect_of_the_first_alone(arena: Arena) -> None:
    with paused(arena, "analysis"):
        job_id = arena.add("probe")
        arena.until(job_id, queue="analysis")
        cancel(arena, job_id)
    arena.settle()
    assert effects(arena, job_id) == ["first"]


def test_a_job_that_waits_for_its_next_try(arena: Arena) -> None:
    job_id = arena.add(fail="retryable")
    arena.until(job_id, state="RETRY")
    cancel(arena, job_id)
    assert arena.settle().ended == {"REVOKED": 1}


def test_a_job_while_no_worker_is_up(arena: Arena) -> None:
    running, waiting = arena.add(seconds=60), arena.add(seconds=61)
    arena.until(running, state="PROCESSING")
    arena.until(waiting, state="PROCESSING")
    also_waiting = [arena.add(seconds=62) for _ in range(4)]
    arena.kill_worker()
    for job_id in (running, waiting, *also_waiting):
        cancel(arena, job_id)
    arena.start_worker()
    assert arena.settle().ended == {"REVOKED": 6}


def test_a_job_while_the_broker_is_down(arena: Arena) -> None:
    job_id = arena.add(seconds=60)
    arena.until(job_id, state="PROCESSING")
    with paused(arena, "uploads"):
        arena.kill_valkey()
        waiting = arena.add()
        cancel(arena, job_id)
        cancel(arena, waiting)
        arena.valkey.start()
    assert arena.settle().ended == {"REVOKED": 2}
