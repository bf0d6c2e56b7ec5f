"""The transactions that end a try: each checks the fence, writes the effects and moves the job, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from backend.jobs.job import AwaitChildren, FanOut, Finish, Job, Snooze, Step, Stopped
from backend.jobs.states import FAILURE, PENDING, RETRY, REVOKED, retry_delay
from backend.store import children, jobs, moves, units
from backend.store.database import DATABASE_AWAY, Database
from backend.store.jobs import JobRow
from backend.store.units import Unit

log = structlog.get_logger(__name__)

LAST_PERCENT = 99.0
"""Until it is done, no job says 100."""

Result = TypeVar("Result")


def persistently(database: Database, owner_id: int, work: Callable[[Session], Result], *, patience: float) -> Result:
    """Run a transaction, again while PostgreSQL is away, for `patience` seconds; safe because each checks the fence.

    Raises the last DATABASE_AWAY error.
    """
    give_up = time.monotonic() + patience
    pause = 0.1
    while True:
        try:
            with database.session(owner_id) as session:
                return work(session)
        except DATABASE_AWAY as error:
            if time.monotonic() + pause > give_up:
                raise
            log.warning("the database is away, trying again", error=type(error).__name__, pause=pause)
            time.sleep(pause)
            pause = min(pause * 2, 3.0)


def end_percent(job: Job, step: Step) -> float:
    """The percent a step leads up to."""
    after = job.after(step.name)
    return after.stages[0].percent if after else LAST_PERCENT


def stage_bounds(job: Job, step: Step, name: str) -> tuple[float, float]:
    """The percents at which the stage of that name begins, and gives way to the next."""
    stage = next((stage for stage in step.stages if stage.name == name), step.stages[-1])
    later = [other.percent for other in step.stages if other.percent > stage.percent]
    return stage.percent, min(later, default=end_percent(job, step))


def step_done(session: Session, row: JobRow, job: Job, step: Step, finish: Finish) -> list[str]:
    """Write the effects of a finished step and move the job on; returns the queues to ring. Raises Stopped."""
    held = _hold(session, row, job)
    if held is None:
        return []
    result = finish.write(session)
    after = job.after(step.name)
    if after is None or finish.final:
        moves.succeed(session, held, result, finish.warnings)
        return list(finish.ring)
    first = after.stages[0]
    turn = jobs.next_turn(session, owner_id=held.owner_id, queue=after.queue, priority=held.priority)
    moves.advance(
        session,
        held,
        step=after.name,
        queue=after.queue,
        turn=turn,
        stage=first.name,
        message=f"Waiting for the queue {after.queue}",
        percent=end_percent(job, step),
        warnings=finish.warnings,
    )
    return [after.queue, *finish.ring]


def _hold(session: Session, row: JobRow, job: Job) -> JobRow | None:
    """The job, locked for its finishing transaction; None when it was cancelled and has now ended. Raises Stopped."""
    held = moves.hold(session, row.id, row.fence)
    if held is None:
        raise Stopped
    if held.cancel_requested_at is not None:
        revoke(session, held, job)
        return None
    return held


def fanned_out(session: Session, row: JobRow, job: Job, step: Step, plan: FanOut) -> list[str]:
    """Make the units of a step; those finished before for the same content are taken over. Raises Stopped."""
    held = _hold(session, row, job)
    if held is None:
        return []
    done = units.finished_before(session, held.owner_id, plan.content_key, [unit.span for unit in plan.units])
    turn = jobs.next_turn(session, owner_id=held.owner_id, queue=step.queue, priority=held.priority)
    first = units.next_ordinal(session, held.id)
    rows = [
        Unit(
            job_id=held.id,
            ordinal=first + number,
            owner_id=held.owner_id,
            step=step.name,
            queue=step.queue,
            priority=held.priority,
            turn=turn + number,
            content_key=plan.content_key,
            span=unit.span,
            input=unit.input,
            max_attempts=held.max_attempts,
            state="SUCCESS" if unit.span in done else PENDING,
            result=done.get(unit.span),
            reused=unit.span in done,
        )
        for number, unit in enumerate(plan.units)
    ]
    units.add_all(session, rows)
    moves.fan_out(session, held, unit_kind=plan.unit_kind, total=len(rows), done=len(done))
    if len(done) == len(rows):
        moves.gathered(session, held.id, turn=turn)
    return [step.queue]


def await_children(session: Session, row: JobRow, job: Job, plan: AwaitChildren) -> list[str]:
    """The step waits for the children of its job; should all have ended already, it goes on. Raises Stopped."""
    held = _hold(session, row, job)
    if held is None:
        return []
    total, done, failed = children.counts(session, held.id)
    moves.fan_out(session, held, unit_kind=plan.child_kind, total=total, done=done, failed=failed)
    if done + failed < total:
        return []
    moves.gathered(session, held.id, turn=held.turn)
    return [held.queue]


def children_ended(session: Session, row: JobRow, bounds: tuple[float, float]) -> bool:
    """Bring a parent's counters up to date; True when its last child has ended and it waits to gather."""
    over = children.counted(session, row, low=bounds[0], high=bounds[1])
    if over:
        moves.gathered(session, row.id, turn=row.turn)
    return over


