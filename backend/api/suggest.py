"""Suggestions while somebody types into the search box."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.api.deps import ReadAccess, ServicesDep
from backend.domain import suggestions as suggesting
from backend.store import suggestions

router = APIRouter(tags=["search"])


class Suggested(BaseModel):
    """Something of the board whose name has what was typed; a "word" is one of the board's own, and has no id."""

    kind: Literal["document", "concept", "cluster", "tag", "saved_search", "word"]
    id: int | None
    text: str
    detail: str


class SuggestionList(BaseModel):
    """Suggestions, the best first."""

    items: list[Suggested]


@router.get("/search/suggest")
def search_suggest(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str, Query(max_length=200, description="What was typed so far.")] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> SuggestionList:
    """Documents, concepts, clusters, tags and saved searches by the beginnings of their words, and words."""
    words = suggesting.words(q)
    if not words:
        return SuggestionList(items=[])
    with services.database.session(principal.user_id) as session:
        found = suggestions.find(session, principal.user_id, words, suggesting.NAMED)
    best = suggesting.ordered(words, found, limit)
    return SuggestionList(
        items=[Suggested(kind=one.kind, id=one.id, text=one.text, detail=suggesting.detail(one)) for one in best]
    )
