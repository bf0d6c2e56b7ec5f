"""Kinds of jobs that only tests have: each leaves one row in `effects` per finish, so that doubles can be counted.

`effects` has no unique constraint on purpose: the fence alone must prevent doubles.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from typing import Any

import psutil
import psycopg
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.errors import Unavailable, Unreadable
from backend.jobs import kinds
from backend.jobs.job import ANALYSIS, UPLOADS, Context, FanOut, Finish, Job, Stage, Step, UnitPlan

EFFECTS = """CREATE TABLE IF NOT EXISTS effects (
    job_id uuid NOT NULL, step text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())"""


HOG_BYTES = 64 * 1024 * 1024


class Input(BaseModel):
    """What the probe shall do: work a while, go deaf for a while, fail in a way, make units."""

    seconds: float = 0.0
    deaf: float = 0.0
    deaf_inside: float = 0.0
    fail: str | None = None
    units: int = 0
    bad_unit: str | None = None


def create_effects(url: str) -> None:
    """Make the table the probes write to."""
    with psycopg.connect(url) as connection:
        connection.execute(EFFECTS)


def _effect(context: Context, step: str) -> Finish:
    def write(session: Session) -> dict[str, Any]:
        # as a worker that is frozen in the middle of its finishing transaction
        time.sleep(context.input.get("deaf_inside", 0.0) if hasattr(context, "input") else 0.0)
        values = {"job": context.job_id, "step": step}
        session.execute(text("INSERT INTO effects (job_id, step) VALUES (:job, :step)"), values)
        return {"done": step}

    return Finish(write)


def _sleep(context: Context, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        context.check()
        context.progress(1 - (until - time.monotonic()) / seconds)
        time.sleep(0.02)


def _misbehave(how: str | None) -> None:
    if how == "retryable":
        raise Unavailable("Away for a moment.", code="away")
    if how == "final":
        raise Unreadable("It cannot be read.", code="corrupt", hint="Send another file.")
    if how == "bug":
        raise ZeroDivisionError
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "oom":
        os.kill(os.getpid(), signal.SIGKILL)  # what the kernel does to the one that took the last memory
    if how == "hog":
        _take_memory()
    if how == "hang":
        while True:
            time.sleep(0.1)


def _take_memory() -> None:
    """Ask for more than there is, within a limit that spares the machine. Raises MemoryError."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + HOG_BYTES, before[1]))
    try:
        bytearray(2 * HOG_BYTES)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def first(context: Context) -> Finish:
    """Work, misbehave if told to, leave an effect."""
    context.stage("decoding")
    _sleep(context, context.input.get("seconds", 0.0))
    _misbehave(context.input.get("fail"))
    context.stage("extracting_text")
    time.sleep(context.input.get("deaf", 0.0))  # looks neither at its lease nor at a cancel
    return _effect(context, "first")


def second(context: Context) -> Finish:
    """Work on another queue, leave another effect."""
    context.stage("ai_analysis")
    _sleep(context, context.input.get("seconds", 0.0))
    return _effect(context, "second")


def fan(context: Context) -> FanOut:
    """Split into units."""
    context.stage("decoding")
    plans = [UnitPlan(f"page {n}", {**context.input, "span": f"page {n}"}) for n in range(context.input["units"])]
    return FanOut("page", f"{context.job_id}" if not context.input.get("seconds") else "shared", plans)


def fan_unit(context: Context) -> dict[str, Any]:
    """One unit; the bad one misbehaves."""
    _sleep(context, context.input.get("seconds", 0.0))
    if context.input["span"] == context.input.get("bad_unit"):
        _misbehave(context.input.get("fail"))
    return {"text": context.input["span"]}


def fan_gather(context: Context, found: Any) -> Finish:
    """Leave one effect for the whole, and say what the units gave."""
    finish = _effect(context, "gather")

    def write(session: Session) -> dict[str, Any]:
        finish.write(session)
        return {"texts": [unit["result"]["text"] for unit in found if unit["state"] == "SUCCESS"]}

    return Finish(write)


STAGES = (Stage("decoding", 10.0, "Decoding..."), Stage("extracting_text", 25.0, "Extracting..."))

PROBE = Job(
    kind="probe",
    steps=(
        Step("first", UPLOADS, STAGES, first, time_limit=300.0),
        Step("second", ANALYSIS, (Stage("ai_analysis", 50.0, "Analysing..."),), second),
    ),
    input=Input,
)
ONE_STEP = Job(kind="probe_one", steps=(Step("first", UPLOADS, STAGES, first, time_limit=300.0),), input=Input)
QUICK = Job(kind="probe_quick", steps=(Step("first", UPLOADS, STAGES, first, time_limit=2.0),), input=Input)
FAN = Job(
    kind="probe_fan",
    steps=(Step("fan", UPLOADS, STAGES, fan, run_unit=fan_unit, gather=fan_gather),),
    input=Input,
)
ALL = (PROBE, ONE_STEP, QUICK, FAN)


def install() -> None:
    """Make the probes known to this process."""
    kinds.BY_NAME.update({job.kind: job for job in ALL})


def uninstall() -> None:
    """Let this process know the product's kinds only."""
    for job in ALL:
        kinds.BY_NAME.pop(job.kind, None)
