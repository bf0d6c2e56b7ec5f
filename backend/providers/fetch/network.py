"""The internet as httpx sees it: a transport on guarded connections, for whoever has to fetch what others name."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import certifi
import httpcore
import httpx

from backend.providers.fetch.connection import GuardedBackend
from backend.providers.fetch.guard import Guard
from backend.providers.fetch.watch import Watch

FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


class Network:
    """Guarded ways out. One for each process; it holds no connections itself.

    `sockets` makes the connections to addresses that were checked: those of the machine, unless something stands in.
    """

    def __init__(
        self, guard: Guard, ca_file: Path | None = None, sockets: httpcore.NetworkBackend | None = None
    ) -> None:
        self.guard, self._ca_file, self.sockets = guard, ca_file, sockets or httpcore.SyncBackend()

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The certificates that are trusted: those of the web, and those of `ca_file`."""
        context = ssl.create_default_context(cafile=certifi.where())
        if self._ca_file:
            context.load_verify_locations(self._ca_file)
        return context

    def transport(self, watch: Watch | None = None) -> GuardedTransport:
        """A transport for one fetch under `watch`, or for a client that keeps its own time."""
        return GuardedTransport(self, watch)

    def client(self, **options: Any) -> httpx.Client:
        """An httpx client that can reach nothing but what the guard lets it. It follows no proxy of the environment.

        What the guard refuses is raised as a BoardError (`blocked_address`, `unreachable`).
        """
        return httpx.Client(transport=self.transport(), trust_env=False, **options)


class GuardedTransport(httpx.BaseTransport):
    """httpx's transport over httpcore, as its own is, with our connections underneath."""

    def __init__(self, network: Network, watch: Watch | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=network.tls,
            max_connections=10,
            max_keepalive_connections=0 if watch else 5,
            keepalive_expiry=5.0,
            http1=True,
            http2=False,
            retries=0,
            network_backend=GuardedBackend(network.guard, watch, network.sockets),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError, BoardError."""
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request):
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, request), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx(self._request):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """httpx has an exception of the same name for each of httpcore."""
    try:
        yield
    except FAILURES as e:
        kind = getattr(httpx, type(e).__name__, httpx.TransportError)
        raise kind(str(e), request=request) from e
