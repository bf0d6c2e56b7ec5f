"""What is in a document: its original, its text, its passages, and which documents are like it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep
from backend.api.documents import Document, items
from backend.domain import cursors, youtube
from backend.store import document_lists, documents, embedding_models, passages, related

INLINE = frozenset({"image/png", "image/jpeg", "image/webp", "application/pdf"})
"""What a browser may show by itself; everything else is only ever downloaded."""


class TextPart(BaseModel):
    """A run of the text from one place of the original."""

    start: int
    end: int
    place: dict[str, Any]


class DocumentText(BaseModel):
    """The whole text of a document."""

    text: str
    parts: list[TextPart]
    language: str | None


class Passage(BaseModel):
    """One passage; `start` and `end` are offsets into the text. `url` leads to the very second of a YouTube video."""

    id: int
    ordinal: int
    text: str
    start: int
    end: int
    heading: str | None
    place: dict[str, Any]
    url: str | None = None


class PassageList(BaseModel):
    """A page of passages in the order of the text."""

    items: list[Passage]
    next_cursor: str | None
    total: int


class RelatedDocument(BaseModel):
    """A document like another one, and why."""

    document: Document
    similarity: float
    shared_concepts: list[str]
    same_cluster: bool
    reason: str


class RelatedList(BaseModel):
    """Documents like this one, the nearest first."""

    items: list[RelatedDocument]
    next_cursor: None = None
    total: int


router = APIRouter(tags=["documents"])


@router.get("/documents/{document_id}/text")
def document_text(services: ServicesDep, principal: ReadAccess, document_id: RowId) -> DocumentText:
    """The text that was read from the document. 404 `no_text` before it was."""
    with services.database.session(principal.user_id) as session:
        documents.get(session, principal.user_id, document_id)
        text, parts, language = documents.content(session, document_id)
    shown = [TextPart(start=part.start, end=part.end, place=part.place) for part in parts]
    return DocumentText(text=text, parts=shown, language=language)


@router.get("/documents/{document_id}/file", response_class=FileResponse)
def document_file(
    services: ServicesDep,
    principal: ReadAccess,
    document_id: RowId,
    *,
    inline: Annotated[bool, Query(description="Show pictures and PDF in the browser instead of saving them.")] = False,
) -> FileResponse:
    """The original, byte for byte; ranges can be asked for."""
    with services.database.session(principal.user_id) as session:
        document = documents.get(session, principal.user_id, document_id)
        sha256 = documents.blob_of(document)
    shown = inline and document.media_type in INLINE
    # a browser's PDF viewer does not start inside a sandbox; nothing can run or load from such an answer all the same
    sandbox = "" if shown and document.media_type == "application/pdf" else "; sandbox"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'{sandbox}"
    return FileResponse(
        services.blobs.path(sha256),
        media_type=document.media_type,
        filename=document.filename,
        content_disposition_type="inline" if shown else "attachment",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
            "Cache-Control": "private, no-cache",
            "ETag": f'"{sha256}"',
        },
    )


@router.get("/documents/{document_id}/passages")
def document_passages(
    services: ServicesDep, principal: ReadAccess, document_id: RowId, cursor: str | None = None, limit: Limit = 50
) -> PassageList:
    """The passages of the document."""
    after = cursors.number(cursors.decode(cursor, 1)[0]) if cursor else -1
    with services.database.session(principal.user_id) as session:
        source_url = documents.get(session, principal.user_id, document_id).source_url
        rows = passages.page(session, principal.user_id, document_id, after=after, limit=limit + 1)
        total = passages.count(session, principal.user_id, document_id)
    shown = [Passage.model_validate(row, from_attributes=True) for row in rows[:limit]]
    for passage in shown:
        passage.url = youtube.moment_url(source_url, passage.place)
    more = len(rows) > limit
    return PassageList(items=shown, next_cursor=cursors.encode(shown[-1].ordinal) if more else None, total=total)


@router.get("/documents/{document_id}/related")
def document_related(
    services: ServicesDep,
    principal: ReadAccess,
    document_id: RowId,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> RelatedList:
    """Documents that are like this one in meaning, with what they share."""
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        document = documents.get(session, owner_id, document_id)
        model = embedding_models.serving(session) or services.embedder.model
        near = related.to_document(session, owner_id, document_id, model, limit=limit)
        rows = document_lists.of_ids(session, owner_id, [other.document_id for other in near])
        shown = {item.id: item for item in items(session, owner_id, list(rows.values()))}
    found = [
        RelatedDocument(
            document=shown[other.document_id],
            similarity=round(other.similarity, 3),
            shared_concepts=list(other.shared),
            same_cluster=document.cluster_id is not None and shown[other.document_id].cluster_id == document.cluster_id,
            reason=other.reason,
        )
        for other in near
        if other.document_id in shown
    ]
    return RelatedList(items=found, total=len(found))
