"""How many documents a kept search finds that came since its person last looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import search as searching
from backend.store import document_lists, matches, search
from backend.store.documents import Document
from backend.store.saved_searches import SavedSearch

MOST = 100
"""Counting ends here: nobody needs to know whether it is a hundred or a thousand."""


class News(NamedTuple):
    """What a kept search found among the new: passages, or a number of documents already counted."""

    hits: Sequence[search.Hit] = ()
    documents: int = 0


def find(session: Session, row: SavedSearch) -> News:
    """What the search finds by its words among documents since `seen_at`.

    For the machinery's session, like `search.candidates`. By words only: to embed every kept query whenever the list is
    looked at would take longer than the list is looked at.
    """
    since = _later(row.seen_at, row.filters.get("since"))
    if not _anything_new(session, row.owner_id, since):
        return News()
    query = searching.parse(row.q)
    if not row.q.strip():
        chosen = document_lists.Filter(**_named(row.filters), since=since)
        return News(documents=min(MOST, document_lists.total(session, row.owner_id, chosen)))
    terms = matches.terms(session, row.owner_id, query)
    if not (terms or query.phrases):
        return News()
    filters = search.Filters(**_named(row.filters), since=since)
    return News(search.candidates(session, row.owner_id, query, terms, None, "", filters))


def count(session: Session, owner_id: int, news: News) -> int:
    """How many documents those are, at most MOST; in the person's own session."""
    if not news.hits:
        return news.documents
    return min(MOST, len(search.best_by_document(session, owner_id, news.hits)))


def _anything_new(session: Session, owner_id: int, since: datetime) -> bool:
    newest = select(Document.id).where(
        Document.owner_id == owner_id, Document.deleted_at.is_(None), Document.created_at >= since
    )
    return session.scalar(newest.limit(1)) is not None


def _later(seen_at: datetime, since: str | None) -> datetime:
    return seen_at if since is None else max(seen_at, datetime.fromisoformat(since))


def _named(filters: dict[str, Any]) -> dict[str, Any]:
    """The filters of a search as the store names them; `since` is said apart."""
    ids = {f"{name}_id": filters.get(name) for name in ("cluster", "subcluster", "concept", "tag")}
    plain = {name: filters.get(name) for name in ("type", "language", "source")}
    until = filters.get("until")
    return {**ids, **plain, "until": None if until is None else datetime.fromisoformat(until)}
