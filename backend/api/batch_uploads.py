"""Many things at once: a list of addresses, or many files in one form; the answer has a verdict for each."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.idempotency import Answer, Once, fingerprint_of
from backend.api.multipart import FilesReader
from backend.api.receiving import Receipt, body_within, in_thread, pump
from backend.api.uploads import Door, DoorDep, parsed
from backend.domain.errors import BoardError, InvalidInput, Unreadable
from backend.jobs import batches, uploads
from backend.jobs.batches import HERE, NEW, REPEATED, Begun, Line
from backend.jobs.job import UPLOADS
from backend.jobs.uploads import Upload
from backend.store import batches as stored

LARGEST_LIST = 4 * 1024 * 1024
MOST_FILES = 100
"""Files in one form: each of them is an open file until the form is whole."""


class ManyUrls(BaseModel):
    """Addresses, one in each entry; blank ones are left out."""

    urls: list[str] = Field(max_length=10_000)


class LineTaken(BaseModel):
    """A line that was taken, and where it leads: `new`, `already_here`, or `repeated` further up in the list."""

    url: str | None = None
    filename: str | None = None
    job_id: UUID | None
    document_id: int | None
    verdict: str


class LineRefused(BaseModel):
    """A line that was not taken."""

    url: str | None = None
    filename: str | None = None
    code: str
    message: str


class BatchTaken(BaseModel):
    """Every line is in `jobs` or in `errors`, in the order given; `queued` of them have a new job."""

    batch_id: UUID | None
    job_id: UUID | None
    total: int
    queued: int
    jobs: list[LineTaken]
    errors: list[LineRefused]


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
}
URLS_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ManyUrls.model_json_schema()}}}
}
FILES_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}

router = APIRouter(tags=["batches"])


@router.post("/upload_batch_urls", status_code=202, response_model=BatchTaken, openapi_extra=URLS_BODY)
async def upload_batch_urls(
    request: Request,
    door: DoorDep,
    *,
    dry_run: Annotated[bool, Query(description="Only say what would become of each line.")] = False,
) -> JSONResponse:
    """Add up to 1,000 addresses at once; with `dry_run`, 200 and the verdicts only."""
    async with body_within(request, LARGEST_LIST) as body:
        return await in_thread(lambda: _take_urls(door, body, dry_run=dry_run))


@router.post("/upload_batch", status_code=202, response_model=BatchTaken, openapi_extra=FILES_BODY)
async def upload_batch(request: Request, door: DoorDep) -> JSONResponse:
    """Add up to 100 files in one multipart form, each in a field `file`."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise InvalidInput(
            "Many files come as multipart/form-data.",
            code="unsupported_media_type",
            hint="Set the Content-Type, and send each file in a field `file`.",
        )
    received: list[tuple[str, Receipt]] = []

    def begin(filename: str) -> Receipt:
        receipt = door.receipt(0)
        received.append((filename, receipt))
        return receipt

    try:
        form = FilesReader(content_type, lambda name: begin(name).write, most=MOST_FILES)
        last = await pump(request, form.write)
        return await in_thread(lambda: _take_files(door, form, last, received))
    finally:
        for _, receipt in received:
            await receipt.discard()


def _take_urls(door: Door, body: bytearray, *, dry_run: bool) -> JSONResponse:
    given = parsed(ManyUrls, body).urls
    services, owner_id = door.services, door.principal.user_id
    lines = batches.read(services, given)
    if dry_run:
        return JSONResponse(taken(batches.look(services, owner_id, lines), "url"))
    with services.database.session(owner_id) as session:
        once = Once(owner_id, door.key, fingerprint_of("batch of links", *given))
        answer = once(session, lambda: _accepted(batches.begin(services, session, owner_id, lines), "url"))
    services.ring(UPLOADS)
    return answer


def _take_files(door: Door, form: FilesReader, last: bytearray, received: list[tuple[str, Receipt]]) -> JSONResponse:
    form.write(last)
    form.close()
    services, owner_id = door.services, door.principal.user_id
    recognised = [_recognised(door, name, receipt) for name, receipt in received]
    parts = [part for name, receipt in received for part in (name, receipt.blob.sha256)]

    def make() -> Answer:
        batch_id = batches.start(services, session, owner_id, "file")
        seen: set[str] = set()
        lines = []
        for (name, receipt), upload in zip(received, recognised, strict=True):
            if isinstance(upload, BoardError):
                lines.append(Line(name, "refused", error=upload.as_json()))
                continue
            sha256 = receipt.blob.sha256
            became = uploads.accept(services, session, owner_id, receipt.blob, upload, batch=batch_id)
            verdict = REPEATED if sha256 in seen else HERE if became.queue is None else NEW
            lines.append(Line(upload.filename, verdict, job_id=became.job_id, document_id=became.document_id))
            seen.add(sha256)
        stored.add_items(session, owner_id, batch_id, [line.row() for line in lines])
        return _accepted(Begun(batch_id, lines), "filename")

    with services.database.session(owner_id) as session:
        answer = Once(owner_id, door.key, fingerprint_of("batch of files", *parts))(session, make)
    services.ring(UPLOADS)
    return answer


def _recognised(door: Door, name: str, receipt: Receipt) -> Upload | BoardError:
    try:
        return uploads.recognise(door.services, receipt.blob, name, None)
    except (InvalidInput, Unreadable) as refusal:
        return refusal


def _accepted(begun: Begun, named: str) -> Answer:
    return Answer(taken(begun, named), 202, {"Location": f"/batches/{begun.batch_id}"})


def taken(begun: Begun, named: str) -> dict[str, Any]:
    """The answer: every line by what it was given as, `named` url or filename."""
    jobs: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for line in begun.lines:
        if line.error:
            errors.append({named: line.given, "code": line.error["code"], "message": line.error["message"]})
        else:
            where = {"job_id": line.job_id, "document_id": line.document_id, "verdict": line.verdict}
            jobs.append({named: line.given, **where})
    answer = {"batch_id": begun.batch_id, "job_id": begun.batch_id, "total": len(begun.lines)}
    body = BatchTaken.model_validate({**answer, "queued": begun.queued, "jobs": jobs, "errors": errors})
    return body.model_dump(mode="json")
