"""One write, one effect, however often a client has to send it (`Idempotency-Key`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from backend.api.deps import SignedIn
from backend.domain.errors import Conflict, InvalidInput
from backend.store import idempotency

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", description="The same key: the same answer.")]


@dataclass(frozen=True)
class Answer:
    """What a write answers. `secret` goes out once and is never stored: a replay has null in its place."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)


class Once:
    """Runs a write once per key: `once(session, make)`, inside the transaction of the write.

    The key is taken, the write done and its answer kept in one commit. A request with a key that another request
    holds waits for it and repeats its answer; a write that is refused leaves the key free.
    """

    def __init__(self, owner_id: int, key: str | None, fingerprint: str) -> None:
        self.owner_id, self.key, self.fingerprint = owner_id, key, fingerprint

    def __call__(self, session: Session, make: Callable[[], Answer]) -> JSONResponse:
        """The answer of `make`, or the one already given. Raises Conflict (`idempotency_conflict`)."""
        if self.key is None:
            return _response(make())
        earlier = idempotency.reserve(session, self.owner_id, self.key, self.fingerprint)
        if earlier is None:
            answer = make()
            kept = {"body": to_jsonable_python(answer.body) | dict.fromkeys(answer.secret), "headers": answer.headers}
            idempotency.answered(session, self.owner_id, self.key, answer.status, kept)
            return _response(answer)
        if earlier.fingerprint != self.fingerprint:
            raise Conflict(
                "This Idempotency-Key was already used for another request.",
                code="idempotency_conflict",
                hint="Use a new key for every new request.",
            )
        headers = {**earlier.response["headers"], REPLAYED: "true"}
        return JSONResponse(earlier.response["body"], earlier.status, headers)


async def once_per_body(request: Request, principal: SignedIn, key: IdempotencyKey = None) -> Once:
    """`Once` for a route with an ordinary body: the same request is the same method, address and bytes."""
    check_key(key)
    address = f"{request.method} {request.url.path}?{request.url.query}"
    return Once(principal.user_id, key, fingerprint_of(address, await request.body() if key else b""))


OnceDep = Annotated[Once, Depends(once_per_body)]


def check_key(key: str | None) -> None:
    """Raises InvalidInput (`invalid_idempotency_key`)."""
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput(
            "That Idempotency-Key cannot be used.",
            code="invalid_idempotency_key",
            hint="Send 1 to 255 visible ASCII characters, a UUID for instance.",
        )


def fingerprint_of(*parts: str | bytes) -> str:
    """SHA-256 in hex over length-prefixed parts, so that no two lists of parts meet."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _response(answer: Answer) -> JSONResponse:
    return JSONResponse(to_jsonable_python(answer.body) | answer.secret, answer.status, answer.headers)
