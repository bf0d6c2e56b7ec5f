"""Cancel and retry, one job or many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.api.job_status import JobStatus
from backend.api.jobs import chosen_states
from backend.domain.access import Principal
from backend.domain.errors import BoardError, InvalidInput
from backend.jobs import enqueue
from backend.jobs.job import QUEUES
from backend.jobs.services import Services
from backend.jobs.status import status, surroundings
from backend.store import job_lists
from backend.store.jobs import JobRow

MOST_AT_ONCE = 500


class Retry(BaseModel):
    """What a retry may bring along."""

    password: str | None = Field(default=None, max_length=1024, description="For an encrypted file.")


class Retried(BaseModel):
    """The job that does the work now."""

    job_id: UUID
    document_id: int | None
    message: str


class Choice(BaseModel):
    """Many jobs at once: by their ids, or by state, kind and queue."""

    ids: list[UUID] | None = Field(default=None, max_length=MOST_AT_ONCE)
    state: str | None = None
    kind: str | None = None
    queue: str | None = None


class Many(BaseModel):
    """What became of many jobs: `done` holds ids (of the new jobs, for a retry)."""

    done: list[UUID]
    refused: list[dict[str, Any]]


router = APIRouter(tags=["jobs"])


@router.post("/jobs/cancel", response_model=Many)
def cancel_many(services: ServicesDep, principal: UploadAccess, once: OnceDep, choice: Choice) -> JSONResponse:
    """Cancel many jobs; without a state, those that wait or run."""

    def work(session: Session, job_id: UUID) -> UUID:
        return enqueue.cancel(session, principal.user_id, job_id).id

    with services.database.session(principal.user_id) as session:
        return once(session, lambda: Answer(_many(session, principal, choice, "waiting,running", work)))


@router.post("/jobs/retry", response_model=Many)
def retry_many(services: ServicesDep, principal: UploadAccess, once: OnceDep, choice: Choice) -> JSONResponse:
    """Retry many jobs; without a state, those that failed and were not retried yet."""

    def work(session: Session, job_id: UUID) -> UUID:
        return _retry(services, session, principal, job_id).id

    with services.database.session(principal.user_id) as session:
        answer = once(session, lambda: Answer(_many(session, principal, choice, "attention", work), 202))
    for queue in QUEUES:
        services.ring(queue)
    return answer


def _many(
    session: Session, principal: Principal, choice: Choice, usual: str, work: Callable[[Session, UUID], UUID]
) -> dict[str, Any]:
    if choice.ids is None and choice.state is None and choice.kind is None and choice.queue is None:
        raise InvalidInput("Say which jobs.", code="no_choice", hint="Send `ids`, `state`, `kind` or `queue`.")
    states = chosen_states(choice.state or (None if choice.ids else usual))
    # named by id, a job that was retried answers with its retry; by filter, it is nobody's concern any more
    by_filter = choice.ids is None
    chosen = job_lists.Filter(states, choice.kind, choice.queue, None, choice.ids, not_retried=by_filter)
    done, refused = [], []
    for row in job_lists.page(session, principal.user_id, chosen, after=None, limit=MOST_AT_ONCE):
        try:
            done.append(work(session, row.id))
        except BoardError as error:
            refused.append({"job_id": row.id, **error.as_json()})
    return {"done": done, "refused": refused}


@router.post("/jobs/{job_id}/cancel", response_model=JobStatus)
@router.delete("/jobs/{job_id}", response_model=JobStatus)
def cancel(job_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Cancel a job: at once when it waits, within seconds when it runs."""

    def make() -> Answer:
        row = enqueue.cancel(session, principal.user_id, job_id)
        told = status(row, surroundings(services.database, [row]).get(str(row.id)))
        return Answer(JobStatus.model_validate(told).model_dump(mode="json"))

    with services.database.session(principal.user_id) as session:
        return once(session, make)


@router.post("/jobs/{job_id}/retry", status_code=202, response_model=Retried)
def retry(
    job_id: UUID, services: ServicesDep, principal: UploadAccess, once: OnceDep, wanted: Retry | None = None
) -> JSONResponse:
    """Go on where a failed or cancelled job ended, as a new job; finished steps and units are not done again."""
    queue = QUEUES[0]

    def make() -> Answer:
        nonlocal queue
        row = _retry(services, session, principal, job_id, password=wanted.password if wanted else None)
        queue = row.queue
        message = "Queued again." if row.id != job_id else "It will be tried at once."
        body = {"job_id": row.id, "document_id": row.document_id, "message": message}
        return Answer(body, 202, {"Location": f"/jobs/{row.id}/status"})

    with services.database.session(principal.user_id) as session:
        answer = once(session, make)
    services.ring(queue)
    return answer


def _retry(
    services: Services, session: Session, principal: Principal, job_id: UUID, *, password: str | None = None
) -> JobRow:
    attempts = services.settings.max_attempts
    return enqueue.retry(session, principal.user_id, job_id, max_attempts=attempts, password=password)
