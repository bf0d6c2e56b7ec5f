"""The HTTP door: one file per subject, schemas on top, routes below; here is the explicit list of them."""

from __future__ import annotations

from backend.api import (
    admin,
    api_keys,
    clusters,
    concepts,
    document_contents,
    document_progress,
    documents,
    events,
    health,
    invitations,
    job_moves,
    job_status,
    jobs,
    reference,
    reprocess,
    search,
    tokens,
    trash,
    uploads,
    users,
)

ROUTERS = (
    users.router,
    tokens.router,
    invitations.router,
    api_keys.router,
    uploads.router,
    documents.router,
    document_contents.router,
    document_progress.router,
    reprocess.router,
    trash.router,
    clusters.router,
    concepts.router,
    search.router,
    job_status.router,
    job_moves.router,
    jobs.router,
    events.router,
    health.router,
    admin.router,
    reference.router,
)
