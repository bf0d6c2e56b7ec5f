"""The broker is killed, emptied, frozen, or says everything a hundred times: it costs seconds and nothing else."""

from __future__ import annotations

import time

import httpx

from tests.board import eventually
from tests.faults.arena import STANDARD, Arena, Load

TEXTS = "SELECT state FROM jobs WHERE kind = 'process_text_upload'"


def consumes_again(arena: Arena, within: float = 60.0) -> float:
    """Make sure that the standing worker takes jobs; how many seconds it took."""
    began = time.monotonic()
    arena.until(arena.add(), within=within, state="SUCCESS")
    return time.monotonic() - began


def test_jobs_wait_for_a_worker_and_run_when_one_starts(arena: Arena) -> None:
    arena.kill_worker()
    jobs = [arena.add(seconds=0.05) for _ in range(arena.scale(20, 500))]
    time.sleep(arena.scale(3, 60))
    assert {arena.row(job_id)["state"] for job_id in jobs[:20]} == {"PENDING"}
    arena.start_worker()
    arena.settle()


def test_a_broker_killed_without_its_memory_loses_no_queued_job(arena: Arena) -> None:
    jobs = arena.scale(40, 500)
    with arena.frozen_worker():
        for _ in range(jobs):
            arena.add()
        eventually(lambda: arena.redis().llen("uploads") > 0, why="nobody rang")
        arena.restart_valkey(forget=True)
    assert arena.settle().ended == {"SUCCESS": jobs}


def test_an_emptied_broker_loses_no_job(arena: Arena) -> None:
    for round_ in range(arena.scale(1, 10)):
        with Load(arena, arena.scale(40, 100), seed=round_) as load:
            for share in (0.3, 0.6, 0.9):
                load.wait_made(share)
                arena.redis().flushall()
                arena.kills += 1
        assert arena.settle().jobs == arena.scale(40, 100) * (round_ + 1)


def test_workers_consume_again_after_every_one_of_many_broker_restarts_under_load(arena: Arena) -> None:
    slowest = 0.0
    restarts = arena.scale(10, 20)
    for number in range(restarts):
        with Load(arena, arena.scale(6, 40), clients=2, seed=number) as load:
            load.wait_made(0.3)
            arena.restart_valkey(forget=number % 2 == 0, away=(0.0, 0.5, 1.5)[number % 3])
        slowest = max(slowest, consumes_again(arena))
    assert arena.board.processes[STANDARD].poll() is None, "the worker that is up is the one that was up at first"
    arena.note(f"{restarts} restarts, consuming again after at most {slowest:.1f} s")
    arena.settle()


def test_an_upload_is_taken_while_the_broker_is_down(arena: Arena) -> None:
    arena.kill_valkey()
    seconds = [upload(arena, f"down {number}") for number in range(3)]
    assert max(seconds) < 1.5, seconds
    arena.valkey.start()
    arena.settle()
    assert {state for (state,) in arena.board.sql(TEXTS)} == {"SUCCESS"}


def test_an_upload_is_taken_while_the_broker_is_frozen_and_its_job_runs_afterwards(arena: Arena) -> None:
    with arena.frozen(arena.valkey):
        seconds = [upload(arena, f"frozen {number}") for number in range(3)]
        assert max(seconds) < 1.5, seconds
        time.sleep(arena.scale(3, 20))
        assert len(arena.auditor.open_jobs()) == 3
    arena.settle()
    assert {state for (state,) in arena.board.sql(TEXTS)} == {"SUCCESS"}


def upload(arena: Arena, words: str) -> float:
    """POST a real text; how many seconds the answer took."""
    with arena.board.client() as client:
        client.get("/users/me")
        began = time.monotonic()
        answer = client.post("/upload_text", json={"title": words, "content": f"A note about {words}. " * 20})
        seconds = time.monotonic() - began
    assert answer.status_code == 202, answer.text
    arena.auditor.promised(answer.json()["job_id"])
    return seconds


def test_one_doorbell_rung_a_hundred_times_at_once_runs_its_job_once(arena: Arena) -> None:
    celery = arena.celery()
    for _ in range(arena.scale(1, 10)):
        jobs = [arena.add(seconds=0.2), arena.add()]
        with celery.connection_for_write() as connection:
            for number in range(100):
                job_id = str(jobs[number % 2])
                celery.send_task(
                    "backend.tasks.probe_one", [job_id, "first"], queue="uploads", task_id=job_id, connection=connection
                )
        for job_id in jobs:
            assert arena.until(job_id, state="SUCCESS")["fence"] == 1, "claimed once"
        eventually(lambda: arena.redis().llen("uploads") == 0, why="the doorbells were not consumed")
    arena.settle()


def test_old_doorbells_restored_into_an_empty_broker_do_nothing(arena: Arena) -> None:
    with arena.frozen_worker():
        jobs = [arena.add() for _ in range(20)]
        # one or two may be on their way into the frozen worker already
        eventually(lambda: arena.redis().llen("uploads") >= 15, why="nobody rang")
        dumped = arena.redis().dump("uploads")
    assert dumped is not None
    arena.settle()
    for _ in range(3):
        arena.redis().delete("uploads")
        arena.redis().restore("uploads", 0, dumped, replace=True)
        eventually(lambda: arena.redis().llen("uploads") == 0, why="the doorbells were not consumed")
    assert {arena.row(job_id)["fence"] for job_id in jobs} == {1}
    arena.settle()


def test_the_status_says_that_the_broker_cannot_be_reached(arena: Arena) -> None:
    with arena.frozen_worker():
        arena.kill_valkey()
        job_id = str(arena.add())

        def reason() -> bool:
            return bool(arena.board.status(job_id)["meta"]["waiting_reason"] == "broker_unreachable")

        eventually(reason, within=90, why=f"{arena.board.status(job_id)}")
        with httpx.Client(base_url=arena.board.url, timeout=10) as client:
            assert client.get("/readyz").json()["status"] == "degraded"
        arena.valkey.start()
    arena.settle()
