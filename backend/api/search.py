"""Search: one box for words and meaning."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query
from numpy.typing import ArrayLike
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.api.deps import ReadAccess, ServicesDep
from backend.domain import search as searching
from backend.domain import youtube
from backend.domain.errors import Unavailable
from backend.domain.ports import Embedder
from backend.jobs import embedders
from backend.jobs.services import Services
from backend.store import matches, search
from backend.store.database import EVERYONE

log = structlog.get_logger()

RowFilter = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


class SearchItem(BaseModel):
    """A document that was found, by its best passage. `highlights` are [start, end] in `snippet`.

    `url` leads to the very second of a video of YouTube.
    """

    document_id: int
    title: str
    filename: str
    media_type: str
    cluster_id: int | None
    passage_id: int
    heading: str | None
    snippet: str
    highlights: list[tuple[int, int]]
    place: dict[str, Any]
    url: str | None
    start: int
    end: int
    score: float


class SearchAnswer(BaseModel):
    """What was found, the best first; `total` documents in all. `degraded` says what could not be asked."""

    items: list[SearchItem]
    total: int
    took_ms: float
    degraded: str | None


router = APIRouter(tags=["search"])


@router.get("/search")
def search_board(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str, Query(max_length=2000, description='Words, "phrases", -without.')] = "",
    cluster: RowFilter = None,
    subcluster: RowFilter = None,
    concept: RowFilter = None,
    tag: RowFilter = None,
    type_: Annotated[str | None, Query(alias="type", max_length=100, description="pdf, office, …")] = None,
    language: Annotated[str | None, Query(max_length=10)] = None,
    source: Annotated[str | None, Query(max_length=255, description="A site, or file, text, image.")] = None,
    since: Annotated[datetime | None, Query(description="Added at this moment or later.")] = None,
    until: Annotated[datetime | None, Query(description="Added before this moment.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SearchAnswer:
    """Documents by words (stems, prefixes, "phrases", -without) and by meaning."""
    filters = search.Filters(
        cluster_id=cluster,
        subcluster_id=subcluster,
        concept_id=concept,
        tag_id=tag,
        type=type_,
        language=language,
        source=source,
        since=since,
        until=until,
    )
    return _answer(services, principal.user_id, q, filters, limit)


def _answer(services: Services, owner_id: int, q: str, filters: search.Filters, limit: int) -> SearchAnswer:
    began = time.perf_counter()
    query = searching.parse(q)
    with services.database.session(EVERYONE) as session:
        terms = matches.terms(session, owner_id, query)
        embedder, away = _serving(services, session)
    says_something = bool(terms or query.phrases)
    vector, degraded = _vector(embedder, query.meaning) if says_something and embedder else (None, away)
    hits: list[search.Hit] = []
    if says_something:
        with services.database.session(EVERYONE) as session:
            model = embedder.model if embedder else ""
            hits = search.candidates(session, owner_id, query, terms, vector, model, filters)
    with services.database.session(owner_id) as session:
        best = search.best_by_document(session, owner_id, hits)
        shown = search.read(session, owner_id, [hit.passage_id for hit in best[:limit]])
    items = [_item(shown[hit.passage_id], hit.score, terms, query) for hit in best[:limit] if hit.passage_id in shown]
    took = round((time.perf_counter() - began) * 1000, 1)
    return SearchAnswer(items=items, total=len(best), took_ms=took, degraded=degraded)


def _serving(services: Services, session: Session) -> tuple[Embedder | None, str | None]:
    """The model that the board's vectors are of, or None and why it cannot be asked."""
    try:
        return embedders.serving(services, session), None
    except Unavailable as away:
        return None, _by_words(away)


def _vector(embedder: Embedder, meaning: str) -> tuple[ArrayLike | None, str | None]:
    """The query's vector, or None and why there is none."""
    try:
        return embedder.embed([meaning])[0], None
    except Unavailable as away:
        return None, _by_words(away)


def _by_words(away: Unavailable) -> str:
    log.warning("search_without_meaning", code=away.code)
    return f"Searched by words only. {away.message}"


def _item(shown: search.Shown, score: float, terms: list[searching.Term], query: searching.Query) -> SearchItem:
    passage, document = shown
    snippet, highlights = searching.snippet(passage.text, terms, query.phrases)
    return SearchItem(
        document_id=document.id,
        title=document.title,
        filename=document.filename,
        media_type=document.media_type,
        cluster_id=document.cluster_id,
        passage_id=passage.id,
        heading=passage.heading,
        snippet=snippet,
        highlights=[(start, end) for start, end in highlights],
        place=passage.place,
        url=youtube.moment_url(document.source_url, passage.place),
        start=passage.start,
        end=passage.end,
        score=round(score, 4),
    )