def unit_done(
    session: Session,
    unit: Unit,
    *,
    result: dict[str, Any] | None,
    error: dict[str, Any] | None,
    bounds: tuple[float, float],
    on_unit: Callable[[Session, Unit, dict[str, Any]], None] | None = None,
) -> bool:
    """End a unit and count it; True when it was the last and the job waits to gather. Raises Stopped."""
    held = units.hold(session, unit.job_id, unit.ordinal, unit.fence)
    if held is None:
        raise Stopped
    if on_unit and result is not None:
        on_unit(session, held, result)
    state = FAILURE if error else "SUCCESS"
    last = units.end(session, held, state, result=result, error=error, low=bounds[0], high=bounds[1])
    if last:
        turn = jobs.next_turn(session, owner_id=held.owner_id, queue=held.queue, priority=held.priority)
        moves.gathered(session, held.job_id, turn=turn)
    return last


def unit_again(
    session: Session, unit: Unit, error: dict[str, Any], *, forgiven: bool = False, delay: float | None = None
) -> None:
    """A unit's try failed: it waits for the next, `delay` seconds or as long as the number of its tries says."""
    held = units.hold(session, unit.job_id, unit.ordinal, unit.fence)
    if held is not None:
        delay = retry_delay(held.attempt) if delay is None else delay
        units.wait(session, held, RETRY, delay=delay, error=error, forgiven=forgiven)


def failed(session: Session, row: JobRow, job: Job | None, error: dict[str, Any], *, may_retry: bool) -> bool:
    """A try failed: RETRY while tries are left and it may help, else FAILURE. False: the fence had moved on."""
    held = moves.hold(session, row.id, row.fence)
    if held is None:
        return False
    if held.cancel_requested_at is not None:
        revoke(session, held, job)
    elif may_retry and held.attempt < held.max_attempts:
        delay = retry_delay(held.attempt)
        message = f"{error['message']} Trying again in {delay:.0f} seconds."
        moves.wait(session, held, RETRY, delay=delay, message=message, error=error)
    else:
        fail(session, held, job, error)
    return True


def forgiven(session: Session, row: JobRow, job: Job | None) -> None:
    """A try was lost through no fault of the job (the database was away): back to the queue, not counted."""
    held = moves.hold(session, row.id, row.fence)
    if held is not None and held.cancel_requested_at is not None:
        revoke(session, held, job)
    elif held is not None:
        moves.wait(session, held, PENDING, delay=1.0, message=held.message, error=None, forgiven=True)


def snoozed(session: Session, row: JobRow, job: Job | None, later: Snooze) -> None:
    """The step asked for another time: back to the queue until then, not counted."""
    held = moves.hold(session, row.id, row.fence)
    if held is not None and held.cancel_requested_at is not None:
        revoke(session, held, job)
    elif held is not None:
        moves.wait(session, held, PENDING, delay=later.seconds, message=later.message, error=None, forgiven=True)


def fail(session: Session, row: JobRow, job: Job | None, error: dict[str, Any]) -> None:
    """End the job as FAILURE, and whatever hangs on it."""
    moves.end(session, row, FAILURE, message=error["message"], error=error)
    units.revoke_open(session, row.id)
    if job and job.on_end:
        job.on_end(session, row, FAILURE, error)


def revoke(session: Session, row: JobRow, job: Job | None) -> None:
    """End the job as REVOKED, and whatever hangs on it."""
    moves.end(session, row, REVOKED, message="Cancelled", error=None)
    units.revoke_open(session, row.id)
    if job and job.on_end:
        job.on_end(session, row, REVOKED, None)


def unit_results(found: Sequence[Unit]) -> list[dict[str, Any]]:
    """Ended units as `Step.gather` gets them."""
    return [{"span": u.span, "state": u.state, "result": u.result, "error": u.error} for u in found]
