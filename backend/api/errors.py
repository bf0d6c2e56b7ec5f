"""How the errors of the house look over HTTP. Nothing else maps an error to a status."""

from __future__ import annotations

from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from backend.domain import errors
from backend.store import database

log = structlog.get_logger(__name__)

STATUS: dict[type[errors.BoardError], int] = {
    errors.InvalidInput: 400,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unreadable: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
STATUS_OF_CODE = {
    "unsupported_type": 415,
    "unsupported_media_type": 415,
    "upload_stalled": 408,
    "disk_full": 507,
    "invalid_url": 422,
    "blocked_address": 422,
    # as the tus protocol has them
    "unsupported_version": 412,
    "upload_busy": 423,
    "checksum_mismatch": 460,
}
"""Codes for which HTTP has a more exact word than their class has."""

NO_SUCH_THING = errors.NotFound("There is no such thing here.", hint="Check the address.")
INTERNAL = errors.BoardError(
    "Something went wrong on our side.",
    code="internal",
    hint="Try again; if it stays, look for the request id in the server's log.",
    retryable=True,
)


DATABASE_AWAY = errors.Unavailable(
    "The database does not answer for the moment.", code="database_away", hint="Try again.", retry_after=2
)
UNSTORABLE = errors.InvalidInput("The request carries a value that cannot be stored.", hint="Leave out NUL characters.")


class ErrorDetail(BaseModel):
    """What went wrong: `code` for programs, a sentence and a hint for people."""

    code: str
    message: str
    hint: str
    retryable: bool
    merged_into: int | None = Field(default=None, description="With `merged`: the document it is part of now.")


class ErrorAnswer(BaseModel):
    """Every answer that is not a success."""

    error: ErrorDetail
    request_id: str | None


DOCUMENTED: dict[int | str, dict[str, Any]] = {422: {"model": ErrorAnswer}, "default": {"model": ErrorAnswer}}
"""For OpenAPI: what every route may answer instead."""


def status_of(error: errors.BoardError) -> int:
    """The HTTP status of an error: by its code, else by its class, else 500."""
    by_class = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    return STATUS_OF_CODE.get(error.code, by_class)


def body_of(error: errors.BoardError, request_id: str | None) -> dict[str, Any]:
    """`{"error": {"code", "message", "hint", "retryable"}, "request_id"}`."""
    return {"error": error.as_json(), "request_id": request_id}


def response_of(error: errors.BoardError, request_id: str | None) -> JSONResponse:
    """The whole answer for an error, with the headers its status asks for."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body_of(error, request_id), status_of(error), headers)


def install(app: FastAPI) -> None:
    """Make `app` answer every error in our shape; what nobody named is answered by `edge.Edge`."""
    app.add_exception_handler(errors.BoardError, _board_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_exception)
    for away in database.DATABASE_AWAY:
        app.add_exception_handler(away, _database_away)
    for unstorable in database.UNSTORABLE:
        app.add_exception_handler(unstorable, _unstorable)


def _request_id(request: Request) -> str | None:
    return cast("str | None", request.scope.get("request_id"))


async def _board_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.BoardError)  # noqa: S101 - Starlette's handler type is wider than its promise
    if status_of(error) >= 500:  # noqa: PLR2004
        log.warning("refused", code=error.code, message=error.message)
    return response_of(error, _request_id(request))


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database is away", error=type(error).__name__)
    return response_of(DATABASE_AWAY, _request_id(request))


async def _unstorable(request: Request, _error: Exception) -> JSONResponse:
    return response_of(UNSTORABLE, _request_id(request))


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    problem = error.errors()[0]
    place, *rest = problem["loc"]
    if place == "path":  # a malformed id is an unknown id
        return response_of(NO_SUCH_THING, _request_id(request))
    if problem["type"] == "json_invalid":
        broken = errors.InvalidInput("The body is not valid JSON.", code="invalid_json", hint="Send a JSON object.")
        return response_of(broken, _request_id(request))
    field = ".".join(str(part) for part in rest) or str(place)
    message = str(problem["msg"]).removeprefix("Value error, ")
    code = "missing_field" if problem["type"] == "missing" else "invalid_input"
    wrong = errors.InvalidInput(f"`{field[:100]}`: {message}.", code=code, hint="See /docs for what is expected.")
    answer = body_of(wrong, _request_id(request))
    return JSONResponse(answer, 422)


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    """Starlette's own: an unknown path, a method that is not there, a body it could not parse."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    if isinstance(error.__cause__, errors.BoardError):  # ours, met while FastAPI was reading the body
        return response_of(error.__cause__, _request_id(request))
    known: dict[int, errors.BoardError] = {
        404: NO_SUCH_THING,
        405: errors.BoardError("That method is not possible here.", code="method_not_allowed", hint="See /docs."),
    }
    named = known.get(error.status_code) or errors.InvalidInput("The request cannot be understood.", hint="See /docs.")
    answer = body_of(named, _request_id(request))
    return JSONResponse(answer, error.status_code, dict(error.headers or {}))
