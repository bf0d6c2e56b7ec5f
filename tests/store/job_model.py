"""The job table in memory, as simple as can be: what the state machine test holds the real one against."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from backend.jobs.states import PENDING, PROCESSING, RETRY, REVOKED
from backend.store.jobs import JobRow


@dataclass
class Part:
    """What the model knows of a unit."""

    state: str = PENDING
    fence: int = 0
    attempt: int = 0
    expired: bool = False


@dataclass
class Model:
    """What the model knows of a job. `expired`: its lease has run out and nobody has noticed yet."""

    kind: str
    step: str
    queue: str
    state: str = PENDING
    fence: int = 0
    attempt: int = 0
    cancelling: bool = False
    expired: bool = False
    fanned_out: bool = False
    percent: float = 0.0
    effects: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    retried_as: UUID | None = None

    def end(self, state: str) -> None:
        self.state, self.fanned_out, self.expired = state, False, False
        for part in self.parts:
            if part.state in (PENDING, RETRY, PROCESSING):
                part.state = REVOKED

    def held_by(self, row: JobRow) -> bool:
        """Whether this claim is the newest and the job still runs under it."""
        return self.state == PROCESSING and self.fence == row.fence and not self.fanned_out

    def count(self, state: str) -> int:
        return sum(part.state == state for part in self.parts)
