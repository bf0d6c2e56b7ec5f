"""The way onto the board: a file (streamed, or in JSON as base64) or a text; the answer is a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from backend.api.deps import ServicesDep, UploadAccess
from backend.api.idempotency import Answer, IdempotencyKey, Once, check_key, fingerprint_of
from backend.api.multipart import FormReader
from backend.api.receiving import Receipt, body_within, in_thread, pump
from backend.domain import uploads as rules
from backend.domain.access import Principal
from backend.domain.errors import InvalidInput
from backend.jobs import uploads
from backend.jobs.services import Services
from backend.jobs.uploads import Upload

LARGE = 1024 * 1024
"""Bytes from which on the quota of jobs is looked at before the body is read, too."""

TEXT_JOB = "process_text_upload"
MARKDOWN = "text/markdown"


Body = TypeVar("Body", bound=BaseModel)


class FileInJson(BaseModel):
    """A file in JSON; `content` is base64, with or without a `data:` URL around it."""

    filename: str
    content: str
    password: str | None = Field(default=None, max_length=1000)


class TextInJson(BaseModel):
    """A note, in Markdown or plain."""

    title: str | None = Field(default=None, max_length=1000)
    content: str


class Accepted(BaseModel):
    """The upload is safe on disk and its job waits; `Location` is where to ask about it.

    `duplicate_of` is the document that has these very bytes already; no second one was made.
    """

    job_id: UUID
    document_id: int
    message: str
    filename: str
    duplicate_of: int | None = None


@dataclass(frozen=True)
class Door:
    """What all the ways in share: for whom, and under which Idempotency-Key."""

    services: Services
    principal: Principal
    key: str | None

    def receipt(self, announced: int) -> Receipt:
        """A blob to write into; refuses early what will be refused in the end."""
        settings = self.services.settings
        if announced > LARGE:
            with self.services.database.session(self.principal.user_id) as session:
                uploads.check_open_jobs(self.services, session, self.principal.user_id)
        return Receipt(
            self.services.blobs,
            limit=settings.max_upload_bytes,
            floor=settings.disk_floor_bytes,
            announced=announced,
        )

    def take_file(self, receipt: Receipt, filename: str, password: str | None) -> JSONResponse:
        """A received file becomes a document and a job."""
        return self.take(receipt, uploads.recognise(self.services, receipt.blob, filename, password))

    def take(self, receipt: Receipt, upload: Upload) -> JSONResponse:
        """One transaction, then the doorbell."""
        owner_id = self.principal.user_id
        rung: list[str | None] = []

        def make() -> Answer:
            accepted = uploads.accept(self.services, session, owner_id, receipt.blob, upload)
            rung.append(accepted.queue)
            body = Accepted(
                job_id=accepted.job_id,
                document_id=accepted.document_id,
                message="These bytes are already on your board." if accepted.duplicate else "Upload accepted.",
                filename=upload.filename,
                duplicate_of=accepted.document_id if accepted.duplicate else None,
            )
            return Answer(body.model_dump(mode="json"), 202, {"Location": f"/jobs/{accepted.job_id}/status"})

        # the password is left out: a stored fingerprint must not help anybody to guess it
        fingerprint = fingerprint_of(
            upload.job_kind, receipt.blob.sha256, upload.title, upload.filename, upload.details.get("description", "")
        )
        with self.services.database.session(owner_id) as session:
            answer = Once(owner_id, self.key, fingerprint)(session, make)
        for queue in filter(None, rung):
            self.services.ring(queue)
        return answer


async def door_of(services: ServicesDep, principal: UploadAccess, key: IdempotencyKey = None) -> Door:
    """The door, before a byte of the body is read."""
    check_key(key)
    return Door(services, principal, key)


DoorDep = Annotated[Door, Depends(door_of)]


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}, "password": {"type": "string"}},
}
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": FileInJson.model_json_schema()},
        },
    }
}
TEXT_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": TextInJson.model_json_schema()}}}
}

router = APIRouter(tags=["uploads"])


@router.post("/upload_file", status_code=202, response_model=Accepted, openapi_extra=FILE_BODY)
async def upload_file(request: Request, door: DoorDep) -> JSONResponse:
    """Add one file: multipart/form-data with the field `file`, or JSON with base64.

    `password`, in either, opens an encrypted file; it is forgotten when the file has been read.
    """
    return await received(request, door, _take_form, _take_json)


@router.post("/upload_text", status_code=202, response_model=Accepted, openapi_extra=TEXT_BODY)
async def upload_text(request: Request, door: DoorDep) -> JSONResponse:
    """Add a note; it is kept as a Markdown file."""
    async with body_within(request, door.services.settings.max_json_upload_bytes) as body:
        return await in_thread(lambda: _take_text(door, body))


async def received(
    request: Request,
    door: Door,
    take_form: Callable[[Door, Receipt, FormReader], JSONResponse],
    take_json: Callable[[Door, bytearray], JSONResponse],
) -> JSONResponse:
    """One file in either form, taken as it comes. Raises InvalidInput, TooLarge, Unavailable, and what both raise."""
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        async with body_within(request, door.services.settings.max_json_upload_bytes) as body:
            return await in_thread(lambda: take_json(door, body))
    if kind != "multipart/form-data":
        raise InvalidInput(
            "A file comes as multipart/form-data or as JSON.",
            code="unsupported_media_type",
            hint="Set the Content-Type, and send the file in the field `file`.",
        )
    receipt = await in_thread(lambda: door.receipt(_announced(request)))
    try:
        form = FormReader(content_type, receipt.write)
        last = await pump(request, form.write)
        return await in_thread(lambda: take_form(door, receipt, _whole(form, last)))
    finally:
        await receipt.discard()


def _whole(form: FormReader, last: bytearray) -> FormReader:
    form.write(last)
    form.close()
    return form


def _take_form(door: Door, receipt: Receipt, form: FormReader) -> JSONResponse:
    return door.take_file(receipt, form.filename or "", form.fields.get("password"))


def _take_json(door: Door, body: bytearray) -> JSONResponse:
    given = parsed(FileInJson, body)
    content = rules.decode_base64(given.content)
    with door.receipt(len(content)) as receipt:
        receipt.write(content)
        return door.take_file(receipt, given.filename, given.password)


def _take_text(door: Door, body: bytearray) -> JSONResponse:
    given = parsed(TextInJson, body)
    if not given.content.strip():
        raise InvalidInput("The text is empty.", code="empty_text", hint="Write something first.")
    title = rules.title_of_text(given.content, given.title)
    content = given.content.encode("utf-8", "replace")
    with door.receipt(len(content)) as receipt:
        receipt.write(content)
        return door.take(receipt, Upload(TEXT_JOB, "text", title, rules.filename(title.rstrip(". ") + ".md"), MARKDOWN))


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def parsed(model: type[Body], raw: bytearray) -> Body:
    """The body as `model`. Raises InvalidInput: `invalid_json`, `missing_filename`, `missing_content`, …"""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
    if problem["type"] == "json_invalid":
        raise InvalidInput("The body is not valid JSON.", code="invalid_json", hint="Send a JSON object.")
    field = str(problem["loc"][0]) if problem["loc"] else "body"
    if problem["type"] == "missing":
        raise InvalidInput(f"`{field}` is missing.", code=f"missing_{field}", hint="See /docs for what is expected.")
    raise InvalidInput(f"`{field[:100]}`: {problem['msg']}.", hint="See /docs for what is expected.")
