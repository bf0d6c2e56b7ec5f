"""All tables in one place, for the migrations and for the test that holds the two together."""

from __future__ import annotations

from backend.store import (
    attempts,
    audit,
    batches,
    clusters,
    concepts,
    document_pages,
    document_thumbnails,
    document_urls,
    documents,
    fetch_hosts,
    fulltext,
    idempotency,
    invitations,
    jobs,
    login_failures,
    members,
    passages,
    queues,
    resumable_uploads,
    tokens,
    units,
    users,
)
from backend.store.database import Base

MODULES = (
    users,
    tokens,
    invitations,
    login_failures,
    audit,
    idempotency,
    documents,
    document_urls,
    members,
    document_pages,
    document_thumbnails,
    fetch_hosts,
    passages,
    fulltext,
    clusters,
    concepts,
    queues,
    jobs,
    attempts,
    batches,
    units,
    resumable_uploads,
)
metadata = Base.metadata
