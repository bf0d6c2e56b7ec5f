"""What a status says beside the facts of its row: why a job waits, and for how long still."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.jobs.status import Surroundings, eta, pace, status, waiting_reason
from backend.store.jobs import JobRow
from backend.store.queues import QueueHealth
from backend.store.waiting import Durations

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HEALTHY = QueueHealth("uploads", False, "box:1", 5.0, False, 0, 0, None, False)
AROUND = Surroundings(HEALTHY, 0, Durations(10.0, 30.0), NOW)


def job(**more: Any) -> JobRow:
    values: dict[str, Any] = {
        "id": UUID("01a200d6-c4b2-772f-870d-74b17e99c8f9"), "kind": "process_file_upload", "step": "extract",
        "queue": "uploads", "state": "PENDING", "stage": "queued", "message": "", "percent": 0.0, "attempt": 0,
        "max_attempts": 3, "units_total": None, "units_done": 0, "units_failed": 0, "fanned_out": False,
        "not_before": NOW, "created_at": NOW, "queued_at": NOW, "started_at": None, "stage_started_at": NOW,
        "updated_at": NOW, "finished_at": None, "lease_until": None, "warnings": [],
    }  # fmt: skip
    return JobRow(**{**values, **more})


@pytest.mark.parametrize(
    ("row", "around", "reason"),
    [
        (job(), AROUND, None),
        (job(), replace(AROUND, ahead=3), "behind_others"),
        (job(), replace(AROUND, health=replace(HEALTHY, running=2)), "behind_others"),
        (job(), replace(AROUND, health=replace(HEALTHY, canary_age=None)), "no_worker"),
        (job(), replace(AROUND, health=replace(HEALTHY, canary_age=61.0)), "no_worker"),
        (job(), replace(AROUND, ahead=9, health=replace(HEALTHY, canary_age=500.0, beating=True)), "behind_others"),
        (job(), replace(AROUND, health=replace(HEALTHY, canary_age=None, publish_failed=True)), "broker_unreachable"),
        (job(state="RETRY", not_before=NOW + timedelta(seconds=9)), AROUND, "backing_off"),
        (job(), replace(AROUND, health=replace(HEALTHY, paused=True, canary_age=None)), "paused"),
    ],
)
def test_a_waiting_job_names_what_it_waits_for(row: JobRow, around: Surroundings, reason: str | None) -> None:
    assert waiting_reason(row, around) == reason


def test_a_job_behind_others_expects_to_wait_for_them_first() -> None:
    assert eta(job(), replace(AROUND, ahead=4)) == {"p50": 50, "p90": 90}


def test_a_job_of_a_kind_that_never_ran_gives_no_estimate() -> None:
    assert eta(job(), replace(AROUND, durations=None)) is None


def running(seconds: float, percent: float) -> JobRow:
    began = NOW - timedelta(seconds=seconds)
    return job(
        state="PROCESSING", step="understand", stage="ai_analysis", percent=percent, started_at=began,
        stage_started_at=began, lease_until=NOW + timedelta(seconds=20),
    )  # fmt: skip


def test_a_running_job_is_estimated_by_its_own_pace_once_it_has_one() -> None:
    assert eta(running(60, 60.0), AROUND) == {"p50": 90, "p90": 135}, (
        "a fifth of the time is three fifths of 25 percent"
    )


def test_a_running_job_without_a_pace_goes_by_history_until_that_is_used_up() -> None:
    assert eta(running(4, 50.0), AROUND) == {"p50": 6, "p90": 26}
    assert eta(running(400, 50.0), AROUND) is None


def test_a_stage_that_has_just_begun_has_no_pace() -> None:
    assert pace(running(1, 60.0), NOW) is None


def test_units_are_the_pace_of_a_fanned_out_job() -> None:
    row = running(30, 60.0)
    row.fanned_out, row.units_total, row.units_done, row.units_failed, row.lease_until = True, 10, 4, 1, None
    told = status(row, AROUND)["meta"]
    assert told["units"] == {"kind": None, "done": 4, "total": 10, "failed": 1}
    assert told["eta_seconds"] == {"p50": 45, "p90": 68}


def test_a_running_job_whose_lease_ran_out_is_shown_as_stalled() -> None:
    row = running(30, 60.0)
    row.lease_until = NOW - timedelta(seconds=1)
    assert status(row, AROUND)["meta"]["stalled"] is True
    assert status(job(not_before=NOW - timedelta(days=3)), AROUND)["meta"]["stalled"] is False


def test_a_failure_says_its_sentence_where_old_clients_look_for_it() -> None:
    error = {
        "code": "encrypted",
        "message": "This file is protected.",
        "hint": "Give the password.",
        "retryable": False,
    }
    told = status(job(state="FAILURE", error=error, finished_at=NOW), None)
    assert told["error"] == error
    assert told["meta"]["error"] == "This file is protected."
