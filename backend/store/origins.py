"""Where documents come from, as people filter by it: the site of a page, else how it was given ("file", "text", …)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from backend.store.documents import Document

HOST = r"^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)"
"""The host of an address, without a `www.`, as PostgreSQL's regular expressions read it."""

SQL = f"coalesce(lower(substring(d.source_url from '{HOST}')), d.kind)".replace(":", r"\:")
"""The origin of a document `d`, for statements written as text."""


def origin() -> ColumnElement[str]:
    """The origin of a document."""
    return func.coalesce(func.lower(func.substring(Document.source_url, HOST)), Document.kind)
