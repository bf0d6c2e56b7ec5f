"""Uploads that can be gone on with after anything breaks: the tus protocol, 1.0.0 (https://tus.io).

How far an upload is, is the size of its file: nothing else has to be remembered, and nothing can disagree with it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from anyio import CancelScope
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from backend.api.appending import Appending
from backend.api.deps import ReadAccess, ServicesDep, UploadAccess
from backend.api.receiving import in_thread, pump
from backend.domain import resumable as tus
from backend.domain.errors import BoardError, Conflict, InvalidInput, NotFound
from backend.jobs import resumable
from backend.jobs.services import Services
from backend.store import resumable_uploads
from backend.store.resumable_uploads import ResumableUpload

PRECONDITION_FAILED = 412
PATIENCE_SECONDS = 20.0
"""Silence after which a connection is given up: another one can go on, but not while this one holds the upload."""


class UploadUnderWay(BaseModel):
    """An upload, and how far it is: `offset` of `length` bytes are safe."""

    upload_id: UUID
    filename: str
    offset: int
    length: int
    created_at: datetime
    expires_at: datetime


class UploadsUnderWay(BaseModel):
    """One's unfinished uploads, the newest first."""

    items: list[UploadUnderWay]
    next_cursor: None = None
    total: int


class TusRoute(APIRoute):
    """A route whose every answer, refusals too, says which protocol it speaks."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                answer = await handle(request)
            except (BoardError, RequestValidationError) as error:
                answer = await request.app.exception_handlers[_known(error)](request, error)
            answer.headers["Tus-Resumable"] = tus.VERSION
            if answer.status_code == PRECONDITION_FAILED:  # so that a client can choose another version
                answer.headers["Tus-Version"] = tus.VERSION
            return answer

        return handled


def _known(error: Exception) -> type[Exception]:
    return BoardError if isinstance(error, BoardError) else RequestValidationError


def speaks_tus(version: str | None) -> None:
    """Raises InvalidInput (`unsupported_version`)."""
    if version != tus.VERSION:
        raise InvalidInput(
            "This is not the version of the tus protocol that is spoken here.",
            code="unsupported_version",
            hint=f"Send `Tus-Resumable: {tus.VERSION}`.",
        )


Version = Annotated[str | None, Header(alias="Tus-Resumable", description="1.0.0")]


def upload_of(
    upload_id: UUID, services: ServicesDep, principal: UploadAccess, version: Version = None
) -> ResumableUpload:
    """One's own upload. Raises NotFound (`upload_not_found`), the same for what is unknown and what is somebody's."""
    with services.database.session(principal.user_id) as session:
        upload = resumable_uploads.get(session, principal.user_id, upload_id)
    if upload is None or (upload.finished_at is not None and upload.job_id is None):
        raise resumable.gone()
    speaks_tus(version)
    return upload


router = APIRouter(tags=["uploads"], route_class=TusRoute)


@router.options("/uploads/", status_code=204, response_class=Response)
def capabilities(services: ServicesDep) -> Response:
    """What is spoken here: version, extensions, checksums, the largest size."""
    headers = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": ",".join(tus.EXTENSIONS),
        "Tus-Max-Size": str(services.settings.max_upload_bytes),
        "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@router.get("/uploads/")
def under_way(services: ServicesDep, principal: ReadAccess) -> UploadsUnderWay:
    """One's unfinished uploads: what could be gone on with."""
    with services.database.session(principal.user_id) as session:
        rows = resumable_uploads.unfinished(session, principal.user_id)
    items = [_shown(row, _offset(services, row)) for row in rows]
    return UploadsUnderWay(items=items, total=len(items))


@router.post("/uploads/", status_code=201, response_model=UploadUnderWay)
async def begin(request: Request, services: ServicesDep, principal: UploadAccess, version: Version = None) -> Response:
    """Begin an upload of `Upload-Length` bytes; `Upload-Metadata` has filename, filetype, description, password.

    The first bytes may come along as application/offset+octet-stream. `Location` is where the others go.
    """
    speaks_tus(version)
    tus.refuse_extensions(request.headers)
    length = tus.number("Upload-Length", request.headers.get("upload-length"))
    given = tus.metadata(request.headers.get("upload-metadata"))
    checksum = tus.checksum(request.headers.get("upload-checksum"))
    upload = await in_thread(lambda: resumable.begin(services, principal.user_id, length, given))
    offset = 0
    if request.headers.get("content-type") == tus.CONTENT_TYPE:
        upload, offset = await _append(request, services, upload, 0, checksum)
    headers = {**_state(upload, offset), "Location": f"/uploads/{upload.id}"}
    return JSONResponse(_shown(upload, offset).model_dump(mode="json"), 201, headers)


