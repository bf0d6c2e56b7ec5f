"""Jobs that kill or block whoever touches them end with a sentence, and their healthy neighbours do not notice."""

from __future__ import annotations

from uuid import UUID

from tests.board import eventually
from tests.faults.arena import STANDARD, Arena


def neighbours(arena: Arena) -> list[UUID]:
    return [arena.add("probe", seconds=0.1) for _ in range(arena.scale(6, 40))]


def test_jobs_that_kill_every_worker_end_with_a_sentence_beside_healthy_ones(arena: Arena) -> None:
    poison = {how: arena.add(max_attempts=2, fail=how) for how in ("segfault", "oom")}
    healthy = neighbours(arena)
    for how, job_id in poison.items():
        row = arena.until(job_id, within=120, state="FAILURE")
        assert row["error"]["code"] == "worker_died", how
        assert "2 times" in row["error"]["message"]
        arena.kills += 2
    arena.settle()
    assert {arena.row(job_id)["state"] for job_id in healthy} == {"SUCCESS"}


def test_a_job_that_asks_for_more_memory_than_there_is_fails_and_its_worker_lives(arena: Arena) -> None:
    children = {child.pid for child in arena.board.children(STANDARD)}
    job_id = arena.add(max_attempts=1, fail="hog")
    assert arena.until(job_id, state="FAILURE")["error"]["code"] == "internal"
    arena.settle()
    assert {child.pid for child in arena.board.children(STANDARD)} == children


def test_endless_loops_end_at_their_time_limit_and_do_not_keep_the_workers(arena: Arena) -> None:
    endless = [arena.add("probe_quick", fail="hang") for _ in range(arena.scale(3, 12))]
    for job_id in endless[:3]:
        arena.until(job_id, state="PROCESSING")
    healthy = neighbours(arena)
    for job_id in endless:
        row = arena.until(job_id, within=180, state="FAILURE")
        assert row["error"]["code"] == "timed_out"
        assert row["attempt"] == 1, "an endless loop is not tried again and again"
    arena.settle()
    assert {arena.row(job_id)["state"] for job_id in healthy} == {"SUCCESS"}
    eventually(lambda: len(arena.board.children(STANDARD)) == 3, why="the pool is not whole again")


def test_a_unit_that_kills_every_worker_fails_alone(arena: Arena) -> None:
    job_id = arena.add("probe_fan", max_attempts=2, units=5, fail="segfault", bad_unit="page 2")
    row = arena.until(job_id, within=120, state="SUCCESS")
    assert (row["units_done"], row["units_failed"]) == (4, 1)
    assert row["result"]["texts"] == ["page 0", "page 1", "page 3", "page 4"]
    arena.kills += 2
    arena.settle()
