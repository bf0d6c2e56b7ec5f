"""Runs one claimed unit of a fanned-out step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.orm import Session

from backend.domain.errors import BoardError
from backend.jobs import finish
from backend.jobs.context import UnitContext
from backend.jobs.hands import Hands, internal, timed_out
from backend.jobs.heartbeat import Holding, Lease
from backend.jobs.job import Context, Snooze, Step, Stopped
from backend.store import jobs, units
from backend.store.database import DATABASE_AWAY
from backend.store.units import Unit

log = structlog.get_logger(__name__)

Bounds = tuple[float, float]
OnUnit = Callable[[Session, Unit, dict[str, Any]], None]


def run_unit(hands: Hands, unit: Unit) -> None:
    """Run the unit and write how it ended. Never raises."""
    try:
        with hands.services.database.session(unit.owner_id) as session:
            row = jobs.by_id(session, unit.job_id)
    except DATABASE_AWAY:
        row = None
    job = hands.kinds.get(row.kind) if row else None
    if row is None or job is None:
        log.warning("a unit was left to its lease: its job cannot be read", job_id=str(unit.job_id))
        return
    step = job.step(unit.step)
    key = (unit.job_id, unit.ordinal, unit.fence)
    bounds = finish.stage_bounds(job, step, row.stage)
    overdue = timed_out(step).as_json()
    holding = Holding(
        principal=unit.owner_id,
        extend=lambda session: units.beat(session, *key, lease=hands.lease_seconds),
        watch=lambda session: units.watch(session, *key),
        time_limit=step.time_limit,
        give_up=lambda session: finish.unit_done(session, unit, result=None, error=overdue, bounds=bounds),
    )
    with hands.heartbeat.keep(holding) as lease:
        _work(hands, unit, step, UnitContext(hands.services, unit, row, lease, bounds), lease, bounds)


def _work(hands: Hands, unit: Unit, step: Step, context: UnitContext, lease: Lease, bounds: Bounds) -> None:
    try:
        _end(hands, unit, bounds, result=_work_of(step)(context), on_unit=step.on_unit)
    except Stopped:
        if lease.out_of_time.is_set():
            _fail(hands, unit, timed_out(step), bounds)
    except Snooze as later:
        _snooze(hands, unit, later)
    except DATABASE_AWAY:
        again = {"code": "database_away", "message": "The database was away."}
        hands.write_if_possible(unit.owner_id, lambda s: finish.unit_again(s, unit, again, forgiven=True))
    except hands.out_of_time:
        _fail(hands, unit, timed_out(step), bounds)
    except BoardError as error:
        if not lease.over() or lease.out_of_time.is_set():
            _fail(hands, unit, error, bounds)
    except Exception as error:
        log.exception("a unit failed for an unknown reason", job_id=str(unit.job_id), ordinal=unit.ordinal)
        _fail(hands, unit, internal(error), bounds)


def _snooze(hands: Hands, unit: Unit, later: Snooze) -> None:
    why = {"code": "snoozed", "message": later.message}
    hands.write_if_possible(
        unit.owner_id, lambda s: finish.unit_again(s, unit, why, forgiven=True, delay=later.seconds)
    )


def _end(
    hands: Hands,
    unit: Unit,
    bounds: Bounds,
    *,
    result: dict[str, Any] | None = None,
    error: BoardError | None = None,
    on_unit: OnUnit | None = None,
) -> None:
    problem = error.as_json() if error else None
    hands.write(
        unit.owner_id,
        lambda s: finish.unit_done(s, unit, result=result, error=problem, bounds=bounds, on_unit=on_unit),
    )
    hands.services.ring(unit.queue)


def _fail(hands: Hands, unit: Unit, error: BoardError, bounds: Bounds) -> None:
    if error.retryable and unit.attempt < unit.max_attempts:
        hands.write_if_possible(unit.owner_id, lambda s: finish.unit_again(s, unit, error.as_json()))
        return
    try:
        _end(hands, unit, bounds, error=error)
    except (Stopped, *DATABASE_AWAY) as lost:
        log.warning("the end of a unit could not be written", job_id=str(unit.job_id), error=type(lost).__name__)


def _work_of(step: Step) -> Callable[[Context], dict[str, Any]]:
    if step.run_unit is None:
        raise BoardError(f"The step {step.name} has no way to run a unit.")
    return step.run_unit
