"""The way onto the board for pictures, with what a person says of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from backend.api.multipart import FormReader
from backend.api.receiving import Receipt
from backend.api.uploads import Accepted, Door, DoorDep, FileInJson, parsed, received
from backend.domain import media_types
from backend.domain import uploads as rules
from backend.domain.errors import InvalidInput, Unreadable
from backend.domain.text import clean
from backend.jobs import uploads
from backend.jobs.uploads import Upload

IMAGE_JOB = "process_image_upload"
LONGEST_DESCRIPTION = 10_000


class ImageInJson(FileInJson):
    """A picture in JSON, as a file is; what is said of it is found and read like the words on it."""

    description: str | None = Field(default=None, max_length=LONGEST_DESCRIPTION)


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "description": {"type": "string", "maxLength": LONGEST_DESCRIPTION},
    },
}
IMAGE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FORM},
            "application/json": {"schema": ImageInJson.model_json_schema()},
        },
    }
}

router = APIRouter(tags=["uploads"])


@router.post("/upload_image", status_code=202, response_model=Accepted, openapi_extra=IMAGE_BODY)
async def upload_image(request: Request, door: DoorDep) -> JSONResponse:
    """Add one picture: multipart/form-data with the field `file`, or JSON with base64; `description` in either."""
    return await received(request, door, _take_form, _take_json)


def _take_form(door: Door, receipt: Receipt, form: FormReader) -> JSONResponse:
    return door.take(receipt, _recognised(door, receipt, form.filename or "", form.fields.get("description")))


def _take_json(door: Door, body: bytearray) -> JSONResponse:
    given = parsed(ImageInJson, body)
    content = rules.decode_base64(given.content)
    with door.receipt(len(content)) as receipt:
        receipt.write(content)
        return door.take(receipt, _recognised(door, receipt, given.filename, given.description))


def _recognised(door: Door, receipt: Receipt, filename: str, description: str | None) -> Upload:
    """Raises InvalidInput (`empty_file`, `missing_filename`), Unreadable (`unsupported_type`)."""
    said = clean(description or "").strip()
    if len(said) > LONGEST_DESCRIPTION:
        raise InvalidInput(
            f"The description is over {LONGEST_DESCRIPTION:,} characters.", hint="Add the long text as a note."
        )
    file = uploads.recognise(door.services, receipt.blob, filename, None, said)
    if file.media_type not in media_types.IMAGES:
        raise Unreadable(
            f"This is no picture ({file.media_type}).",
            code="unsupported_type",
            hint="Add it with `POST /upload_file`, which takes files of every kind.",
        )
    return Upload(IMAGE_JOB, "image", file.title, file.filename, file.media_type, details=file.details)
