"""Acting on duplicates: merging them, having them back, and saying that they are none."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors, merging
from backend.store import duplicate_verdicts, merges
from backend.store.merges import Listed

DocumentId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class MergeWish(BaseModel):
    """Which document stays, and which become part of it."""

    keep_doc_id: DocumentId
    delete_doc_ids: list[DocumentId] = Field(min_length=1, max_length=merging.MOST_AT_ONCE)


class Moved(BaseModel):
    """How many of each came to the kept document."""

    tags: int = 0
    concepts: int = 0
    notes: int = 0
    highlights: int = 0
    urls: int = 0
    children: int = 0


class Merged(BaseModel):
    """What a merge did. The merged documents are in the trash until it is undone."""

    merge_id: int
    keep_doc_id: int
    deleted_doc_ids: list[int]
    undo_until: datetime
    moved: Moved


class MergedDocument(BaseModel):
    """A document that was merged into another; without a title once it is gone for good."""

    document_id: int
    title: str | None


class Merge(Merged):
    """A merge in the list of them. `keep_doc_id` is null once that document is gone for good."""

    keep_doc_id: int | None  # type: ignore[assignment]  # a merge outlives its documents
    keep_title: str | None
    documents: list[MergedDocument]
    at: datetime
    undone_at: datetime | None
    can_undo: bool


class MergeList(BaseModel):
    """A page of merges."""

    items: list[Merge]
    next_cursor: str | None
    total: int


class Undone(BaseModel):
    """What came back."""

    merge_id: int
    keep_doc_id: int | None
    restored_doc_ids: list[int]
    undone_at: datetime


class Dismissal(BaseModel):
    """Documents no two of which are duplicates."""

    document_ids: list[DocumentId] = Field(min_length=2, max_length=merging.MOST_AT_ONCE)


class Dismissed(BaseModel):
    """How many pairs are known as different since, or are no longer."""

    document_ids: list[int]
    pairs: int


router = APIRouter(tags=["duplicates"])


@router.post("/duplicates/merge", response_model=Merged)
def duplicates_merge(services: ServicesDep, principal: UploadAccess, once: OnceDep, wish: MergeWish) -> JSONResponse:
    """Make several documents one: tags, concepts, notes, highlights, addresses and parts come together on the kept one.

    The others go to the trash. It can be undone for 30 days.
    """
    owner_id = principal.user_id

    def merge() -> Answer:
        row = merges.merge(session, owner_id, wish.keep_doc_id, wish.delete_doc_ids)
        return Answer(
            Merged(
                merge_id=row.id,
                keep_doc_id=wish.keep_doc_id,
                deleted_doc_ids=row.merged_ids,
                undo_until=merges.undo_until(session, row.id),
                moved=Moved.model_validate(row.moved),
            )
        )

    with services.database.session(owner_id) as session:
        return once(session, merge)


@router.get("/duplicates/merges")
def duplicates_merges(
    services: ServicesDep, principal: ReadAccess, cursor: str | None = None, limit: Limit = 50
) -> MergeList:
    """What was merged, the newest first."""
    after = None
    if cursor is not None:
        moment, merge_id = cursors.decode(cursor, 2)
        after = (cursors.moment(moment), cursors.number(merge_id))
    with services.database.session(principal.user_id) as session:
        rows, total = merges.page(session, principal.user_id, after=after, limit=limit + 1)
    shown = [_merge(row) for row in rows[:limit]]
    more = len(rows) > limit
    return MergeList(
        items=shown,
        next_cursor=cursors.encode(shown[-1].at.isoformat(), shown[-1].merge_id) if more else None,
        total=total,
    )


def _merge(row: Listed) -> Merge:
    merge = row.merge
    return Merge(
        merge_id=merge.id,
        keep_doc_id=merge.kept_id,
        keep_title=row.titles.get(merge.kept_id) if merge.kept_id is not None else None,
        deleted_doc_ids=merge.merged_ids,
        documents=[MergedDocument(document_id=one, title=row.titles.get(one)) for one in merge.merged_ids],
        at=merge.at,
        undo_until=row.undo_until,
        undone_at=merge.undone_at,
        can_undo=row.can_undo,
        moved=Moved.model_validate(merge.moved),
    )


@router.post("/duplicates/merges/{merge_id}/undo", response_model=Undone)
def duplicates_merge_undo(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, merge_id: RowId
) -> JSONResponse:
    """Take a merge back: the documents are as they were, and what people changed since stays changed."""
    owner_id = principal.user_id

    def undo() -> Answer:
        row = merges.undo(session, owner_id, merge_id)
        return Answer(
            Undone(
                merge_id=row.id,
                keep_doc_id=row.kept_id,
                restored_doc_ids=row.merged_ids,
                undone_at=row.undone_at or row.at,
            )
        )

    with services.database.session(owner_id) as session:
        return once(session, undo)


@router.post("/duplicates/dismiss", response_model=Dismissed)
def duplicates_dismiss(services: ServicesDep, principal: UploadAccess, once: OnceDep, wish: Dismissal) -> JSONResponse:
    """Say that no two of these documents are duplicates: no scan shows them together again."""
    owner_id = principal.user_id

    def dismiss() -> Answer:
        ids = duplicate_verdicts.on_board(session, owner_id, wish.document_ids)
        return Answer(Dismissed(document_ids=ids, pairs=duplicate_verdicts.dismiss(session, owner_id, ids)))

    with services.database.session(owner_id) as session:
        return once(session, dismiss)


@router.post("/duplicates/dismissals/undo", response_model=Dismissed)
def duplicates_dismissals_undo(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, wish: Dismissal
) -> JSONResponse:
    """Forget that these were said to be different: the next scan may show them together again."""
    owner_id = principal.user_id

    def undo() -> Answer:
        ids = duplicate_verdicts.on_board(session, owner_id, wish.document_ids)
        return Answer(Dismissed(document_ids=ids, pairs=duplicate_verdicts.undo(session, owner_id, ids)))

    with services.database.session(owner_id) as session:
        return once(session, undo)
