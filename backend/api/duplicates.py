"""Duplicates: looking for them, and the groups that were found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors, differences
from backend.domain.duplicates import Facts, Group, Role
from backend.domain.likeness import LAYERS, NEAR, Layer
from backend.jobs.enqueue import enqueue_unless_open
from backend.store import duplicates
from backend.store.documents import Document
from backend.store.jobs import JobRow


class Scan(BaseModel):
    """What to look for."""

    threshold: float = Field(default=NEAR, ge=0.1, le=1, description="The least likeness of what is found.")
    layers: list[Layer] = Field(default=list(LAYERS), min_length=1, description="Which kinds of duplicates.")


class Scanning(BaseModel):
    """The job that looks."""

    job_id: UUID
    message: str


class DuplicateDocument(BaseModel):
    """A document of a group; `likeness` is to the primary, or the weakest step to it."""

    document_id: int
    title: str
    filename: str
    media_type: str
    size_bytes: int
    char_count: int | None
    source_url: str | None
    created_at: datetime
    likeness: float
    role: Role


class DuplicateGroup(BaseModel):
    """Documents that are one, the one to keep first; `likeness` is that of the member least like it."""

    id: str
    layer: Layer
    likeness: float
    primary_id: int
    what_differs: str
    documents: list[DuplicateDocument]


class LastScan(BaseModel):
    """How the newest scan stands."""

    job_id: UUID
    state: str
    percent: float
    finished_at: datetime | None
    pairs: int | None
    groups: int | None


class DuplicateList(BaseModel):
    """A page of groups, the most alike first."""

    items: list[DuplicateGroup]
    next_cursor: str | None
    total: int
    last_scan: LastScan | None


router = APIRouter(tags=["duplicates"])


@router.post("/duplicates/scan", status_code=202, response_model=Scanning)
def duplicates_scan(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, wish: Scan | None = None
) -> JSONResponse:
    """Look through the whole board for duplicates. One scan at a time: while one is open it is the answer."""
    queues: list[str] = []

    def begin() -> Answer:
        row, new = enqueue_unless_open(
            session,
            kind=duplicates.KIND,
            owner_id=principal.user_id,
            input=(wish or Scan()).model_dump(),
            max_attempts=services.settings.max_attempts,
        )
        queues.extend([row.queue] if new else [])
        message = "Looking for duplicates" if new else "A scan is under way already"
        scanning = Scanning(job_id=row.id, message=message)
        return Answer(scanning, status=202, headers={"Location": f"/jobs/{row.id}/status"})

    with services.database.session(principal.user_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response


@router.get("/duplicates")
def duplicates_list(
    services: ServicesDep,
    principal: ReadAccess,
    layer: Layer | None = None,
    document: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Groups with this document.")] = None,
    min_likeness: Annotated[float, Query(ge=0, le=1)] = 0.0,
    cursor: str | None = None,
    limit: Limit = 50,
) -> DuplicateList:
    """Groups of documents that are one: the same text, versions, parts of a whole, the same meaning, one picture."""
    after = _after(cursor)
    with services.database.session(principal.user_id) as session:
        found, facts = duplicates.groups(session, principal.user_id)
        chosen = [
            group
            for group in found
            if (layer is None or group.layer == layer)
            and (document is None or any(member.document_id == document for member in group.members))
            and group.likeness >= min_likeness
        ]
        rest = [group for group in chosen if after is None or _place(group) > after]
        items = _shown(session, principal.user_id, rest[:limit], facts)
        last = duplicates.last_scan(session, principal.user_id)
    more = len(rest) > limit
    next_cursor = cursors.encode(*_place(rest[limit - 1])) if more else None
    return DuplicateList(
        items=items, next_cursor=next_cursor, total=len(chosen), last_scan=_last(last) if last else None
    )


def _after(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    likeness, group = cursors.decode(cursor, 2)
    return cursors.number(likeness), str(group)


def _place(group: Group) -> tuple[int, str]:
    """Where a group stands in the list, in numbers that a cursor holds exactly."""
    return -round(group.likeness * 1e9), group.id


def _shown(session: Session, owner_id: int, groups: list[Group], facts: dict[int, Facts]) -> list[DuplicateGroup]:
    rows = duplicates.documents_of(session, owner_id, [m.document_id for group in groups for m in group.members])
    return [
        DuplicateGroup(
            id=group.id,
            layer=group.layer,
            likeness=round(group.likeness, 3),
            primary_id=group.primary_id,
            what_differs=differences.of_group(group, facts),
            documents=[
                _document(rows[member.document_id], member.likeness, member.role)
                for member in group.members
                if member.document_id in rows
            ],
        )
        for group in groups
    ]


def _document(row: Document, likeness: float, role: Role) -> DuplicateDocument:
    names = DuplicateDocument.model_fields.keys() - {"document_id", "likeness", "role"}
    fields = {name: getattr(row, name) for name in names}
    return DuplicateDocument(document_id=row.id, likeness=round(likeness, 3), role=role, **fields)


def _last(row: JobRow) -> LastScan:
    result = row.result or {}
    return LastScan(
        job_id=row.id,
        state=row.state,
        percent=round(row.percent, 1),
        finished_at=row.finished_at,
        pairs=result.get("pairs"),
        groups=result.get("groups"),
    )
