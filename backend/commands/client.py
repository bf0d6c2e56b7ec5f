"""The server as the command line sees it: requests in, plain values out, refusals as the errors of the domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from backend.commands import credentials
from backend.domain import errors

CLASSES: dict[int, type[errors.BoardError]] = {
    400: errors.InvalidInput,
    401: errors.NotAuthenticated,
    403: errors.NotAllowed,
    404: errors.NotFound,
    408: errors.InvalidInput,
    409: errors.Conflict,
    413: errors.TooLarge,
    415: errors.InvalidInput,
    422: errors.InvalidInput,
    423: errors.Conflict,
    429: errors.TooMany,
    502: errors.Unavailable,
    503: errors.Unavailable,
    504: errors.Unavailable,
    507: errors.Unavailable,
}
PAGE = 200


class Board:
    """One SyncBoard server. Safe to use from several threads."""

    def __init__(self, address: str, token: str | None) -> None:
        self.address = address
        self.client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(30.0, connect=5.0),
            # a proxy meant for the internet must not stand between us and a board on this machine
            trust_env=not _loopback(address),
        )

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request. Raises the BoardError that the server names, or Unavailable with code `unreachable`."""
        try:
            answer = self.client.request(method, path, **options)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise errors.Unavailable(
                f"No SyncBoard server answers at {self.address} ({_reason(error)}).",
                code="unreachable",
                hint="Start one with `make run` or `syncboard up`, or name another with SYNCBOARD_URL.",
            ) from error
        if answer.is_error:
            raise _refusal(answer)
        return answer

    def get(self, path: str, **params: Any) -> Any:
        return self.send("GET", path, params=_given(params)).json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.send("POST", path, json=body)
        return answer.json() if answer.content else None

    def delete(self, path: str) -> Any:
        answer = self.send("DELETE", path)
        return answer.json() if answer.content else None

    def items(self, path: str, *, limit: int, **params: Any) -> dict[str, Any]:
        """Up to `limit` items of a list, following its cursor; the other fields are those of the first page."""
        pages = self._pages(path, limit, params)
        first = next(pages)
        items = [*first.get("items", [])]
        for page in pages if len(items) < limit else ():
            items += page.get("items", [])
            if len(items) >= limit:
                break
        return {**first, "items": items[:limit]}

    def _pages(self, path: str, limit: int, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            page = self.get(path, **params, limit=min(limit, PAGE), cursor=cursor)
            yield page
            cursor = page.get("next_cursor")
            if not cursor:
                return


def board() -> Board:
    """The board that the environment or the last login names."""
    address = credentials.address()
    return Board(address, credentials.token(address))


def signed_in() -> Board:
    """The same, for commands that need an account. Raises NotAuthenticated before any request when there is none."""
    found = board()
    if "Authorization" not in found.client.headers:
        raise errors.NotAuthenticated(
            f"You are not signed in at {found.address}.",
            hint="Run `syncboard login`, or set SYNCBOARD_TOKEN to an API key.",
        )
    return found


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


def _refusal(answer: httpx.Response) -> errors.BoardError:
    """The refusal in an answer. One that is not ours (a proxy's page, say) is named by its status."""
    try:
        said = answer.json()["error"]
        code, message, hint = str(said["code"]), str(said["message"]), str(said.get("hint") or "")
        retryable: bool | None = bool(said.get("retryable"))
    except (ValueError, KeyError, TypeError):
        code, hint = "internal", "Is this the address of a SyncBoard server?"
        # a HEAD has no body to say it in, a proxy that waits for the board says it in its own words
        retryable = True if answer.status_code == httpx.codes.LOCKED else None
        message = f"{answer.request.url} answered {answer.status_code} {answer.reason_phrase}."
    kind = CLASSES.get(answer.status_code, errors.BoardError)
    after = answer.headers.get("Retry-After", "")
    if answer.status_code == httpx.codes.UNAUTHORIZED and "Authorization" in answer.request.headers:
        hint = "Run `syncboard login`, or set SYNCBOARD_TOKEN to a valid API key."
    return kind(message, code=code, hint=hint, retryable=retryable, retry_after=int(after) if after.isdigit() else None)
