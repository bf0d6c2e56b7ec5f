"""What the owner of the board may look at and turn: queues and workers."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.deps import OwnerAccess, ServicesDep
from backend.api.health import QueueCheck, shown
from backend.api.idempotency import Answer, OnceDep
from backend.domain.errors import NotFound
from backend.store import audit, queues
from backend.store.database import EVERYONE


class Queue(QueueCheck):
    """A queue with its name and the worker that last answered a canary."""

    name: str
    worker: str | None


class QueueList(BaseModel):
    """All queues."""

    items: list[Queue]
    next_cursor: None = None
    total: int


router = APIRouter(tags=["operating"])


@router.get("/admin/queues")
def queue_list(services: ServicesDep, _principal: OwnerAccess) -> QueueList:
    """The queues: depth, oldest, running, last canary, paused."""
    with services.database.session(EVERYONE) as session:
        found = queues.health(session)
    items = [Queue(name=q.name, worker=q.canary_worker, **shown(q).model_dump()) for q in found.values()]
    return QueueList(items=items, total=len(items))


@router.post("/admin/queues/{name}/pause", response_model=Queue)
def pause(name: str, services: ServicesDep, principal: OwnerAccess, once: OnceDep) -> JSONResponse:
    """Let nothing more start on a queue; what runs goes on, what comes waits."""
    return _set_paused(name, services, principal, once, paused=True)


@router.post("/admin/queues/{name}/resume", response_model=Queue)
def resume(name: str, services: ServicesDep, principal: OwnerAccess, once: OnceDep) -> JSONResponse:
    """Let a paused queue go on."""
    answer = _set_paused(name, services, principal, once, paused=False)
    services.ring(name)
    return answer


def _set_paused(
    name: str, services: ServicesDep, principal: OwnerAccess, once: OnceDep, *, paused: bool
) -> JSONResponse:
    def make() -> Answer:
        if not queues.set_paused(session, name, paused=paused):
            raise NotFound("There is no such queue.", code="queue_not_found", hint="GET /admin/queues lists them.")
        audit.record(session, principal.user_id, "queue.paused" if paused else "queue.resumed", f"queue:{name}")
        queue = queues.health(session)[name]
        return Answer(Queue(name=name, worker=queue.canary_worker, **shown(queue).model_dump()).model_dump())

    with services.database.session(EVERYONE) as session:
        return once(session, make)
