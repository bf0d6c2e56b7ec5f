"""yt-dlp's way to the network: one request handler, over the guarded connections of the house."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import httpx
from yt_dlp.networking import Request, RequestHandler, Response
from yt_dlp.networking.exceptions import HTTPError, TransportError

from backend.domain.addresses import blocked
from backend.domain.errors import BoardError
from backend.providers.fetch import refusals
from backend.providers.fetch.inflate import ACCEPTED, Inflater
from backend.providers.fetch.network import Network
from backend.providers.fetch.watch import Watch

HOSTS = ("youtube.com", "youtu.be", "youtube-nocookie.com", "googlevideo.com", "ytimg.com", "youtubei.googleapis.com")
"""Where YouTube keeps pages, captions and sound. Whatever a page says, no other host is asked."""

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_THE_METHOD = frozenset({307, 308})
_NOT_ONES_OWN = frozenset({"host", "connection", "accept-encoding", "cookie", "authorization", "proxy-authorization"})


@dataclass
class Line:
    """The line to YouTube for one task: every request of it shares one watch.

    `failure` is the last refusal of ours; yt-dlp retells it in words of its own, or goes on without the answer.
    """

    network: Network
    watch: Watch
    failure: BoardError | None = field(default=None)

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send one request and wait for the headers. Raises BoardError, httpx.HTTPError."""
        parts = urlsplit(str(request.url))
        if parts.scheme != "https" or not _is_youtube(parts.hostname or "") or parts.port not in {None, 443}:
            raise blocked("This video leads away from YouTube.")
        self.watch.begin()
        answer = self.network.transport(self.watch).handle_request(request)
        self.watch.head_done()
        return answer


def _is_youtube(host: str) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in HOSTS)


class GuardedRH(RequestHandler):  # type: ignore[misc]  # yt-dlp carries no types
    """Follows redirects by itself, each under guard. Sends no cookie but yt-dlp's own consent, and no credential."""

    _SUPPORTED_URL_SCHEMES = ("https",)
    _SUPPORTED_PROXY_SCHEMES: ClassVar[tuple[str, ...]] = ()
    line: Line

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        for known in ("cookiejar", "timeout", "legacy_ssl", "keep_header_casing", "impersonate"):
            extensions.pop(known, None)

    def _check_proxies(self, proxies: dict[str, Any]) -> None:
        """Those of the environment are not followed, so there is nothing to check."""

    def _send(self, request: Request) -> Response:
        try:
            with refusals.told():
                answer = self._follow(request)
        except BoardError as error:
            self.line.failure = error
            raise TransportError(error.message, cause=error) from error
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - what HTTP calls success
            raise HTTPError(answer)
        return answer

    def _follow(self, request: Request) -> Response:
        url, method, data = request.url, request.method, request.data
        for _ in range(_MOST_REDIRECTS + 1):
            sent = httpx.Request(method, url, headers=self._headers_for(request, url), content=data or None)
            answer = self.line.open(sent)
            following = answer.headers.get("location", "")
            if answer.status_code not in _REDIRECTS or not following:
                return self._answer(answer, url)
            answer.close()
            if answer.status_code not in _KEEP_THE_METHOD and method != "HEAD":
                method, data = "GET", None
            url = urljoin(url, following)
        raise refusals.too_many_redirects(loop=False)

    def _headers_for(self, request: Request, url: str) -> dict[str, str]:
        wanted = {
            name: value for name, value in self._get_headers(request).items() if name.lower() not in _NOT_ONES_OWN
        }
        cookie = self._get_cookiejar(request).get_cookie_header(url)
        consent = "; ".join(part for part in (cookie or "").split("; ") if part.startswith(("SOCS=", "PREF=")))
        if consent and urlsplit(url).hostname == "www.youtube.com":
            wanted["Cookie"] = consent
        return {**wanted, "Accept-Encoding": ACCEPTED, "Connection": "close"}

    def _answer(self, answer: httpx.Response, url: str) -> Response:
        inflater = Inflater(answer.headers.get("content-encoding", ""), self.line.watch.limits)
        headers = {
            name: value for name, value in answer.headers.items() if name not in {"content-encoding", "set-cookie"}
        }
        if "content-encoding" in answer.headers:
            headers.pop("content-length", None)  # it counts the packed bytes
        body = io.BufferedReader(_Body(answer, inflater, self.line), 64 * 1024)
        return Response(body, url, headers, answer.status_code)


class _Body(io.RawIOBase):
    """The bytes of an answer as a file, unpacked as they come."""

    def __init__(self, answer: httpx.Response, inflater: Inflater, line: Line) -> None:
        self._answer, self._line = answer, line
        self._blocks = self._read(inflater)
        self._left = memoryview(b"")

    def _read(self, inflater: Inflater) -> Iterator[bytes]:
        assert isinstance(self._answer.stream, httpx.SyncByteStream)  # noqa: S101 - as every transport of httpx has it
        for data in self._answer.stream:
            for block in inflater.write(data):
                self._line.watch.wanted()
                yield block

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises TransportError."""
        while not self._left:
            try:
                with refusals.told():
                    self._left = memoryview(next(self._blocks, b""))
            except BoardError as error:
                self._line.failure = error
                raise TransportError(error.message, cause=error) from error
            if not self._left:
                return 0
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._answer.close()
        super().close()


def handler_on(line: Line) -> type[GuardedRH]:
    """A handler class bound to one line: yt-dlp makes the instances itself."""
    return type("GuardedRH", (GuardedRH,), {"line": line})
