"""Concepts of the board."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.api.deps import Limit, ReadAccess, ServicesDep
from backend.domain import cursors
from backend.store import concepts


class Concept(BaseModel):
    """A concept and how many documents show it; those are at `/documents?concept=`."""

    id: int
    name: str
    category: str
    document_count: int


class ConceptList(BaseModel):
    """A page of concepts."""

    items: list[Concept]
    next_cursor: str | None
    total: int


router = APIRouter(tags=["concepts"])


@router.get("/concepts")
def concept_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> ConceptList:
    """Concepts, those that most documents show first."""
    after = None
    if cursor is not None:
        count, concept_id = (cursors.number(part) for part in cursors.decode(cursor, 2))
        after = (count, concept_id)
    with services.database.session(principal.user_id) as session:
        rows, total = concepts.page(session, principal.user_id, q=q, after=after, limit=limit + 1)
    items = [
        Concept(id=row.concept.id, name=row.concept.name, category=row.concept.category, document_count=row.documents)
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    next_cursor = cursors.encode(items[-1].document_count, items[-1].id) if more else None
    return ConceptList(items=items, next_cursor=next_cursor, total=total)
