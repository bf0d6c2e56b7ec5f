"""Connections to the very address that was checked, with every read under watch."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION, NetworkBackend, NetworkStream

from backend.domain.addresses import blocked
from backend.providers.fetch.guard import Guard
from backend.providers.fetch.watch import Watch

CONNECT_SECONDS = 10.0
_LOOK_EVERY = 1.0
"""Seconds a read may last before it is asked whether anybody still waits for it."""


class GuardedBackend(NetworkBackend):
    """Resolves, checks and connects in one place: between the check and the connection nothing is looked up again."""

    def __init__(self, guard: Guard, watch: Watch | None, sockets: NetworkBackend) -> None:
        self._guard, self._watch, self._sockets = guard, watch, sockets

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """Raises InvalidInput (`blocked_address`), Unavailable (`unreachable`), httpcore's ConnectError and others."""
        patience = CONNECT_SECONDS if timeout is None else timeout
        targets = self._guard.targets(host, port, patience)
        error: Exception = httpcore.ConnectError("no address")
        for target in targets:
            try:
                stream = self._sockets.connect_tcp(
                    target.ip, target.port, patience / len(targets), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
                continue
            if not _leads_to(stream, target.ip):
                stream.close()
                raise blocked("The connection led to another machine than was asked for.")
            return WatchedStream(stream, self._watch) if self._watch else stream
        raise error

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SOCKET_OPTION] | None = None
    ) -> NetworkStream:
        """No page is served there. Raises InvalidInput (`blocked_address`)."""
        raise blocked("This address leads into the server itself.")


class WatchedStream(NetworkStream):
    """A stream that ends when its time is over, too much comes before the body, or nobody wants it any more."""

    def __init__(self, stream: NetworkStream, watch: Watch) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises Unreadable (`timed_out`, `cancelled`, `site_error`), httpcore's ReadError, ReadTimeout."""
        silence = timeout if timeout is not None else self._watch.limits.silence
        while True:
            self._watch.wanted()
            slice_ = min(_LOOK_EVERY, silence, self._watch.left())
            try:
                data = self._stream.read(max_bytes, slice_)
            except httpcore.ReadTimeout:
                silence -= slice_
                if silence <= 0:
                    raise
                continue
            self._watch.count(len(data))
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises httpcore's WriteError, WriteTimeout."""
        self._stream.write(buffer, min(timeout or CONNECT_SECONDS, self._watch.left()))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        """The same connection, encrypted; `server_hostname` is the name in the URL, never the address behind it."""
        within = min(timeout or CONNECT_SECONDS, self._watch.left())
        return WatchedStream(self._stream.start_tls(ssl_context, server_hostname, within), self._watch)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows about itself."""
        return self._stream.get_extra_info(info)


def _leads_to(stream: NetworkStream, ip: str) -> bool:
    return ip_address(stream.get_extra_info("server_addr")[0]) == ip_address(ip)
