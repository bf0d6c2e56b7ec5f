"""What one worker child works with, and how it writes down how a try ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.orm import Session

from backend.domain.errors import BoardError
from backend.jobs import finish
from backend.jobs.context import Announce
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.job import Job, Step
from backend.jobs.services import Services
from backend.store.database import DATABASE_AWAY

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Hands:
    """The services, the kinds it knows, its heartbeat, its voice, and the pool's soft time limit exception."""

    services: Services
    kinds: Mapping[str, Job]
    heartbeat: Heartbeat
    announce: Announce
    out_of_time: type[Exception]

    @property
    def known(self) -> list[str]:
        """Every `kind/step` this process can run."""
        return [f"{job.kind}/{step.name}" for job in self.kinds.values() for step in job.steps]

    @property
    def lease_seconds(self) -> float:
        """How long a lease lasts."""
        return self.services.settings.lease_seconds

    def write(self, owner_id: int, work: Callable[[Session], Any]) -> Any:
        """Run a finishing transaction, again while PostgreSQL is away. Raises Stopped, DATABASE_AWAY."""
        return finish.persistently(self.services.database, owner_id, work, patience=self.lease_seconds)

    def write_if_possible(self, owner_id: int, work: Callable[[Session], Any]) -> Any:
        """Like `write`; None should PostgreSQL stay away: then the reaper will find the lease run out."""
        try:
            return self.write(owner_id, work)
        except DATABASE_AWAY as error:
            log.warning("the end of a try could not be written", error=type(error).__name__)
            return None


def timed_out(step: Step) -> BoardError:
    """The error of a step that ran over its time limit."""
    return BoardError(
        f"Reading took longer than {step.time_limit:.0f} seconds and was stopped.",
        code="timed_out",
        hint="Split the file into smaller parts, or retry when the machine is less busy.",
    )


def internal(error: Exception) -> BoardError:
    """The error of a step that failed for a reason nobody foresaw."""
    return BoardError(
        "Something went wrong inside SyncBoard; the original is kept.",
        code="internal",
        hint=f"Retry the job; if it fails again, look for its id in the worker's log ({type(error).__name__}).",
        retryable=True,
    )
