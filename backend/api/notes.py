"""Notes on documents."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.store import notes

LONGEST = 20_000


class Note(BaseModel):
    """A note on a document; `text` is Markdown."""

    id: int
    document_id: int
    text: str
    created_at: datetime
    updated_at: datetime


class NoteList(BaseModel):
    """A page of notes."""

    items: list[Note]
    next_cursor: str | None
    total: int


class NoteText(BaseModel):
    """What the note says, in Markdown."""

    text: str = Field(max_length=LONGEST)


class NoteDeleted(BaseModel):
    """It is gone."""

    deleted: bool = True


router = APIRouter(tags=["notes"])


def _shown(row: notes.Note) -> Note:
    return Note.model_validate(row, from_attributes=True)


@router.get("/documents/{document_id}/notes")
def note_list(
    services: ServicesDep, principal: ReadAccess, document_id: RowId, cursor: str | None = None, limit: Limit = 50
) -> NoteList:
    """The notes on a document, the oldest first."""
    after = None
    if cursor is not None:
        at, note_id = cursors.decode(cursor, 2)
        after = (cursors.moment(at), cursors.number(note_id))
    with services.database.session(principal.user_id) as session:
        rows, total = notes.page(session, principal.user_id, document_id, after=after, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = None if last is None else cursors.encode(last.created_at.isoformat(), last.id)
    return NoteList(items=[_shown(row) for row in rows[:limit]], next_cursor=next_cursor, total=total)


@router.post("/documents/{document_id}/notes", status_code=201, response_model=Note)
def note_add(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId, new: NoteText
) -> JSONResponse:
    """Write a note on a document."""
    words = _checked(new.text)

    def add() -> Answer:
        return Answer(_shown(notes.add(session, principal.user_id, document_id, words)), status=201)

    with services.database.session(principal.user_id) as session:
        return once(session, add)


@router.patch("/notes/{note_id}", response_model=Note)
def note_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, note_id: RowId, new: NoteText
) -> JSONResponse:
    """Let a note say something else."""
    words = _checked(new.text)

    def change() -> Answer:
        row = notes.get(session, principal.user_id, note_id)
        notes.change(session, row, words)
        return Answer(_shown(row))

    with services.database.session(principal.user_id) as session:
        return once(session, change)


@router.delete("/notes/{note_id}", response_model=NoteDeleted)
def note_delete(services: ServicesDep, principal: UploadAccess, once: OnceDep, note_id: RowId) -> JSONResponse:
    """Throw a note away."""

    def delete() -> Answer:
        notes.remove(session, notes.get(session, principal.user_id, note_id))
        return Answer(NoteDeleted())

    with services.database.session(principal.user_id) as session:
        return once(session, delete)


def _checked(text: str) -> str:
    if not text.strip():
        raise InvalidInput("A note says something.", code="empty_note", hint="Write a word, or delete the note.")
    return text
