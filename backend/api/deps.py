"""What routes ask for: the services, and the principal with the right they need."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, cast
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from backend.domain import access
from backend.domain.access import Principal
from backend.domain.errors import NotAllowed, NotAuthenticated
from backend.jobs.services import Services
from backend.store import tokens
from backend.store.database import EVERYONE

COOKIE, SECURE_COOKIE = "syncboard", "__Host-syncboard"
"""The page's session: a browser takes the second one over https only, and from no other host or path."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Query(ge=1, le=200)]


async def services_of(request: Request) -> Services:
    """The services `create_app` was given."""
    return cast(Services, request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]

_bearer = HTTPBearer(auto_error=False, description="A token of POST /token, or an API key.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The page's session.")


def cookie_name(request: Request) -> str:
    """The session cookie of this connection."""
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE


def address_of(request: Request) -> str:
    """Where a request comes from, for counting: an IPv6 host has a whole /64 to itself, so that counts as one."""
    host = request.client.host if request.client else "unknown"
    return str(ip_network(f"{host}/64", strict=False)) if ":" in host else host


def same_origin(request: Request) -> bool:
    """True when the request comes from a page of this very host; without a word about it, it does not."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def signed_in(
    request: Request,
    services: ServicesDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _documented: Annotated[str | None, Security(_cookie)] = None,
) -> Principal:
    """The principal of a bearer token or of the page's cookie, counted against its rate limit."""
    token = bearer.credentials if bearer else request.cookies.get(cookie_name(request))
    if not token:
        raise NotAuthenticated("This needs a token.")
    if bearer is None and request.method not in SAFE_METHODS and not same_origin(request):
        raise NotAllowed(
            "A page of another site may not do this.",
            code="cross_site",
            hint="Send the Origin of the board's own page, or use a bearer token.",
        )
    with services.database.session(EVERYONE) as session:
        principal = tokens.use(session, access.token_hash(token))
    if principal is None:
        raise NotAuthenticated("The token is unknown, expired or revoked.")
    request.app.state.rates.count(principal, request.method)
    return principal


SignedIn = Annotated[Principal, Depends(signed_in)]


def _noted(principal: Principal) -> Principal:
    """Name the person in what this request logs; to be called in the request's own task, not in a thread."""
    structlog.contextvars.bind_contextvars(user_id=principal.user_id)
    return principal


async def _read(principal: SignedIn) -> Principal:
    principal.require(access.READ)
    return _noted(principal)


async def _upload(principal: SignedIn) -> Principal:
    principal.require(access.UPLOAD)
    return _noted(principal)


async def _admin(principal: SignedIn) -> Principal:
    principal.require(access.ADMIN)
    return _noted(principal)


async def _owner(principal: SignedIn) -> Principal:
    principal.require_owner()
    return _noted(principal)


ReadAccess = Annotated[Principal, Depends(_read)]
"""May see their own things."""
UploadAccess = Annotated[Principal, Depends(_upload)]
"""May add to and change their own things."""
AdminAccess = Annotated[Principal, Depends(_admin)]
"""May manage their own account."""
OwnerAccess = Annotated[Principal, Depends(_owner)]
"""May manage the board."""