@router.head("/uploads/{upload_id}", response_class=Response)
def offset_of(upload: Annotated[ResumableUpload, Depends(upload_of)], services: ServicesDep) -> Response:
    """How far an upload is. One whose bytes are all there is finished by asking, should it not be yet."""
    if upload.finished_at is None and _offset(services, upload) == upload.length:
        with services.blobs.partials.open(upload.id) as partial:
            upload = resumable.finish(services, upload.owner_id, upload.id, partial)
    told = {key: value for key, value in upload.metadata_.items() if key != "password"}
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    headers = {"Upload-Length": str(upload.length), "Upload-Metadata": ",".join(pairs)}
    return Response(status_code=200, headers={**_state(upload, _offset(services, upload)), **headers})


@router.patch("/uploads/{upload_id}", status_code=204, response_class=Response)
async def go_on(
    request: Request, upload: Annotated[ResumableUpload, Depends(upload_of)], services: ServicesDep
) -> Response:
    """Send bytes from `Upload-Offset` on. The last ones make the document and its job, named in the answer's headers.

    `Upload-Checksum` (sha1 or sha256) proves the bytes of this request: they count as a whole or not at all.
    """
    if request.headers.get("content-type") != tus.CONTENT_TYPE:
        raise InvalidInput(
            "The bytes of an upload come as application/offset+octet-stream.",
            code="unsupported_media_type",
            hint=f"Set `Content-Type: {tus.CONTENT_TYPE}`.",
        )
    offset = tus.number("Upload-Offset", request.headers.get("upload-offset"))
    checksum = tus.checksum(request.headers.get("upload-checksum"))
    return Response(status_code=204, headers=_state(*await _append(request, services, upload, offset, checksum)))


@router.delete("/uploads/{upload_id}", status_code=204, response_class=Response)
def give_up(upload: Annotated[ResumableUpload, Depends(upload_of)], services: ServicesDep) -> Response:
    """Forget an upload and its bytes; a document that came of it stays."""
    try:
        with services.blobs.partials.open(upload.id) as partial:
            resumable.forget(services, upload.owner_id, upload.id, partial)
    except NotFound:  # it was finished, or its file was lost
        resumable.forget(services, upload.owner_id, upload.id, None)
    return Response(status_code=204)


async def _append(
    request: Request, services: Services, upload: ResumableUpload, offset: int, checksum: tus.Checksum | None
) -> tuple[ResumableUpload, int]:
    """Take the body in, behind the bytes that are there; the upload and its offset afterwards."""
    if upload.finished_at is not None:
        _check_offset(offset, upload.length)
        return upload, upload.length
    partial = await in_thread(lambda: services.blobs.partials.open(upload.id))
    try:
        _check_offset(offset, partial.size)
        appending = Appending(services, upload, partial, checksum)
        await in_thread(appending.begin)
        last = await pump(request, appending.write, patience=PATIENCE_SECONDS, keep=True)
        after = await in_thread(lambda: appending.end(last))
        return after, partial.size
    finally:
        with CancelScope(shield=True):
            await in_thread(partial.close)


def _check_offset(offset: int, size: int) -> None:
    """Raises Conflict (`wrong_offset`)."""
    if offset != size:
        raise Conflict(
            f"The upload is at {size}, not at {offset}.",
            code="wrong_offset",
            hint="Ask for its offset with HEAD, and go on from there.",
        )


def _offset(services: Services, upload: ResumableUpload) -> int:
    return upload.length if upload.finished_at else services.blobs.partials.size(upload.id)


def _state(upload: ResumableUpload, offset: int) -> dict[str, str]:
    """The headers that say how far an upload is, and what became of it."""
    headers = {"Upload-Offset": str(offset)}
    if upload.finished_at is None:
        return headers | {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}
    headers |= {"SyncBoard-Job-Id": str(upload.job_id), "SyncBoard-Document-Id": str(upload.document_id)}
    return headers | ({"SyncBoard-Duplicate-Of": str(upload.document_id)} if upload.duplicate else {})


def _shown(upload: ResumableUpload, offset: int) -> UploadUnderWay:
    return UploadUnderWay(
        upload_id=upload.id,
        filename=resumable.name_of(upload.metadata_),
        offset=offset,
        length=upload.length,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
    )
