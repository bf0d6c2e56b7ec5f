"""Answers a doorbell: claims what comes next on a queue and runs it, the same way for every kind of job.

A doorbell names the job it was rung for, but the claim takes whatever is first in turn, so that nobody's single upload
waits behind another person's thousand, and a doorbell too many finds nothing and costs one empty claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from backend.domain.errors import BoardError
from backend.jobs import finish
from backend.jobs.context import Announce, StepContext, UnitContext
from backend.jobs.heartbeat import Heartbeat, Holding, Lease
from backend.jobs.job import Context, FanOut, Finish, Job, Step, Stopped
from backend.jobs.services import Services
from backend.store import jobs, moves, units
from backend.store.database import DATABASE_AWAY, EVERYONE
from backend.store.jobs import JobRow
from backend.store.units import Unit

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Runner:
    """Runs jobs in one worker child. `out_of_time` is the pool's soft time limit exception."""

    services: Services
    kinds: Mapping[str, Job]
    worker: str
    heartbeat: Heartbeat
    announce: Announce
    out_of_time: type[Exception]

    def answer(self, queue: str) -> str | None:
        """Claim and run one piece of work of `queue`; its job id, or None when nothing waits. Never raises."""
        try:
            claimed = self._claim(queue)
        except DATABASE_AWAY as error:
            log.warning("a doorbell was dropped, the database is away", queue=queue, error=type(error).__name__)
            return None
        if claimed is None:
            return None
        if isinstance(claimed, Unit):
            self._run_unit(claimed)
            return str(claimed.job_id)
        self._run_step(claimed)
        return str(claimed.id)

    def _claim(self, queue: str) -> JobRow | Unit | None:
        lease = self.services.settings.lease_seconds
        with self.services.database.session(EVERYONE) as session:
            heads = [h for h in (moves.head(session, queue, list(self.kinds)), units.head(session, queue)) if h]
            if not heads:
                return None
            first = min(heads, key=lambda head: (head.priority, head.turn))
            if first.ordinal is None:
                row = moves.claim(session, first.job_id, worker=self.worker, lease=lease)
                started = self.kinds[row.kind].on_start
                if started:
                    started(session, row)
                return row
            return units.claim(session, first.job_id, first.ordinal, worker=self.worker, lease=lease)

    # ── a step ──────────────────────────────────────────────────────────────────────────────────────────────

    def _run_step(self, row: JobRow) -> None:
        job = self.kinds[row.kind]
        step = job.step(row.step)
        seconds = self.services.settings.lease_seconds
        holding = Holding(
            principal=row.owner_id,
            extend=lambda session: moves.beat(session, row.id, row.fence, lease=seconds),
            watch=lambda session: moves.watch(session, row.id, row.fence),
            time_limit=step.time_limit,
        )
        with self.heartbeat.keep(holding) as lease:
            try:
                self._work(row, job, step, lease)
            except Stopped:
                self._stopped(row, job, lease)
            except DATABASE_AWAY as error:
                log.warning("the database went away during a step", job_id=str(row.id), error=type(error).__name__)
                self._try(row, lambda s: finish.forgiven(s, row))
            except self.out_of_time:
                self._fail(row, job, _timed_out(step))
            except BoardError as error:
                self._fail(row, job, error)
            except Exception as error:
                log.exception("a step failed for an unknown reason", job_id=str(row.id), kind=row.kind, step=row.step)
                self._fail(row, job, _internal(error))

    def _work(self, row: JobRow, job: Job, step: Step, lease: Lease) -> None:
        context = StepContext(self.services, row, step, lease, finish.end_percent(job, step), self.announce)
        outcome = self._gather(row, step, context) if row.units_total is not None else step.run(context)
        patience = self.services.settings.lease_seconds
        if isinstance(outcome, FanOut):
            plan = outcome
            attempts = row.max_attempts
            ring: str | None = finish.persistently(
                self.services.database,
                row.owner_id,
                lambda s: finish.fanned_out(s, row, step, plan, attempts),
                patience=patience,
            )
        else:
            done = outcome
            ring = finish.persistently(
                self.services.database,
                row.owner_id,
                lambda s: finish.step_done(s, row, job, step, done),
                patience=patience,
            )
        if ring:
            self.services.ring(ring)
        self._tell_end(row)

    def _gather(self, row: JobRow, step: Step, context: StepContext) -> Finish:
        if step.gather is None:
            raise BoardError(f"The step {step.name} made units and cannot gather them.")
        with self.services.database.session(row.owner_id) as session:
            found = units.of_job(session, row.owner_id, row.id)
        return step.gather(context, finish.unit_results(found))

    def _stopped(self, row: JobRow, job: Job, lease: Lease) -> None:
        if lease.out_of_time.is_set():
            self._fail(row, job, _timed_out(job.step(row.step)))
        elif lease.cancelled.is_set():
            self._try(row, lambda s: finish.failed(s, row, job, {"message": "Cancelled"}, may_retry=False))
            self._tell_end(row)
        else:
            log.warning("the lease was lost: the result of this try is dropped", job_id=str(row.id), fence=row.fence)

    def _fail(self, row: JobRow, job: Job, error: BoardError) -> None:
        retryable = error.retryable
        self._try(row, lambda s: finish.failed(s, row, job, error.as_json(), may_retry=retryable))
        self._tell_end(row)

    def _try(self, row: JobRow | Unit, work: Any) -> None:
        """Write how a try ended; should PostgreSQL stay away, the reaper will find the lease run out."""
        try:
            finish.persistently(
                self.services.database, row.owner_id, work, patience=self.services.settings.lease_seconds
            )
        except DATABASE_AWAY as error:
            log.warning("the end of a try could not be written", error=type(error).__name__)

    def _tell_end(self, row: JobRow) -> None:
        """Tell the log and the result backend what became of the job."""
        try:
            with self.services.database.session(row.owner_id) as session:
                now = jobs.by_id(session, row.id)
        except DATABASE_AWAY:
            return
        if now is not None and now.fence == row.fence:
            self.announce(now, {})

    # ── a unit ──────────────────────────────────────────────────────────────────────────────────────────────

    def _run_unit(self, unit: Unit) -> None:
        key = (unit.job_id, unit.ordinal, unit.fence)
        with self.services.database.session(unit.owner_id) as session:
            row = jobs.by_id(session, unit.job_id)
        job = self.kinds.get(row.kind) if row else None
        if row is None or job is None:
            log.warning("a unit of an unknown kind of job was left to its lease", job_id=str(unit.job_id))
            return
        step = job.step(unit.step)
        seconds = self.services.settings.lease_seconds
        holding = Holding(
            principal=unit.owner_id,
            extend=lambda session: units.beat(session, *key, lease=seconds),
            watch=lambda session: units.watch(session, *key),
            time_limit=step.time_limit,
        )
        with self.heartbeat.keep(holding) as lease:
            context = UnitContext(self.services, unit, row.document_id, lease)
            bounds = _bounds(row, job, step)
            try:
                result = _unit_work(step)(context)
                self._end_unit(unit, result=result, error=None, bounds=bounds)
            except Stopped:
                if lease.out_of_time.is_set():
                    self._fail_unit(unit, _timed_out(step), bounds)
            except DATABASE_AWAY:
                again = {"code": "database_away", "message": "The database was away."}
                self._try(unit, lambda s: finish.unit_again(s, unit, again, forgiven=True))
            except self.out_of_time:
                self._fail_unit(unit, _timed_out(step), bounds)
            except BoardError as error:
                self._fail_unit(unit, error, bounds)
            except Exception as error:
                log.exception("a unit failed for an unknown reason", job_id=str(unit.job_id), ordinal=unit.ordinal)
                self._fail_unit(unit, _internal(error), bounds)

    def _end_unit(
        self, unit: Unit, *, result: dict[str, Any] | None, error: dict[str, Any] | None, bounds: tuple[float, float]
    ) -> None:
        finish.persistently(
            self.services.database,
            unit.owner_id,
            lambda s: finish.unit_done(s, unit, result=result, error=error, bounds=bounds),
            patience=self.services.settings.lease_seconds,
        )
        self.services.ring(unit.queue)

    def _fail_unit(self, unit: Unit, error: BoardError, bounds: tuple[float, float]) -> None:
        if error.retryable and unit.attempt < unit.max_attempts:
            self._try(unit, lambda s: finish.unit_again(s, unit, error.as_json()))
            return
        try:
            self._end_unit(unit, result=None, error=error.as_json(), bounds=bounds)
        except (Stopped, *DATABASE_AWAY) as lost:
            log.warning("the end of a unit could not be written", job_id=str(unit.job_id), error=type(lost).__name__)


def _bounds(row: JobRow, job: Job, step: Step) -> tuple[float, float]:
    """Between which percents the units of a step move its job: the stage the job is in, up to the next."""
    stage = next((stage for stage in step.stages if stage.name == row.stage), step.stages[-1])
    later = [other.percent for other in step.stages if other.percent > stage.percent]
    return stage.percent, min(later, default=finish.end_percent(job, step))


def _unit_work(step: Step) -> Callable[[Context], dict[str, Any]]:
    if step.run_unit is None:
        raise BoardError(f"The step {step.name} has no way to run a unit.")
    return step.run_unit


def _timed_out(step: Step) -> BoardError:
    return BoardError(
        f"Reading took longer than {step.time_limit:.0f} seconds and was stopped.",
        code="timed_out",
        hint="Split the file into smaller parts, or retry when the machine is less busy.",
    )


def _internal(error: Exception) -> BoardError:
    return BoardError(
        "Something went wrong inside SyncBoard; the original is kept.",
        code="internal",
        hint=f"Retry the job; if it fails again, look for its id in the worker's log ({type(error).__name__}).",
        retryable=True,
    )
