"""What a running step or unit is given: who it works for, and how it says how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from backend.jobs import finish
from backend.jobs.heartbeat import Lease
from backend.jobs.job import Job, Stage, Step, Stopped
from backend.jobs.services import Services
from backend.store import attempts, moves
from backend.store.database import DATABASE_AWAY
from backend.store.jobs import JobRow
from backend.store.units import Unit

WRITE_SECONDS = 0.5
"""Progress is written at most this often; entering a stage is always written."""

UNIT_WRITE_SECONDS = 2.0
"""Many units run at once, and all of them write to the row of their job."""

Announce = Callable[[JobRow, dict[str, Any]], None]
"""Tells the log and Celery's result backend the PROCESSING meta; best effort."""


class StepContext:
    """The Context of a step (backend/jobs/job.py) on top of its claimed row and its lease."""

    def __init__(self, services: Services, row: JobRow, job: Job, step: Step, lease: Lease, announce: Announce) -> None:
        self.services = services
        self.job_id: UUID = row.id
        self.owner_id = row.owner_id
        self.document_id = row.document_id
        self.input: dict[str, Any] = row.input
        self.job_input = self.input
        self._row, self._job, self._step, self._lease, self._announce = row, job, step, lease, announce
        self._stage = step.stages[0]
        self._message = self._stage.message
        self._written = 0.0
        self._counted: tuple[str, int, int] | None = None

    def stage(self, name: str, message: str | None = None) -> None:
        """Enter one of the step's stages. Raises KeyError, Stopped."""
        self._stage = self._find(name)
        self._message = message or self._stage.message
        self._write(self._stage.percent, entered=True)
        self.check()

    def progress(self, fraction: float, message: str | None = None) -> None:
        """How far the present stage is, 0 to 1."""
        self._message = message or self._message
        if time.monotonic() - self._written >= WRITE_SECONDS:
            low, high = finish.stage_bounds(self._job, self._step, self._stage.name)
            self._write(low + (high - low) * min(max(fraction, 0.0), 1.0), entered=False)

    def count(self, unit_kind: str, done: int, total: int, message: str | None = None) -> None:
        """How far the present stage is, in things that people can count."""
        self._counted = (unit_kind, done, total)
        self.progress(done / total if total else 1.0, message)

    def cancelled(self) -> bool:
        """True once the person cancelled or the lease was lost."""
        return self._lease.over()

    def check(self) -> None:
        """Raises Stopped when `cancelled()`."""
        if self._lease.over():
            raise Stopped

    def _find(self, name: str) -> Stage:
        for stage in self._step.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def _write(self, percent: float, *, entered: bool) -> None:
        self._written = time.monotonic()
        values: dict[str, Any] = {"stage": self._stage.name, "message": self._message, "percent": percent}
        try:
            with self.services.database.session(self.owner_id) as session:
                told = moves.progress(session, self.job_id, self._row.fence, counted=self._counted, **values)
                self._lease.hear(told)
                if entered:
                    attempts.stage(session, self.job_id, self._row.fence, self._stage.name)
        except DATABASE_AWAY:
            return  # progress is only news: the work goes on, and its finish will find the database or be redone
        if entered:
            self._announce(self._row, values)


class UnitContext:
    """The Context of one unit: its own input, the job's identity; its progress moves the job's percent."""

    def __init__(self, services: Services, unit: Unit, row: JobRow, lease: Lease, bounds: tuple[float, float]) -> None:
        self.services = services
        self.job_id: UUID = unit.job_id
        self.owner_id = unit.owner_id
        self.document_id = row.document_id
        self.input: dict[str, Any] = unit.input
        self.job_input: dict[str, Any] = row.input
        self._lease, self._bounds = lease, bounds
        self._written = time.monotonic()

    def stage(self, name: str, message: str | None = None) -> None:
        """A unit has no stages of its own; it only looks whether it should stop."""
        self.check()

    def progress(self, fraction: float, message: str | None = None) -> None:
        """How far this unit is, 0 to 1."""
        if time.monotonic() - self._written < UNIT_WRITE_SECONDS:
            return
        self._written = time.monotonic()
        low, high = self._bounds
        share = min(max(fraction, 0.0), 1.0)
        with suppress(*DATABASE_AWAY), self.services.database.session(self.owner_id) as session:
            moves.unit_progress(session, self.job_id, fraction=share, low=low, high=high, message=message)

    def count(self, unit_kind: str, done: int, total: int, message: str | None = None) -> None:
        """A unit is counted itself: what it counts is only how far it is."""
        self.progress(done / total if total else 1.0, message)

    def cancelled(self) -> bool:
        """True once the job was cancelled or the lease was lost."""
        return self._lease.over()

    def check(self) -> None:
        """Raises Stopped when `cancelled()`."""
        if self._lease.over():
            raise Stopped
