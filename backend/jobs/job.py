"""A job kind as a value: what it is called, its steps, the shape of its input and result.

A step function does its work without any transaction open and returns a `Finish`: what to write. The runner opens one
transaction, checks the fence, lets `Finish.write` put the effects in, and moves the job on, all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.jobs.services import Services

UPLOADS, ANALYSIS, LOW_PRIORITY = "uploads", "analysis", "low_priority"
QUEUES = (UPLOADS, ANALYSIS, LOW_PRIORITY)
"""The one list of queues; everything that starts workers is held to it by a test."""

INTERACTIVE, BULK = 0, 1
"""Priorities: a person waits for interactive work; bulk work comes after it."""


@dataclass(frozen=True)
class Stage:
    """A named part of a step with the percent at which it begins and the sentence people see."""

    name: str
    percent: float
    message: str


@dataclass(frozen=True)
class UnitPlan:
    """One unit to be made. `span` names the part ("page 7"); with the step's content key it finds reusable results."""

    span: str
    input: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FanOut:
    """What a step returns when its work is done by units: `unit_kind` is the word people see ("page")."""

    unit_kind: str
    content_key: str
    units: Sequence[UnitPlan]


@dataclass(frozen=True)
class Finish:
    """What a step returns when its work is done: `write(session)` puts the effects in and returns the result so far.

    `write` runs inside the transaction that checks the fence. It may run again from the start if the transaction is
    lost before its commit, so it touches nothing but the session.
    """

    write: Callable[[Session], dict[str, Any]]
    warnings: Sequence[dict[str, str]] = ()
    ring: Sequence[str] = ()
    """Queues to ring after the commit: where jobs wait that `write` has enqueued."""
    final: bool = False
    """The job ends here as SUCCESS, whatever steps would follow."""


@dataclass(frozen=True)
class AwaitChildren:
    """What a step returns when its work is done by jobs that have this one as their parent.

    The job waits, holding nothing, until all of them have ended; then the step's `gather` is called with no units.
    `child_kind` is the word people see ("link").
    """

    child_kind: str


class Context(Protocol):
    """What a running step or unit knows and may say."""

    job_id: UUID
    owner_id: int
    document_id: int | None
    input: dict[str, Any]
    job_input: dict[str, Any]
    """The input of the job; in a unit, `input` is the unit's own."""
    services: Services

    def stage(self, name: str, message: str | None = None) -> None:
        """Enter one of the step's stages."""
        ...

    def progress(self, fraction: float, message: str | None = None) -> None:
        """How far the present stage is, 0 to 1. Cheap: written at most twice a second."""
        ...

    def count(self, unit_kind: str, done: int, total: int, message: str | None = None) -> None:
        """Like `progress`, of things that people can count: the status shows them as `units`."""
        ...

    def cancelled(self) -> bool:
        """True once the person cancelled or the lease was lost; long loops ask it and then call `check`."""
        ...

    def check(self) -> None:
        """Raises Stopped when `cancelled()`."""
        ...


@dataclass(frozen=True)
class Step:
    """One step of a job kind. `time_limit` bounds one try, in seconds."""

    name: str
    queue: str
    stages: tuple[Stage, ...]
    run: Callable[[Context], Finish | FanOut | AwaitChildren]
    run_unit: Callable[[Context], dict[str, Any]] | None = None
    """For a step that fans out: does one unit (`context.input` is the unit's) and returns its JSON result."""
    gather: Callable[[Context, Sequence[dict[str, Any]]], Finish] | None = None
    """For a step that fans out: called by the worker that claims the job after its last unit, with all finished
    units as `{"span", "state", "result", "error"}` in order."""
    on_unit: Callable[[Session, Any, dict[str, Any]], None] | None = None
    """`on_unit(session, unit_row, result)`: called in the transaction that ends a unit as SUCCESS."""
    time_limit: float = 600.0


@dataclass(frozen=True)
class Job:
    """A kind of job. The Celery task is `backend.tasks.<kind>`."""

    kind: str
    steps: tuple[Step, ...]
    input: type[BaseModel]
    on_start: Callable[[Session, Any], None] | None = None
    """`on_start(session, job_row)`: called in the transaction that claims a step."""
    on_end: Callable[[Session, Any, str, dict[str, Any] | None], None] | None = None
    """`on_end(session, job_row, state, error)`: called in the transaction that ends the job as FAILURE or REVOKED."""
    due: Callable[[Session, int], bool] | None = None
    """`due(session, owner_id)`: for a kind that the clock plans for each person, whether this one needs it now."""
    needed: Callable[[Services], bool] | None = None
    """`needed(services)`: for a kind that the clock plans, whether there is anything to do at all."""

    def step(self, name: str) -> Step:
        """The step of that name. Raises KeyError."""
        return next(step for step in self.steps if step.name == name)

    def after(self, name: str) -> Step | None:
        """The step that follows, or None after the last."""
        names = [step.name for step in self.steps]
        index = names.index(name) + 1
        return self.steps[index] if index < len(self.steps) else None


KINDS: dict[str, Job] = {}
"""Every kind of job by name, put in by `backend/jobs/kinds`: kinds start jobs of other kinds, which only know this."""


class Stopped(Exception):
    """The work at hand has no more use."""


class Snooze(Exception):
    """Not now: the job or unit goes back to its queue for `seconds`, which does not count as a try."""

    def __init__(self, seconds: float, message: str) -> None:
        """`message` is the sentence people see while it waits."""
        super().__init__(message)
        self.seconds, self.message = seconds, message
