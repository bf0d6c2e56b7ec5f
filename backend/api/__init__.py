"""The HTTP door: one file per subject, schemas on top, routes below; here is the explicit list of them."""

from __future__ import annotations

from backend.api import api_keys, invitations, tokens, uploads, users

ROUTERS = (
    users.router,
    tokens.router,
    invitations.router,
    api_keys.router,
    uploads.router,
)
