"""The outermost layer of HTTP: request ids, security headers, a limit on bodies, and the last net for errors."""

from __future__ import annotations

import re
import uuid

import anyio
import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import errors
from backend.domain.errors import InvalidInput, TooLarge

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
"""Bytes of an ordinary request body; uploads count their own."""
DRAINED_BYTES, DRAINED_SECONDS = 256 * 1024 * 1024, 10.0
"""How much of a refused body is still read, so that the client gets to see the refusal."""
RESUMABLE = "/uploads/"
METHOD_OVERRIDE, OVERRIDING = b"x-http-method-override", frozenset({"PATCH", "DELETE"})
"""For networks that let only GET and POST through: the tus protocol has a header that says what is meant."""
STREAMED = frozenset({"/upload_file", "/upload_batch", "/upload_batch_urls", "/upload_text"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
"""Set on every answer where the route has not said otherwise."""

_NUL = InvalidInput("An address cannot contain a NUL character.", hint="Leave it out.")
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class Edge:
    """ASGI middleware; plain ASGI, for it must not buffer uploads or event streams."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = _request_id(scope)
        scope["method"] = _method(scope)
        body = _Body(scope, receive)
        answer = _Answer(scope, body, send)
        structlog.contextvars.bind_contextvars(request_id=scope["request_id"])
        try:
            if b"%00" in scope.get("raw_path", b"") + scope["query_string"]:  # no text in PostgreSQL can hold it
                await errors.response_of(_NUL, scope["request_id"])(scope, body, answer)
            else:
                await self.app(scope, body, answer)
        except ClientDisconnect:
            log.info("client went away", path=scope["path"])
        except Exception:
            log.exception("internal error", path=scope["path"], method=scope["method"])
            if answer.started:
                raise  # the answer is already half out: break it off visibly
            await errors.response_of(errors.INTERNAL, scope["request_id"])(scope, body, answer)
        finally:
            structlog.contextvars.unbind_contextvars("request_id", "user_id")


class _Body:
    """A `receive` that holds ordinary bodies to MAX_BODY and can read away what nobody wanted."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        path = scope["path"]
        self._receive, self._streamed = receive, path in STREAMED or path.startswith(RESUMABLE)
        self._taken = 0
        names = {name for name, _ in scope["headers"]}
        # a client that asked whether to go on has sent nothing yet
        self.over = b"expect" in names or not names & {b"content-length", b"transfer-encoding"}

    async def __call__(self) -> Message:
        message = await self._receive()
        self.over = self.over or not message.get("more_body", False)
        self._taken += len(message.get("body", b""))
        if self._taken > MAX_BODY and not self._streamed:
            raise TooLarge(f"The body is over {MAX_BODY // 1024} KiB.", hint="Files go to /upload_file.")
        return message

    async def read_away(self) -> None:
        """Take the rest of the body for a while: a connection closed on a sender loses the answer on its way."""
        left = DRAINED_BYTES
        with anyio.move_on_after(DRAINED_SECONDS):
            while not self.over and left > 0:
                message = await self._receive()
                left -= len(message.get("body", b""))
                self.over = not message.get("more_body", False)


class _Answer:
    """A `send` that adds our headers and remembers whether the answer has begun."""

    def __init__(self, scope: Scope, body: _Body, send: Send) -> None:
        self.scope, self.body, self.send, self.started = scope, body, send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.scope["request_id"]
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self.scope["scheme"] == "https":
                headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        elif not message.get("more_body", False) and not self.body.over:
            await self.send({**message, "more_body": True})
            await self.body.read_away()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self.send(message)


def _method(scope: Scope) -> str:
    """The method that is meant: a POST to a resumable upload may say that it is another one."""
    method: str = scope["method"]
    if method != "POST" or not scope["path"].startswith(RESUMABLE):
        return method
    meant = next((value for name, value in scope["headers"] if name == METHOD_OVERRIDE), b"").decode("latin-1").upper()
    return meant if meant in OVERRIDING else method


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
