"""Tags: their names, colours and rules."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors, tags
from backend.domain.errors import InvalidInput
from backend.jobs.enqueue import enqueue
from backend.store import document_tags, tag_lists
from backend.store import tags as stored
from backend.store.tag_lists import Counted

Colour = Literal["grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown"]


class Tag(BaseModel):
    """A tag and how many documents have it; those are at `/documents?tag=`. A rule gives it by itself."""

    id: int
    name: str
    colour: Colour
    document_count: int
    rule: tags.Rule | None


class TagList(BaseModel):
    """A page of tags."""

    items: list[Tag]
    next_cursor: str | None
    total: int


class NewTag(BaseModel):
    """A name, and perhaps a colour and a rule."""

    name: str = Field(max_length=200)
    colour: Colour | None = None
    rule: tags.Rule | None = None


class TagPatch(BaseModel):
    """What changes. `"rule": null` takes the rule away; documents keep the tags it gave them."""

    name: str | None = Field(default=None, max_length=200)
    colour: Colour | None = None
    rule: tags.Rule | None = None


class Merged(BaseModel):
    """The tags that become part of another one."""

    tag_ids: list[int] = Field(min_length=1, max_length=100)


class Deleted(BaseModel):
    """It is gone."""

    deleted: bool = True


class Applying(BaseModel):
    """The job that applies the rule to every document of the board."""

    job_id: UUID
    tag_id: int
    message: str


router = APIRouter(tags=["tags"])


def _shown(counted: Counted) -> Tag:
    tag = counted.tag
    return Tag.model_validate(
        {
            "id": tag.id,
            "name": tag.name,
            "colour": tag.colour,
            "document_count": counted.documents,
            "rule": tag.rule,
        }
    )


def _answer(session: Session, owner_id: int, tag: stored.Tag, *, status: int = 200) -> Answer:
    return Answer(_shown(tag_lists.counted(session, owner_id, [tag])[0]), status=status)


@router.get("/tags")
def tag_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> TagList:
    """Tags by name."""
    after = None if cursor is None else str(cursors.decode(cursor, 1)[0])
    with services.database.session(principal.user_id) as session:
        rows, total = tag_lists.page(session, principal.user_id, q=q, after=after, limit=limit + 1)
    next_cursor = cursors.encode(rows[limit - 1].tag.key) if len(rows) > limit else None
    return TagList(items=[_shown(row) for row in rows[:limit]], next_cursor=next_cursor, total=total)


@router.post("/tags", status_code=201, response_model=Tag)
def tag_create(services: ServicesDep, principal: UploadAccess, once: OnceDep, new: NewTag) -> JSONResponse:
    """Make a tag. Its rule holds for what is read from now on; `POST /tags/{tag_id}/apply` is for what is there."""
    owner_id = principal.user_id
    name = tags.checked_name(new.name)
    tags.checked_rule(new.rule)

    def make() -> Answer:
        row = stored.create(session, owner_id, name, new.colour, _kept(new.rule))
        return _answer(session, owner_id, row, status=201)

    with services.database.session(owner_id) as session:
        return once(session, make)


@router.patch("/tags/{tag_id}", response_model=Tag)
def tag_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, tag_id: RowId, patch: TagPatch
) -> JSONResponse:
    """Give a tag another name, colour or rule."""
    owner_id = principal.user_id
    name = None if patch.name is None else tags.checked_name(patch.name)
    tags.checked_rule(patch.rule)

    def change() -> Answer:
        row = stored.get(session, owner_id, tag_id, lock=True)
        if name is not None:
            stored.rename(session, row, name)
        if patch.colour is not None:
            stored.paint(session, row, patch.colour)
        if "rule" in patch.model_fields_set:
            stored.set_rule(session, row, _kept(patch.rule))
            if patch.rule is None:
                document_tags.keep_all(session, owner_id, tag_id)
        return _answer(session, owner_id, row)

    with services.database.session(owner_id) as session:
        return once(session, change)


@router.delete("/tags/{tag_id}", response_model=Deleted)
def tag_delete(services: ServicesDep, principal: UploadAccess, once: OnceDep, tag_id: RowId) -> JSONResponse:
    """Take a tag off all documents and off the board."""
    owner_id = principal.user_id

    def delete() -> Answer:
        stored.remove(session, [stored.get(session, owner_id, tag_id, lock=True)])
        return Answer(Deleted())

    with services.database.session(owner_id) as session:
        return once(session, delete)


@router.post("/tags/{tag_id}/merge", response_model=Tag)
def tag_merge(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, tag_id: RowId, merged: Merged
) -> JSONResponse:
    """Put this tag on every document that has one of the others, and delete those."""
    owner_id = principal.user_id
    if tag_id in merged.tag_ids:
        raise InvalidInput("A tag cannot become part of itself.", code="same_tag", hint="Name other tags.")

    def merge() -> Answer:
        rows = {
            wanted: stored.get(session, owner_id, wanted, lock=True) for wanted in sorted({tag_id, *merged.tag_ids})
        }
        kept = rows.pop(tag_id)
        document_tags.move(session, owner_id, list(rows), tag_id)
        stored.remove(session, list(rows.values()))
        return _answer(session, owner_id, kept)

    with services.database.session(owner_id) as session:
        return once(session, merge)


@router.post("/tags/{tag_id}/apply", status_code=202, response_model=Applying)
def tag_apply(services: ServicesDep, principal: UploadAccess, once: OnceDep, tag_id: RowId) -> JSONResponse:
    """Apply the tag's rule to every document of the board: it is given where it holds, and what it gave taken back."""
    owner_id = principal.user_id
    queues: list[str] = []

    def begin() -> Answer:
        tag = stored.get(session, owner_id, tag_id, lock=True)
        if tag.rule is None:
            raise InvalidInput("This tag has no rule.", code="no_rule", hint="Give it one with `PATCH /tags/{tag_id}`.")
        row = enqueue(
            session,
            kind="apply_tag",
            owner_id=owner_id,
            input={"tag_id": tag_id},
            max_attempts=services.settings.max_attempts,
        )
        queues.append(row.queue)
        body = Applying(job_id=row.id, tag_id=tag_id, message=f"Applying the rule of “{tag.name}”.")
        return Answer(body, status=202, headers={"Location": f"/jobs/{row.id}/status"})

    with services.database.session(owner_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response


def _kept(rule: tags.Rule | None) -> dict[str, object] | None:
    return None if rule is None else rule.model_dump(exclude_none=True)
