"""All tables in one place, for the migrations and for the test that holds the two together."""

from __future__ import annotations

from backend.store import (
    attempts,
    audit,
    clusters,
    concepts,
    documents,
    fulltext,
    idempotency,
    invitations,
    jobs,
    login_failures,
    passages,
    queues,
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
    passages,
    fulltext,
    clusters,
    concepts,
    queues,
    jobs,
    attempts,
    units,
)
metadata = Base.metadata
