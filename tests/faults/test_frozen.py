"""A worker frozen past its lease and woken: its result is turned away. With the fence off, the auditor must notice."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psycopg

from tests.board import eventually
from tests.conftest import add_user
from tests.faults.arena import STANDARD, Arena

TURNED_AWAY = "the lease was lost"


def freeze_past_the_lease(arena: Arena) -> None:
    """Three jobs are done by another worker while theirs is frozen; then it wakes and wants to finish them."""
    jobs = [arena.add("probe_one", deaf=4.0) for _ in range(3)]
    for job_id in jobs:
        arena.until(job_id, stage="extracting_text")
    with arena.frozen_worker():
        arena.start_worker("beta")
        for job_id in jobs:
            assert arena.until(job_id, state="SUCCESS")["fence"] >= 2
    arena.board.kill("beta")


def test_a_worker_frozen_past_its_lease_and_woken_writes_nothing(arena: Arena) -> None:
    for _ in range(arena.scale(1, 10)):
        before = arena.log(STANDARD).count(TURNED_AWAY)
        freeze_past_the_lease(arena)
        eventually(lambda before=before: arena.log(STANDARD).count(TURNED_AWAY) >= before + 3, why="none turned away")
        assert arena.settle().doubles == 0


def test_a_worker_frozen_in_the_middle_of_its_finishing_transaction_does_not_hold_the_job_for_ever(
    arena: Arena,
) -> None:
    job_id = arena.add("probe_one", deaf_inside=1.0)
    arena.until(job_id, stage="extracting_text")
    time.sleep(0.5)
    with arena.frozen_worker():
        arena.start_worker("beta")
        assert arena.until(job_id, within=120, state="SUCCESS")["fence"] >= 2
    arena.until(arena.add(), state="SUCCESS")
    arena.settle()


def test_units_of_a_worker_frozen_past_its_lease_are_counted_once(arena: Arena) -> None:
    job_id = arena.add("probe_fan", units=6, seconds=1.0)
    arena.until(job_id, fanned_out=True)
    eventually(lambda: arena.board.sql("SELECT 1 FROM units WHERE job_id = %s AND state = 'PROCESSING'", job_id))
    with arena.frozen_worker():
        arena.start_worker("beta")
        arena.until(job_id, state="SUCCESS", units_done=6, units_total=6)
    time.sleep(2.0)
    assert arena.settle().ended == {"SUCCESS": 1}


def test_the_negative_control_with_the_fence_off_the_auditor_reports_doubles(arena: Arena, tmp_path: Path) -> None:
    """The scenario of the first test and the same auditor: were it blind, its silence elsewhere would prove nothing."""
    unfenced = Unfenced(arena, tmp_path)
    try:
        unfenced.open()
        total = arena.scale(3, 12)
        for _ in range(0, total, 3):
            freeze_past_the_lease(unfenced)
        eventually(lambda: unfenced.auditor.audit().doubles >= total, why="with the fence off no double was seen")
        report = unfenced.auditor.audit()
        assert "a finished job that changed" in report.wrong
        assert "a job that did not end exactly once" in report.wrong
        arena.note(f"the control, fence off: {report.jobs} jobs, {report.doubles} doubles")
    finally:
        unfenced.close()


class Unfenced(Arena):
    """A second board on the same servers, whose workers do not look at the fence and whose database lets them."""

    def __init__(self, arena: Arena, folder: Path) -> None:
        self.folder, self.chaos, self.kills = folder, arena.chaos, 0
        self.postgres, self.valkey = arena.postgres, arena.valkey
        self.url = arena.spare_database
        self.app = "tests.faults.nofence_app"

    def open(self) -> None:
        """No API: beat is its dispatcher."""
        with psycopg.connect(self.url) as connection:
            connection.execute("ALTER TABLE jobs DISABLE TRIGGER jobs_guard")
        self.prepare(self.url, self.valkey.url.removesuffix("/0") + "/1")
        self.owner = add_user(self.database, "ada", owner=True)
        schedule = str(self.folder / "schedule")
        self.board.start("beat", [sys.executable, "-m", "celery", "-A", self.app, "beat", "-s", schedule])
        self.start_worker()

    def close(self) -> None:
        self.board.stop()
        self.database.close()
