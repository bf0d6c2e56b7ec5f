"""Concepts of the board: their lists, their proofs, and the names that are one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.concept_detail import ConceptDetail, detail
from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors, youtube
from backend.domain.errors import InvalidInput
from backend.store import concept_lists, concepts, spellings

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Concept(BaseModel):
    """A concept, how many documents show it (those are at `/documents?concept=`), and how many names it has."""

    id: int
    name: str
    category: str
    document_count: int
    spellings: int


class ConceptList(BaseModel):
    """A page of concepts."""

    items: list[Concept]
    next_cursor: str | None
    total: int


class ConceptProof(BaseModel):
    """A document's quote; `start` and `end` are offsets into its text. `url` leads to the second of a video."""

    document_id: int
    title: str
    media_type: str | None
    quote: str
    start: int
    end: int
    place: dict[str, Any] | None
    url: str | None
    confidence: float


class ConceptProofList(BaseModel):
    """A page of proofs."""

    items: list[ConceptProof]
    next_cursor: str | None
    total: int


class ConceptPatch(BaseModel):
    """What a person changes."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    category: str | None = Field(default=None, min_length=1, max_length=40)


class ConceptIds(BaseModel):
    """The concepts to merge, or the spellings to split off."""

    concept_ids: list[Id] = Field(min_length=1, max_length=100)


router = APIRouter(tags=["concepts"])


@router.get("/concepts")
def concept_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of any of its names.")] = None,
    category: Annotated[str | None, Query(max_length=40)] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> ConceptList:
    """Concepts, those that most documents show first."""
    after = None
    if cursor is not None:
        count, concept_id = (cursors.number(part) for part in cursors.decode(cursor, 2))
        after = (count, concept_id)
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        rows, total = concept_lists.page(session, owner_id, q=q, category=category, after=after, limit=limit + 1)
    items = [
        Concept(
            id=row.concept.id,
            name=row.concept.name,
            category=row.concept.category,
            document_count=row.documents,
            spellings=row.spellings,
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    next_cursor = cursors.encode(items[-1].document_count, items[-1].id) if more else None
    return ConceptList(items=items, next_cursor=next_cursor, total=total)


@router.get("/concepts/{concept_id}")
def concept_detail(services: ServicesDep, principal: ReadAccess, concept_id: RowId) -> ConceptDetail:
    """One concept; the id of a merged one leads to the concept that is shown in its place."""
    with services.database.session(principal.user_id) as session:
        return detail(session, principal.user_id, concept_id)


@router.get("/concepts/{concept_id}/proofs")
def concept_proofs(
    services: ServicesDep, principal: ReadAccess, concept_id: RowId, cursor: str | None = None, limit: Limit = 50
) -> ConceptProofList:
    """The documents that show a concept, with the quotes that prove it, the surest first."""
    owner_id = principal.user_id
    after = None
    if cursor is not None:
        confidence, document_id = cursors.decode(cursor, 2)
        after = (cursors.real(confidence), cursors.number(document_id))
    with services.database.session(owner_id) as session:
        concept = concepts.get(session, owner_id, concept_id)
        rows, total = concept_lists.proofs(session, owner_id, concept.id, after=after, limit=limit + 1)
    items = [
        ConceptProof(
            document_id=row.document.id,
            title=row.document.title,
            media_type=row.document.media_type,
            quote=row.link.quote,
            start=row.link.start,
            end=row.link.end,
            place=row.place,
            url=youtube.moment_url(row.document.source_url, row.place or {}),
            confidence=round(row.link.confidence, 3),
        )
        for row in rows[:limit]
    ]
    last = rows[limit - 1].link if len(rows) > limit else None
    next_cursor = cursors.encode(last.confidence, last.document_id) if last else None
    return ConceptProofList(items=items, next_cursor=next_cursor, total=total)


@router.patch("/concepts/{concept_id}", response_model=ConceptDetail)
def concept_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, concept_id: RowId, patch: ConceptPatch
) -> JSONResponse:
    """Give a concept a name or a category of one's own; no machine changes it again."""
    name, category = _clean(patch.name, "name"), _clean(patch.category, "category")

    def change() -> Answer:
        concepts.change(session, principal.user_id, concept_id, name=name, category=category)
        return Answer(detail(session, principal.user_id, concept_id))

    with services.database.session(principal.user_id) as session:
        return once(session, change)


def _clean(text: str | None, what: str) -> str | None:
    if text is not None and not (text := " ".join(text.split())):
        raise InvalidInput(f"A concept needs a {what}.", code="empty_name", hint="Type at least one letter.")
    return text


@router.post("/concepts/{concept_id}/merge", response_model=ConceptDetail)
def concept_merge(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, concept_id: RowId, wish: ConceptIds
) -> JSONResponse:
    """Show one concept in place of others, which become spellings of it; `split` takes them apart again."""
    owner_id = principal.user_id

    def merge() -> Answer:
        concepts.lock(session, owner_id)
        target = concepts.get(session, owner_id, concept_id)
        others = {other.id: other for other in (concepts.get(session, owner_id, one) for one in wish.concept_ids)}
        if others.pop(target.id, None) is not None and not others:
            raise InvalidInput(
                "These are one concept already.", code="already_merged", hint="Name another concept in `concept_ids`."
            )
        spellings.merge(session, target, list(others.values()))
        return Answer(detail(session, owner_id, concept_id))

    with services.database.session(owner_id) as session:
        return once(session, merge)


@router.post("/concepts/{concept_id}/split", response_model=ConceptDetail)
def concept_split(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, concept_id: RowId, wish: ConceptIds
) -> JSONResponse:
    """Make spellings concepts of their own again; no machine merges them from then on."""
    owner_id = principal.user_id

    def split() -> Answer:
        concepts.lock(session, owner_id)
        target = concepts.get(session, owner_id, concept_id)
        merged = {other.id: other for other in spellings.group(session, owner_id, target)[1:]}
        if not set(wish.concept_ids) <= set(merged):
            raise InvalidInput(
                "That is no other spelling of this concept.",
                code="not_a_spelling",
                hint="`GET /concepts/{id}` lists the spellings that can be split off: all but the one itself.",
            )
        spellings.split(session, owner_id, [merged[one] for one in dict.fromkeys(wish.concept_ids)])
        return Answer(detail(session, owner_id, concept_id))

    with services.database.session(owner_id) as session:
        return once(session, split)
