"""The way onto the board for an address: a page, a file on the web, a video."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import addresses
from backend.jobs import links


class Link(BaseModel):
    """An address as people paste it; https is assumed where it does not say."""

    url: str = Field(max_length=2 * addresses.LONGEST)
    title: str | None = Field(default=None, max_length=1000, description="Instead of the page's own.")


class AcceptedLink(BaseModel):
    """The address is on the board and its job waits; `url` is what will be fetched.

    `duplicate_of` is the document that the address leads to already; it is not fetched again unless that had failed.
    """

    job_id: UUID
    document_id: int
    message: str
    url: str
    duplicate_of: int | None = None


router = APIRouter(tags=["uploads"])


@router.post("/upload_url", status_code=202, response_model=AcceptedLink)
def upload_url(services: ServicesDep, principal: UploadAccess, once: OnceDep, link: Link) -> JSONResponse:
    """Add what an address leads to: a page, a PDF or other file, a video."""
    address = links.read(services, link.url)
    rung: list[str | None] = []

    def add() -> Answer:
        accepted = links.accept(services, session, principal.user_id, [address], title=link.title)[0]
        rung.append(accepted.queue)
        message = "This address is on your board already." if accepted.duplicate else "Link accepted."
        body = AcceptedLink(
            job_id=accepted.job_id,
            document_id=accepted.document_id,
            message="It failed before and is tried again." if accepted.duplicate and accepted.queue else message,
            url=address.url,
            duplicate_of=accepted.document_id if accepted.duplicate else None,
        )
        return Answer(body.model_dump(mode="json"), 202, {"Location": f"/jobs/{accepted.job_id}/status"})

    with services.database.session(principal.user_id) as session:
        answer = once(session, add)
    for queue in filter(None, rung):
        services.ring(queue)
    return answer
