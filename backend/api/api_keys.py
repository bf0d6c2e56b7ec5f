"""API keys: long-lived tokens with scopes, for the CLI and for programs."""

from __future__ import annotations

import secrets
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import AdminAccess, RowId, ServicesDep
from backend.api.idempotency import Answer, OnceDep
from backend.domain import access
from backend.domain.errors import NotFound
from backend.store import audit, tokens


class WantedKey(BaseModel):
    """What a new key is called and may do."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(max_length=10)


class ApiKey(BaseModel):
    """A key. `key` is there once, in the answer that makes it."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    key: str | None = None


class ApiKeyList(BaseModel):
    """All keys of a person."""

    items: list[ApiKey]
    next_cursor: None = None
    total: int


class Revoked(BaseModel):
    """That something can no longer be used."""

    revoked: bool


router = APIRouter(tags=["accounts"])


@router.get("/api-keys")
def list_keys(services: ServicesDep, principal: AdminAccess) -> ApiKeyList:
    """One's own keys, newest first."""
    with services.database.session(principal.user_id) as session:
        items = [_shown(token) for token in tokens.keys(session, principal.user_id)]
    return ApiKeyList(items=items, total=len(items))


@router.post("/api-keys", status_code=201, response_model=ApiKey)
def make_key(services: ServicesDep, principal: AdminAccess, once: OnceDep, wanted: WantedKey) -> JSONResponse:
    """Make a key; it is shown this once."""

    def make() -> Answer:
        key = access.KEY_PREFIX + secrets.token_urlsafe(32)
        token = tokens.add(
            session,
            principal.user_id,
            kind=tokens.API_KEY,
            hash=access.token_hash(key),
            scopes=scopes,
            name=wanted.name,
            prefix=key[: access.KEY_SHOWN],
        )
        audit.record(session, principal.user_id, "key.made", f"token:{token.id}", scopes=scopes)
        return Answer(_shown(token).model_dump(), 201, secret={"key": key})

    scopes = access.scopes(wanted.scopes)
    for scope in scopes:
        principal.require(scope)  # a key cannot make one that may do more than itself
    with services.database.session(principal.user_id) as session:
        return once(session, make)


@router.delete("/api-keys/{key_id}", response_model=Revoked)
def revoke_key(services: ServicesDep, principal: AdminAccess, once: OnceDep, key_id: RowId) -> JSONResponse:
    """End a key at once."""

    def make() -> Answer:
        if not tokens.revoke(session, principal.user_id, key_id, tokens.API_KEY):
            raise NotFound("There is no such key.", hint="GET /api-keys lists yours.")
        audit.record(session, principal.user_id, "key.revoked", f"token:{key_id}")
        return Answer({"revoked": True})

    with services.database.session(principal.user_id) as session:
        return once(session, make)


def _shown(token: tokens.Token) -> ApiKey:
    return ApiKey(
        id=token.id,
        name=token.name,
        prefix=token.prefix,
        scopes=token.scopes,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
    )
