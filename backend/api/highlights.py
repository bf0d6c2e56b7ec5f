"""Highlights: runs of a document's text that a person marked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.domain import highlights as anchoring
from backend.domain.errors import Conflict, InvalidInput
from backend.store import highlights

LONGEST_NOTE = 5_000

Colour = Literal["yellow", "green", "blue", "pink", "purple", "orange"]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
NoteText = Annotated[str | None, Field(max_length=LONGEST_NOTE)]


class Highlight(BaseModel):
    """A marked run of the text: characters from `start` up to `end`, which said `quote` when it was marked.

    When the document is read again it is found again by its words. Where none are like them it is `lost`: its offsets
    are those of an earlier reading. `place` is that of the passage in which it begins.
    """

    id: int
    document_id: int
    start: int
    end: int
    quote: str
    colour: Colour
    note: str | None
    passage_id: int | None
    place: dict[str, Any] | None
    lost: bool


class HighlightList(BaseModel):
    """A page of highlights."""

    items: list[Highlight]
    next_cursor: str | None
    total: int


class NewHighlight(BaseModel):
    """Offsets into the text of `GET /documents/{document_id}/text`, in characters (code points).

    With `quote`, the text there has to say so: a page that shows an older reading marks nothing wrong.
    """

    start: Offset
    end: Offset
    quote: str | None = Field(default=None, max_length=anchoring.LONGEST)
    colour: Colour = "yellow"
    note: NoteText = None


class HighlightPatch(BaseModel):
    """Another colour, another note; `"note": null` takes the note away."""

    colour: Colour | None = None
    note: NoteText = None


class HighlightDeleted(BaseModel):
    """It is gone."""

    deleted: bool = True


router = APIRouter(tags=["highlights"])


def _shown(session: Session, rows: list[highlights.Highlight]) -> list[Highlight]:
    return [
        Highlight(
            **{name: getattr(row, name) for name in Highlight.model_fields if name not in ("passage_id", "place")},
            passage_id=passage_id,
            place=place,
        )
        for row, passage_id, place in highlights.shown(session, rows)
    ]


@router.get("/documents/{document_id}/highlights")
def highlight_list(
    services: ServicesDep, principal: ReadAccess, document_id: RowId, cursor: str | None = None, limit: Limit = 200
) -> HighlightList:
    """The highlights of a document, in the order of its text."""
    after = None
    if cursor is not None:
        start, highlight_id = (cursors.number(part) for part in cursors.decode(cursor, 2))
        after = (start, highlight_id)
    with services.database.session(principal.user_id) as session:
        rows, total = highlights.page(session, principal.user_id, document_id, after=after, limit=limit + 1)
        items = _shown(session, rows[:limit])
    next_cursor = cursors.encode(items[-1].start, items[-1].id) if len(rows) > limit else None
    return HighlightList(items=items, next_cursor=next_cursor, total=total)


@router.post("/documents/{document_id}/highlights", status_code=201, response_model=Highlight)
def highlight_add(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId, new: NewHighlight
) -> JSONResponse:
    """Mark a run of a document's text. Highlights may overlap."""
    owner_id = principal.user_id

    def add() -> Answer:
        anchor = _anchor(highlights.text_of(session, owner_id, document_id), new)
        row = highlights.add(session, owner_id, document_id, anchor, colour=new.colour, note=new.note or None)
        return Answer(_shown(session, [row])[0], status=201)

    with services.database.session(owner_id) as session:
        return once(session, add)


@router.patch("/highlights/{highlight_id}", response_model=Highlight)
def highlight_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, highlight_id: RowId, patch: HighlightPatch
) -> JSONResponse:
    """Give a highlight another colour or another note."""

    def change() -> Answer:
        row = highlights.get(session, principal.user_id, highlight_id)
        values: dict[str, Any] = {} if patch.colour is None else {"colour": patch.colour}
        if "note" in patch.model_fields_set:
            values["note"] = patch.note or None
        highlights.change(session, row, **values)
        return Answer(_shown(session, [row])[0])

    with services.database.session(principal.user_id) as session:
        return once(session, change)


@router.delete("/highlights/{highlight_id}", response_model=HighlightDeleted)
def highlight_delete(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, highlight_id: RowId
) -> JSONResponse:
    """Take a highlight away."""

    def delete() -> Answer:
        highlights.remove(session, highlights.get(session, principal.user_id, highlight_id))
        return Answer(HighlightDeleted())

    with services.database.session(principal.user_id) as session:
        return once(session, delete)


def _anchor(text: str, new: NewHighlight) -> anchoring.Anchor:
    if not new.start < new.end <= len(text) or not text[new.start : new.end].strip():
        raise InvalidInput(
            "There is no text from there to there.",
            code="invalid_range",
            hint="`start` and `end` are offsets in characters into the text of the document.",
        )
    if new.end - new.start > anchoring.LONGEST:
        raise InvalidInput(
            f"A highlight has at most {anchoring.LONGEST} characters.", code="range_too_long", hint="Mark it in parts."
        )
    if new.quote is not None and text[new.start : new.end] != new.quote:
        raise Conflict(
            "The text there says something else by now.", code="text_changed", hint="Load the document again."
        )
    return anchoring.anchor(text, new.start, new.end)
