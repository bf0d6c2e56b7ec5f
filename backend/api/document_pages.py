"""The pages of a document that were read as pictures: what stands where, and how they look."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep
from backend.domain import cursors, media_types, scans
from backend.domain.content import Part
from backend.domain.errors import NotFound, Unavailable
from backend.store import document_pages, document_thumbnails, documents
from backend.store.document_pages import DocumentPage
from backend.store.documents import Document

AT_ONCE = 8
"""Pictures drawn or waiting to be drawn at one moment; one more is told to come back."""
LONGEST, SHORTEST = 2400, 100
PageNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
IfNoneMatch = Annotated[str | None, Header(include_in_schema=False)]

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {}}},
    304: {"description": "As you have it."},
}
_turns = threading.BoundedSemaphore(AT_ONCE)


class PageWord(BaseModel):
    """A word; `box` is [left, top, right, bottom] in pixels of the page, `start` and `end` its place in the text."""

    text: str
    box: tuple[int, int, int, int]
    start: int | None
    end: int | None


class Page(BaseModel):
    """One page that was read as a picture, or failed to be; `width` and `height` in pixels, upright."""

    page: int
    state: str
    width: int
    height: int
    engine: str | None
    confidence: float | None
    error: dict[str, Any] | None
    words: list[PageWord]


class PageList(BaseModel):
    """Pages in order. `page_count` counts all pages of the document, those with a text layer too."""

    items: list[Page]
    next_cursor: str | None
    total: int
    page_count: int | None


router = APIRouter(tags=["documents"])


@router.get("/documents/{document_id}/pages")
def document_page_list(
    services: ServicesDep,
    principal: ReadAccess,
    document_id: RowId,
    *,
    page: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="This page only.")] = None,
    boxes: Annotated[bool, Query(description="With every word and where it stands.")] = False,
    cursor: str | None = None,
    limit: Limit = 50,
) -> PageList:
    """The pages that were read as pictures, as soon as they are. `state` is "read" or "failed"."""
    owner_id = principal.user_id
    after = cursors.number(cursors.decode(cursor, 1)[0]) if cursor else 0
    after, limit = (page - 1, 1) if page is not None else (after, limit)
    with services.database.session(owner_id) as session:
        document = documents.get(session, owner_id, document_id)
        rows = document_pages.page(session, owner_id, document_id, after=after, limit=limit + 1, boxes=boxes)
        total = document_pages.count(session, owner_id, document_id)
        text, parts = _text(session, document) if boxes else ("", ())
    if page is not None:
        rows = [row for row in rows if row.page == page]
    items = [_page(row, _words(row, text, parts) if boxes else []) for row in rows[:limit]]
    more = len(rows) > limit
    count = document.details.get("page_count")
    return PageList(
        items=items, next_cursor=cursors.encode(items[-1].page) if more else None, total=total, page_count=count
    )


def _text(session: Session, document: Document) -> tuple[str, Sequence[Part]]:
    if document.char_count is None:
        return "", ()
    text, parts, _ = documents.content(session, document.id)
    return text, parts


def _page(row: DocumentPage, words: list[PageWord]) -> Page:
    return Page(
        page=row.page,
        state="failed" if row.error else "read",
        width=row.width,
        height=row.height,
        engine=row.engine or None,
        confidence=None if row.error else round(row.confidence, 3),
        error=row.error,
        words=words,
    )


def _words(row: DocumentPage, text: str, parts: Sequence[Part]) -> list[PageWord]:
    part = next((part for part in parts if part.place.get("page") == row.page), Part(0, 0))
    places = scans.aligned([box[0] for box in row.boxes], text, part.start, part.end)
    sides = (row.width, row.height, row.width, row.height)
    return [
        PageWord(
            text=written,
            box=tuple(round(share * side) for share, side in zip(box, sides, strict=True)),
            start=place[0] if place else None,
            end=place[1] if place else None,
        )
        for (written, *box), place in zip(row.boxes, places, strict=True)
    ]


@router.get("/documents/{document_id}/pages/{page}/picture", response_class=Response, responses=_PICTURE)
def document_page_picture(
    services: ServicesDep,
    principal: ReadAccess,
    document_id: RowId,
    page: PageNumber,
    longest: Annotated[int, Query(ge=SHORTEST, le=LONGEST, description="Pixels of the longer side, at most.")] = 1600,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """How a page of a picture or a PDF looks, upright, as WebP."""
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        document = documents.get(session, owner_id, document_id)
        sha256 = documents.blob_of(document)
        rotation = document_pages.rotation(session, owner_id, document_id, page)
    count = document.details.get("page_count")
    if document.media_type not in media_types.DRAWN or (count is not None and page > count):
        raise NotFound(
            "There is no such page to look at.", code="page_not_found", hint="Pictures and PDFs have pages, from 1 on."
        )
    etag = f'"{sha256}-{page}-{rotation}-{longest}"'
    if if_none_match == etag:
        return _shown(None, etag)
    with _turn():
        picture = services.renderer.draw(
            services.blobs.path(sha256),
            media_type=document.media_type,
            page=page,
            longest=longest,
            encoding="webp",
            rotation=rotation,
        )
    return _shown(picture, etag)


@router.get("/documents/{document_id}/thumbnail", response_class=Response, responses=_PICTURE)
def document_thumbnail(
    services: ServicesDep, principal: ReadAccess, document_id: RowId, if_none_match: IfNoneMatch = None
) -> Response:
    """A small picture of the first page, as WebP. 404 `no_thumbnail` where there is none, or none yet."""
    with services.database.session(principal.user_id) as session:
        documents.get(session, principal.user_id, document_id)
        picture = document_thumbnails.get(session, principal.user_id, document_id)
    if picture is None:
        raise NotFound(
            "There is no thumbnail of this document.",
            code="no_thumbnail",
            hint="Pictures and PDFs that were read have one.",
        )
    etag = f'"{hashlib.sha256(picture).hexdigest()}"'
    return _shown(None if if_none_match == etag else picture, etag)


@contextmanager
def _turn() -> Iterator[None]:
    """Drawing takes a thread that other routes need too: only a few may wait for it."""
    if not _turns.acquire(blocking=False):
        raise Unavailable(
            "Too many pages are being drawn.", code="busy", hint="Ask for it again in a moment.", retry_after=1
        )
    try:
        yield
    finally:
        _turns.release()


def _shown(picture: bytes | None, etag: str) -> Response:
    """The picture, or 304 for one that is known."""
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if picture is None:
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/webp", headers=headers)
