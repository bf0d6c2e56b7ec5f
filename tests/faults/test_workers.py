"""Workers die, freeze and are replaced: the work is done all the same, and done once."""

from __future__ import annotations

import time

from tests.faults.arena import Arena, Load


def test_a_job_whose_worker_child_is_killed_in_the_middle_is_done_by_another(arena: Arena) -> None:
    for _ in range(arena.scale(2, 20)):
        job_id = arena.add("probe", seconds=1.5)
        running = arena.until(job_id, state="PROCESSING")
        arena.kill_child(pid=int(running["worker"].rsplit(":", 1)[1]))
        arena.until(job_id, state="SUCCESS")
        tries = arena.board.sql("SELECT outcome FROM job_attempts WHERE job_id = %s ORDER BY fence", job_id)
        assert tries[0] == ("LOST",), "the try that was killed is on record"
    arena.settle()


def test_killing_worker_children_under_load_loses_nothing(arena: Arena) -> None:
    with Load(arena, arena.scale(40, 600)) as load:
        while not load.finished():
            arena.kill_child()
            time.sleep(0.4)
    for _ in range(arena.scale(5, 40)):
        arena.kill_child()
        time.sleep(0.4)
    assert arena.settle(within=240).jobs == arena.scale(40, 600)


def test_a_whole_worker_killed_under_load_loses_nothing_once_another_starts(arena: Arena) -> None:
    for round_ in range(arena.scale(1, 8)):
        with Load(arena, arena.scale(40, 150), seed=round_) as load:
            load.wait_made(0.5)
            arena.kill_worker()
        assert arena.auditor.open_jobs(), "there was nothing left to do: the kill came too late to show anything"
        arena.start_worker()
        arena.settle()
