"""Saved searches: questions people keep, and how much is new in their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors, words
from backend.domain.errors import InvalidInput
from backend.jobs.services import Services
from backend.store import saved_search_news, saved_searches
from backend.store.database import EVERYONE
from backend.store.saved_search_news import News

LONGEST_NAME = 120

Id = Annotated[int | None, Field(ge=1, le=2**63 - 1)]


def _with_zone(moment: datetime | None) -> datetime | None:
    """Without a zone it is of UTC, as everywhere on the board."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime | None, AfterValidator(_with_zone)]


class SavedFilters(BaseModel):
    """What the search is narrowed to, as in `GET /search`."""

    model_config = ConfigDict(extra="forbid")

    cluster: Id = None
    subcluster: Id = None
    concept: Id = None
    tag: Id = None
    type: str | None = Field(default=None, max_length=100)
    language: str | None = Field(default=None, max_length=10)
    source: str | None = Field(default=None, max_length=255)
    since: Moment = None
    until: Moment = None


class SavedSearch(BaseModel):
    """A kept search. `new_count` documents came since `seen_at` that it finds by its words; counting ends at 100."""

    id: int
    name: str
    q: str
    filters: SavedFilters
    created_at: datetime
    updated_at: datetime
    seen_at: datetime
    new_count: int


class SavedSearchList(BaseModel):
    """A page of kept searches."""

    items: list[SavedSearch]
    next_cursor: str | None
    total: int


class NewSavedSearch(BaseModel):
    """A name, words, filters; words or filters or both."""

    name: str = Field(max_length=200)
    q: str = Field(default="", max_length=2000)
    filters: SavedFilters = Field(default_factory=SavedFilters)


class SavedSearchPatch(BaseModel):
    """What changes."""

    name: str | None = Field(default=None, max_length=200)
    q: str | None = Field(default=None, max_length=2000)
    filters: SavedFilters | None = None


class SavedSearchDeleted(BaseModel):
    """It is kept no longer."""

    deleted: bool = True


router = APIRouter(tags=["search"])


@router.get("/saved-searches")
def saved_search_list(
    services: ServicesDep, principal: ReadAccess, cursor: str | None = None, limit: Limit = 50
) -> SavedSearchList:
    """Kept searches by name, each with how much is new in it."""
    owner_id = principal.user_id
    after = None if cursor is None else str(cursors.decode(cursor, 1)[0])
    with services.database.session(owner_id) as session:
        rows, total = saved_searches.page(session, owner_id, after=after, limit=limit + 1)
    news = _news(services, rows[:limit])
    with services.database.session(owner_id) as session:
        items = [_shown(session, row, found) for row, found in zip(rows[:limit], news, strict=True)]
    next_cursor = cursors.encode(rows[limit - 1].key) if len(rows) > limit else None
    return SavedSearchList(items=items, next_cursor=next_cursor, total=total)


@router.post("/saved-searches", status_code=201, response_model=SavedSearch)
def saved_search_add(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, new: NewSavedSearch
) -> JSONResponse:
    """Keep a search. What it finds now is not new."""
    owner_id = principal.user_id
    name, filters = _checked_name(new.name), _kept(new.filters)
    _check_asks(new.q, filters)

    def add() -> Answer:
        row = saved_searches.add(session, owner_id, name, new.q, filters)
        return Answer(_shown(session, row, News()), status=201)

    with services.database.session(owner_id) as session:
        return once(session, add)


@router.patch("/saved-searches/{search_id}", response_model=SavedSearch)
def saved_search_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, search_id: RowId, patch: SavedSearchPatch
) -> JSONResponse:
    """Give a kept search another name, other words or other filters."""
    owner_id = principal.user_id
    name = None if patch.name is None else _checked_name(patch.name)
    filters = None if patch.filters is None else _kept(patch.filters)

    def change() -> Answer:
        row = saved_searches.get(session, owner_id, search_id)
        _check_asks(row.q if patch.q is None else patch.q, row.filters if filters is None else filters)
        saved_searches.change(session, row, name=name, q=patch.q, filters=filters)
        return Answer(_shown(session, row, saved_search_news.find(session, row)))

    with services.database.session(owner_id) as session:
        return once(session, change)


@router.delete("/saved-searches/{search_id}", response_model=SavedSearchDeleted)
def saved_search_delete(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, search_id: RowId
) -> JSONResponse:
    """Keep a search no longer."""

    def delete() -> Answer:
        saved_searches.remove(session, saved_searches.get(session, principal.user_id, search_id))
        return Answer(SavedSearchDeleted())

    with services.database.session(principal.user_id) as session:
        return once(session, delete)


@router.post("/saved-searches/{search_id}/seen", response_model=SavedSearch)
def saved_search_seen(services: ServicesDep, principal: UploadAccess, once: OnceDep, search_id: RowId) -> JSONResponse:
    """Its person has looked: only what comes from now on is new."""

    def see() -> Answer:
        row = saved_searches.get(session, principal.user_id, search_id)
        saved_searches.seen(session, row)
        return Answer(_shown(session, row, News()))

    with services.database.session(principal.user_id) as session:
        return once(session, see)


def _news(services: Services, rows: list[saved_searches.SavedSearch]) -> list[News]:
    if not rows:
        return []
    with services.database.session(EVERYONE) as session:
        return [saved_search_news.find(session, row) for row in rows]


def _shown(session: Session, row: saved_searches.SavedSearch, news: News) -> SavedSearch:
    fields = {name: getattr(row, name) for name in SavedSearch.model_fields if name != "new_count"}
    return SavedSearch.model_validate({**fields, "new_count": saved_search_news.count(session, row.owner_id, news)})


def _kept(filters: SavedFilters) -> dict[str, object]:
    return filters.model_dump(mode="json", exclude_none=True)


def _checked_name(given: str) -> tuple[str, str]:
    """As it is shown, and as names are compared."""
    name = " ".join(given.split())
    key = words.folded(name)
    if not key:
        raise InvalidInput("A saved search needs a name.", code="empty_name", hint="Type at least one letter.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"The name of a saved search has at most {LONGEST_NAME} characters.",
            code="name_too_long",
            hint="Shorten it.",
        )
    return name, key


def _check_asks(q: str, filters: dict[str, object]) -> None:
    if not q.strip() and not filters:
        raise InvalidInput("This search asks for nothing.", code="empty_search", hint="Give it words or a filter.")
