"""Signing in and out: opaque bearer tokens, and the page's cookie."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field, ValidationError

from backend.api import passwords
from backend.api.deps import SECURE_COOKIE, ServicesDep, SignedIn, address_of, cookie_name
from backend.domain import access
from backend.domain.errors import InvalidInput, NotAllowed, NotAuthenticated, TooMany
from backend.jobs.services import Services
from backend.store import audit, login_failures, tokens, users
from backend.store.database import EVERYONE

log = structlog.get_logger(__name__)

PREFIX = "sbs_"


class Credentials(BaseModel):
    """A name and a password."""

    username: str = Field(max_length=5000)
    password: str = Field(max_length=5000)


class Token(BaseModel):
    """A session; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a word of RFC 6750
    expires_in: int


router = APIRouter(tags=["accounts"])

_FORM = {"schema": Credentials.model_json_schema()}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": _FORM, "application/x-www-form-urlencoded": _FORM},
    }
}


async def _credentials(request: Request) -> Credentials:
    """The credentials of a form or of a JSON body. Raises InvalidInput."""
    raw = await request.body()
    try:
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            form = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
            return Credentials.model_validate({name: values[0] for name, values in form.items()})
        return Credentials.model_validate_json(raw)
    except (ValidationError, ValueError) as error:
        raise InvalidInput(
            "A sign-in needs `username` and `password`.",
            code="invalid_credentials_form",
            hint="Send them as a form or as a JSON object.",
        ) from error


@router.post("/token", openapi_extra=_BODY)
def sign_in(
    request: Request,
    response: Response,
    services: ServicesDep,
    given: Annotated[Credentials, Depends(_credentials)],
    page: Annotated[str | None, Header(alias="X-SyncBoard-Page", description="`1` also sets the cookie.")] = None,
) -> Token:
    """Trade a name and a password for a token."""
    if page == "1":
        _require_private_line(request, services)
    request.app.state.rates.count_sign_in(address_of(request))
    name = access.tried_name(given.username)
    _wait_your_turn(services, name)
    with services.database.session(EVERYONE) as session:
        user = users.named(session, name)
    right, newer_hash = passwords.check(given.password, user.password_hash if user else None)
    if user is None or not right:
        log.info("sign-in refused", address=address_of(request))
        raise NotAuthenticated(
            "The user name or the password is wrong.", code="wrong_credentials", hint="Check both and try again."
        )
    token = _new_session(services, user.id, name, newer_hash)
    seconds = int(_lives(services).total_seconds())
    if page == "1":
        cookie = cookie_name(request)
        secure = cookie == SECURE_COOKIE
        response.set_cookie(cookie, token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")
    return Token(access_token=token, expires_in=seconds)


@router.post("/token/revoke")
def sign_out(request: Request, response: Response, services: ServicesDep, principal: SignedIn) -> dict[str, bool]:
    """End the token of this request at once, and take the cookie back."""
    with services.database.session(EVERYONE) as session:
        tokens.revoke(session, principal.user_id, principal.token_id)
        audit.record(session, principal.user_id, "token.revoked", f"token:{principal.token_id}")
    name = cookie_name(request)
    response.delete_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="strict")
    return {"revoked": True}


def _wait_your_turn(services: Services, name: str) -> None:
    with services.database.session(EVERYONE) as session:
        wait = login_failures.begin_try(session, name, access.wait_after)
    if wait:
        raise TooMany(
            "Too many wrong passwords in a row for this name.",
            code="wait_after_failures",
            hint=f"Try again in {wait} seconds.",
            retry_after=wait,
        )


def _require_private_line(request: Request, services: Services) -> None:
    """A session cookie in the clear is for this machine, or for development. Raises NotAllowed (`needs_https`)."""
    on_this_machine = request.url.hostname in {"localhost", "127.0.0.1", "::1"}
    if not (request.url.scheme == "https" or on_this_machine or services.settings.environment == "development"):
        raise NotAllowed(
            "The page can only be used over https.",
            code="needs_https",
            hint="Put the board behind a proxy with a certificate, or use a token.",
        )


def _lives(services: Services) -> timedelta:
    return timedelta(hours=services.settings.token_ttl_hours)


def _new_session(services: Services, user_id: int, name: str, newer_hash: str | None) -> str:
    token = PREFIX + secrets.token_urlsafe(32)
    with services.database.session(EVERYONE) as session:
        login_failures.succeeded(session, name)
        if newer_hash:
            users.set_password(session, user_id, newer_hash)
        kept = tokens.add(
            session,
            user_id,
            kind=tokens.SESSION,
            hash=access.token_hash(token),
            scopes=list(access.SCOPES),
            prefix=token[:8],
            lives=_lives(services),
        )
        audit.record(session, user_id, "user.signed_in", f"token:{kept.id}")
    return token
