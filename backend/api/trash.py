"""Deleting documents, and having them back."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.document_detail import DocumentDetail, detail
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.jobs import enqueue
from backend.store import documents, families, trash


class Trashed(BaseModel):
    """A document in the trash; one that was merged comes back by undoing `merge_id`."""

    id: int
    title: str
    filename: str
    kind: str
    media_type: str
    size_bytes: int
    created_at: datetime
    deleted_at: datetime
    merged_into: int | None
    merge_id: int | None


class TrashList(BaseModel):
    """A page of the trash."""

    items: list[Trashed]
    next_cursor: str | None
    total: int


router = APIRouter(tags=["documents"])


@router.delete("/documents/{document_id}", response_model=Trashed)
def document_delete(services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId) -> JSONResponse:
    """Move a document to the trash, with all that came out of it; what still works on them is cancelled."""
    owner_id = principal.user_id

    def delete() -> Answer:
        documents.get(session, owner_id, document_id)
        for number in (document_id, *families.descendants(session, owner_id, document_id)):
            enqueue.cancel_for_document(session, owner_id, number)
        row = trash.put(session, owner_id, document_id)
        return Answer(Trashed.model_validate(row, from_attributes=True))

    with services.database.session(owner_id) as session:
        return once(session, delete)


@router.get("/trash")
def trash_list(services: ServicesDep, principal: ReadAccess, cursor: str | None = None, limit: Limit = 50) -> TrashList:
    """Deleted documents, the last deleted first."""
    after = None
    if cursor is not None:
        moment, document_id = cursors.decode(cursor, 2)
        after = (cursors.moment(moment), cursors.number(document_id))
    with services.database.session(principal.user_id) as session:
        rows, total = trash.page(session, principal.user_id, after=after, limit=limit + 1)
    shown = [Trashed.model_validate(row, from_attributes=True) for row in rows[:limit]]
    more = len(rows) > limit
    next_cursor = cursors.encode(shown[-1].deleted_at.isoformat(), shown[-1].id) if more else None
    return TrashList(items=shown, next_cursor=next_cursor, total=total)


@router.post("/documents/{document_id}/restore", response_model=DocumentDetail)
def document_restore(services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId) -> JSONResponse:
    """Take a document out of the trash. 409 when the same file was uploaded again meanwhile, or after a merge."""
    owner_id = principal.user_id

    def restore() -> Answer:
        trash.restore(session, owner_id, document_id)
        return Answer(detail(session, owner_id, document_id))

    with services.database.session(owner_id) as session:
        return once(session, restore)
