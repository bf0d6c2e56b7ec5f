"""Small sites that tests serve on loopback, honest and hostile, and a canary that nobody may reach."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpcore

Send = Callable[[bytes], None]
Handler = Callable[["Asked", Send], None]

OK_HEAD = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """Answers by path; `asked` are all requests, `host` the first Host header of each."""

    port: int
    pages: dict[str, Handler] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def page(self, path: str, body: bytes, *, status: str = "200 OK", **headers: str) -> None:
        """Serve `body` at `path`; headers with underscores for hyphens."""
        self.pages[path] = fixed(body, status=status, **headers)

    def leads(self, path: str, location: str, status: str = "302 Found") -> None:
        """Redirect from `path`."""
        self.page(path, b"", status=status, Location=location)

    def paths(self) -> list[str]:
        """What was asked for, in order, the rules for robots left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]


def fixed(body: bytes, *, status: str = "200 OK", **headers: str) -> Handler:
    """An answer as servers give it, with its length."""
    named = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in named.items()) + "\r\n"

    def answer(_asked: Asked, send: Send) -> None:
        send(head.encode("latin-1") + body)

    return answer


def dripping(head: bytes, drop: bytes, *, every: float, drops: int = 10_000) -> Handler:
    """Sends `head`, then `drop` again and again with a pause before each."""

    def answer(_asked: Asked, send: Send) -> None:
        send(head)
        for _ in range(drops):
            time.sleep(every)
            send(drop)

    return answer


@contextlib.contextmanager
def serving(host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site on `host`, one thread for each connection, by TLS with a context for it; what is not there is a 404."""
    with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        site = Site(listener.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listener, site, tls), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            # a thread that waits in accept is not woken by closing the socket
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _accept(listener: socket.socket, site: Site, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, site, tls), daemon=True).start()


def _answer(plain: socket.socket, site: Site, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError), tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
        raw = b""
        while b"\r\n\r\n" not in raw:
            more = connection.recv(65536)
            if not more:
                return
            raw += more
        first, *lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        asked = Asked(first.split(" ")[1], headers)
        site.asked.append(asked)
        handler = site.pages.get(asked.path) or fixed(b"nothing here", status="404 Not Found")
        handler(asked, connection.sendall)


@dataclass
class Canary:
    """Listens and counts who came."""

    port: int
    visits: list[str] = field(default_factory=list)


@contextlib.contextmanager
def canary(host: str) -> Iterator[Canary]:
    """A listener that nobody may reach, on loopback."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        bird = Canary(listener.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                bird.visits.append(str(address))
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(OK_HEAD + b"Content-Length: 6\r\n\r\nsecret")

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield bird
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class Internet(httpcore.NetworkBackend):
    """Sockets on which some public addresses are answered by sites of the test; to all others it really connects.

    `sites` are ports on loopback by IP address; `asked` are all addresses that were connected to.
    """

    def __init__(self, sites: dict[str, int]) -> None:
        self.sites = sites
        self.asked: list[str] = []

    def connect_tcp(self, host: str, port: int, *rest: Any, **named: Any) -> httpcore.NetworkStream:
        self.asked.append(host)
        sockets = httpcore.SyncBackend()
        if host not in self.sites:
            return sockets.connect_tcp(host, port, *rest, **named)
        return _Elsewhere(sockets.connect_tcp("127.0.0.1", self.sites[host], *rest, **named), host, port)


class _Elsewhere(httpcore.NetworkStream):
    """A stream that says it leads to where it was meant to."""

    def __init__(self, stream: httpcore.NetworkStream, ip: str, port: int) -> None:
        self._stream, self._there = stream, (ip, port)
        self.read, self.write, self.close = stream.read, stream.write, stream.close
        self.start_tls = stream.start_tls

    def get_extra_info(self, info: str) -> Any:
        return self._there if info == "server_addr" else self._stream.get_extra_info(info)
