"""PostgreSQL restarts or crashes under load: what was promised stands, and what was not is asked for again."""

from __future__ import annotations

import time

from tests.faults.arena import Arena, Load


def test_a_database_restarted_under_load_loses_nothing_and_nothing_fails_for_it(arena: Arena) -> None:
    for round_ in range(arena.scale(1, 10)):
        with Load(arena, arena.scale(45, 150), seed=round_) as load:
            for share, crash, away in ((0.2, False, 0.0), (0.5, True, 0.0), (0.8, False, 2.0)):
                load.wait_made(share)
                arena.restart_postgres(crash=crash, away=away)
        arena.settle(within=180)
        assert load.retries, "no client noticed: the restarts came too late to show anything"
        failed = arena.board.sql("SELECT error FROM jobs WHERE state = 'FAILURE' AND id = ANY(%s::uuid[])", load.made)
        assert {error["code"] for (error,) in failed} <= {"corrupt"}, "a database that was away is no fault of a job"


def test_a_database_frozen_for_a_while_costs_only_that_while(arena: Arena) -> None:
    jobs = [arena.add("probe", seconds=0.5) for _ in range(6)]
    arena.until(jobs[0], state="PROCESSING")
    with arena.frozen(arena.postgres):
        time.sleep(arena.scale(6, 30))
    assert arena.settle().ended == {"SUCCESS": 6}
