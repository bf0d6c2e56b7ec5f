"""Runs one claimed step of a job, the same way for every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from backend.domain.errors import BoardError
from backend.jobs import finish
from backend.jobs.context import StepContext
from backend.jobs.hands import Hands, internal, timed_out
from backend.jobs.heartbeat import Holding, Lease
from backend.jobs.job import AwaitChildren, FanOut, Finish, Job, Snooze, Step, Stopped
from backend.store import moves, units
from backend.store.database import DATABASE_AWAY
from backend.store.jobs import JobRow

log = structlog.get_logger(__name__)

Ended = TypeVar("Ended")
"""What a finishing transaction of `finish.py` returns."""


def run_step(hands: Hands, row: JobRow) -> None:
    """Run the step `row` was claimed for and write how it ended. Never raises."""
    job = hands.kinds[row.kind]
    step = job.step(row.step)
    seconds = hands.lease_seconds
    holding = Holding(
        principal=row.owner_id,
        extend=lambda session: moves.beat(session, row.id, row.fence, lease=seconds),
        watch=lambda session: moves.watch(session, row.id, row.fence),
        time_limit=step.time_limit,
        give_up=lambda session: finish.failed(session, row, job, timed_out(step).as_json(), may_retry=False),
    )
    with hands.heartbeat.keep(holding) as lease:
        try:
            _work(hands, row, job, step, lease)
        except Stopped:
            _stopped(hands, row, job, lease)
        except Snooze as later:
            _snooze(hands, row, job, later)
        except DATABASE_AWAY as error:
            log.warning("the database went away during a step", job_id=str(row.id), error=type(error).__name__)
            hands.write_if_possible(row.owner_id, lambda s: finish.forgiven(s, row, job))
        except hands.out_of_time:
            _fail(hands, row, job, timed_out(step))
        except BoardError as error:
            # a reader that was told to stop says so in its own way
            _stopped(hands, row, job, lease) if lease.over() else _fail(hands, row, job, error)
        except Exception as error:
            log.exception("a step failed for an unknown reason", job_id=str(row.id), kind=row.kind, step=row.step)
            _fail(hands, row, job, internal(error))


def _work(hands: Hands, row: JobRow, job: Job, step: Step, lease: Lease) -> None:
    context = StepContext(hands.services, row, job, step, lease, hands.announce)
    gathers = row.units_total is not None and step.gather is not None
    outcome = _gather(row, step, context) if gathers else step.run(context)
    ended = _ending(row, lambda session: _written(session, row, job, step, outcome))
    ring, now = hands.write(row.owner_id, ended)
    for queue in ring:
        hands.services.ring(queue)
    hands.announce(now, {})


def _snooze(hands: Hands, row: JobRow, job: Job, later: Snooze) -> None:
    hands.write_if_possible(row.owner_id, lambda s: finish.snoozed(s, row, job, later))


def _written(
    session: Session, row: JobRow, job: Job, step: Step, outcome: Finish | FanOut | AwaitChildren
) -> list[str]:
    """Write what a step returned; the queues to ring after the commit. Raises Stopped."""
    if isinstance(outcome, FanOut):
        return finish.fanned_out(session, row, job, step, outcome)
    if isinstance(outcome, AwaitChildren):
        return finish.await_children(session, row, job, outcome)
    return finish.step_done(session, row, job, step, outcome)


def _gather(row: JobRow, step: Step, context: StepContext) -> Finish:
    if step.gather is None:
        raise BoardError(f"The step {step.name} made units and cannot gather them.")
    with context.services.database.session(row.owner_id) as session:
        found = units.of_job(session, row.owner_id, row.id, step=row.step)
    return step.gather(context, finish.unit_results(found))


def _stopped(hands: Hands, row: JobRow, job: Job, lease: Lease) -> None:
    if lease.out_of_time.is_set():
        _fail(hands, row, job, timed_out(job.step(row.step)))
    elif lease.cancelled.is_set():
        _end(hands, row, job, {"message": "Cancelled"}, may_retry=False)
    else:
        log.warning("the lease was lost: the result of this try is dropped", job_id=str(row.id), fence=row.fence)


def _fail(hands: Hands, row: JobRow, job: Job, error: BoardError) -> None:
    _end(hands, row, job, error.as_json(), may_retry=error.retryable)


def _end(hands: Hands, row: JobRow, job: Job, error: dict[str, Any], *, may_retry: bool) -> None:
    """Write that the try failed, if the database can be had, and tell what became of the job."""
    ended = _ending(row, lambda session: finish.failed(session, row, job, error, may_retry=may_retry))
    written = hands.write_if_possible(row.owner_id, ended)
    if written is not None and written[0]:
        hands.announce(written[1], {})


def _ending(row: JobRow, work: Callable[[Session], Ended]) -> Callable[[Session], tuple[Ended, JobRow]]:
    """`work`, and the job as it then is, in one transaction."""

    def both(session: Session) -> tuple[Ended, JobRow]:
        ended = work(session)
        session.expire_all()  # the moves are statements of their own, which the session does not see
        return ended, session.get_one(JobRow, row.id)

    return both
