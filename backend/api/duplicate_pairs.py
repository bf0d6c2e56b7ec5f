"""Two documents side by side: what is the same in them, and what differs."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import ReadAccess, RowId, ServicesDep
from backend.domain import comparison
from backend.domain.comparison import Comparison
from backend.domain.content import Part
from backend.domain.errors import InvalidInput, NotFound
from backend.store import documents, duplicates
from backend.store.documents import Document


class PairDocument(BaseModel):
    """One of the two."""

    document_id: int
    title: str
    filename: str
    media_type: str
    size_bytes: int
    char_count: int | None
    source_url: str | None


class Side(BaseModel):
    """A piece of one of the texts: `start` and `end` are offsets into that document's text."""

    text: str
    start: int
    end: int
    place: dict[str, Any] | None


class Row(BaseModel):
    """One row: a paragraph of either, or of both where they are the same or nearly.

    The marks are the words that the other side does not have, `[start, end]` as offsets into the row's own `text`.
    """

    kind: Literal["same", "changed", "only_a", "only_b"]
    a: Side | None
    b: Side | None
    marks_a: list[tuple[int, int]]
    marks_b: list[tuple[int, int]]


class Pair(BaseModel):
    """Two documents side by side.

    `layer` and `likeness` are what the last scan found; null where it found nothing. `shared_a` is the part of the
    words of `a` that `b` has too, in the same order; null for what has no text, such as pictures, which have no rows
    either. `truncated`: not all rows are shown (`counts` counts all), or a stretch was too large to be looked into.
    """

    a: PairDocument
    b: PairDocument
    layer: str | None
    likeness: float | None
    shared_a: float | None
    shared_b: float | None
    rows: list[Row]
    counts: dict[str, int] = Field(description="Rows of each kind, those too that are not shown.")
    truncated: bool


router = APIRouter(tags=["duplicates"])


@router.get("/duplicates/{a}/{b}")
def duplicates_pair(services: ServicesDep, principal: ReadAccess, a: RowId, b: RowId) -> Pair:
    """Two documents side by side, paragraph by paragraph, with the differing words marked."""
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        both = documents.get(session, owner_id, a), documents.get(session, owner_id, b)
        if a == b:
            raise InvalidInput("One document is no pair.", code="one_document", hint="Name two different ones.")
        texts = [_text(session, document) for document in both]
        found = duplicates.pair(session, owner_id, a, b)
    compared = _compared(both, texts)
    return Pair(
        a=_document(both[0]),
        b=_document(both[1]),
        layer=found.layer if found else None,
        likeness=round(found.likeness, 3) if found else None,
        shared_a=round(compared.shared_a, 4) if compared else None,
        shared_b=round(compared.shared_b, 4) if compared else None,
        rows=[Row.model_validate(row, from_attributes=True) for row in compared.rows] if compared else [],
        counts={str(kind): number for kind, number in compared.counts.items()} if compared else {},
        truncated=compared.truncated if compared else False,
    )


def _text(session: Session, document: Document) -> tuple[str, tuple[Part, ...]] | None:
    """Its text and where that comes from; None before it was read."""
    try:
        text, parts, _ = documents.content(session, document.id)
    except NotFound:
        return None
    return text, parts


def _compared(both: tuple[Document, Document], texts: list[tuple[str, tuple[Part, ...]] | None]) -> Comparison | None:
    """None for two pictures: what was read on them says less than they show."""
    a, b = texts
    if a is None or b is None or all(document.media_type.startswith("image/") for document in both):
        return None
    return comparison.compare(*a, *b)


def _document(row: Document) -> PairDocument:
    names = PairDocument.model_fields.keys() - {"document_id"}
    return PairDocument(document_id=row.id, **{name: getattr(row, name) for name in names})
