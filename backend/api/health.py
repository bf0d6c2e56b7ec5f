"""Is it up (`/healthz`), and can it work (`/readyz`)."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from backend.api.deps import ServicesDep
from backend.domain.walls import KEPT_FROM
from backend.jobs.services import Services
from backend.store import queues
from backend.store.database import DATABASE_AWAY, EVERYONE
from backend.store.queues import QueueHealth


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(BaseModel):
    """One part: `ok`, and a word on what is wrong."""

    ok: bool
    message: str = ""


class QueueCheck(BaseModel):
    """One queue; `alive` means that something went through a worker's child process in the last minute."""

    alive: bool
    paused: bool
    last_canary_seconds: float | None
    waiting: int
    running: int
    oldest_seconds: float | None


class ReaderCheck(BaseModel):
    """How well reading files is closed off: the level, and what a child could not do that tried to break out.

    `proven` has a null for each until one has tried, soon after the first question.
    """

    level: str
    proven: dict[str, bool | None]
    message: str = ""


class Checks(BaseModel):
    """Everything the board stands on."""

    database: Check
    broker: Check
    storage: Check
    queues: dict[str, QueueCheck]
    extractor: ReaderCheck


class Readiness(BaseModel):
    """`ok` when every part works; `degraded` when uploads are accepted but something waits."""

    status: Literal["ok", "degraded"]
    checks: Checks


router = APIRouter(tags=["operating"])


@router.get("/healthz")
async def healthz() -> Alive:
    """Answers as long as the process does; touches nothing."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness}})
def readyz(services: ServicesDep, response: Response) -> Readiness:
    """Whether the board can work: database, broker, storage, a canary through each queue. 503 without a database."""
    database, health = _database(services)
    failing = [name for name, queue in health.items() if queue.publish_failed]
    checks = Checks(
        database=database,
        broker=Check(ok=not failing and database.ok, message="The last doorbell did not get through." * bool(failing)),
        storage=_storage(services),
        queues={name: shown(queue) for name, queue in health.items()},
        extractor=_reader(services),
    )
    parts = [checks.database.ok, checks.broker.ok, checks.storage.ok, *(q.alive for q in checks.queues.values())]
    if not database.ok:
        response.status_code = 503
    return Readiness(status="ok" if all(parts) else "degraded", checks=checks)


def shown(queue: QueueHealth) -> QueueCheck:
    """A queue as the API shows it."""
    return QueueCheck(
        alive=queue.alive(),
        paused=queue.paused,
        last_canary_seconds=queue.canary_age,
        waiting=queue.waiting,
        running=queue.running,
        oldest_seconds=queue.oldest_seconds,
    )


def _reader(services: Services) -> ReaderCheck:
    walls = services.walls.known()
    message = f"A hostile file could reach: {', '.join(walls.open)}." if walls.open else ""
    return ReaderCheck(level=walls.level, proven={name: walls.proven.get(name) for name in KEPT_FROM}, message=message)


def _database(services: Services) -> tuple[Check, dict[str, QueueHealth]]:
    try:
        with services.database.session(EVERYONE) as session:
            return Check(ok=True), queues.health(session)
    except DATABASE_AWAY:
        return Check(ok=False, message="PostgreSQL cannot be reached."), {}


def _storage(services: Services) -> Check:
    free: Any = services.blobs.free_bytes()
    if free is not None and free < services.settings.disk_floor_bytes:
        return Check(ok=False, message=f"Only {free // 1024**2} MB are free: uploads are refused.")
    return Check(ok=True)
