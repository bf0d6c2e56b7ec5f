"""Decides which machines may be connected to. Every connection that goes out asks here, right before it is made."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from backend.domain import networks
from backend.domain.addresses import PORTS, Address, admit, blocked
from backend.domain.errors import Unavailable

Lookup = Callable[[str, int], list[str]]
"""All IP addresses of a name, in the order the resolver prefers. Raises OSError."""

MOST_ADDRESSES = 8
"""As many of a name's addresses as are tried."""


class Target(NamedTuple):
    """A checked IP address and the port to connect to."""

    ip: str
    port: int


def system_lookup(host: str, port: int) -> list[str]:
    """What the resolver of this machine says. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def sent_elsewhere(setting: str) -> dict[str, Target]:
    """The hosts of a `host=address:port,…`. Raises ValueError."""
    found = {}
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        host, _, target = entry.partition("=")
        ip, _, port = target.rpartition(":")
        if not host or networks.literal(ip.strip("[]")) is None or not port.isdecimal():
            raise ValueError(f"FETCH_RESOLVE takes host=address:port with commas between, not {entry!r}")
        found[host.strip().lower()] = Target(ip.strip("[]"), int(port))
    return found


@dataclass(frozen=True)
class Guard:
    """Only machines of the whole internet, and only the ports that pages are served from.

    With `allow_private` any machine and port; then `resolve` sends hosts elsewhere, as `curl --resolve` does.
    """

    allow_private: bool = False
    resolve: Mapping[str, Target] = field(default_factory=dict)
    lookup: Lookup = system_lookup
    ports: frozenset[int] = PORTS

    def admit(self, address: Address) -> None:
        """What is seen to be wrong without a resolver is refused first. Raises InvalidInput (`blocked_address`)."""
        if not self.allow_private:
            admit(address, self.ports)

    def targets(self, host: str, port: int, patience: float) -> list[Target]:
        """Where to connect for `host`: an answer that is not global spoils them all, whichever would have been used.

        Raises InvalidInput (`blocked_address`), Unavailable (`unreachable`).
        """
        host = host.strip("[]").lower().removesuffix(".")
        if self.allow_private and host in self.resolve:
            return [self.resolve[host]]
        if not self.allow_private and port not in self.ports:
            raise blocked(f"Port {port} is not one that web pages are served from.")
        found = self._ips(host, port, patience)
        if not self.allow_private and not all(_is_global(ip) for ip in found):
            raise blocked("This address leads into a private network.")
        return [Target(ip, port) for ip in found[:MOST_ADDRESSES]]

    def _ips(self, host: str, port: int, patience: float) -> list[str]:
        if networks.literal(host) is not None:
            return [host]
        if host.endswith(".invalid"):  # RFC 6761, 6.4: no resolver need be asked, there never is such a site
            raise no_such_host(host)
        found = _within(patience, lambda: self.lookup(host, port))
        if not found:
            raise no_such_host(host)
        return found


def no_such_host(host: str) -> Unavailable:
    """The name has no addresses."""
    return Unavailable(
        f"There is no site called {host}.", code="unreachable", hint="Check how it is spelled.", retryable=False
    )


def _is_global(ip: str) -> bool:
    literal = networks.literal(ip)
    return literal is not None and networks.is_global(literal)


def _within(patience: float, lookup: Callable[[], list[str]]) -> list[str]:
    """The resolver has no time limit of its own: a lookup that takes too long is left behind."""
    found: list[str] = []
    failed: list[OSError | UnicodeError] = []

    def work() -> None:
        try:
            found.extend(lookup())
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="lookup", daemon=True)
    thread.start()
    thread.join(patience)
    if thread.is_alive():
        raise Unavailable("The name of the site was not found in time.", code="unreachable", hint="Try again later.")
    if not failed:
        return found
    if isinstance(failed[0], socket.gaierror) and failed[0].errno not in {socket.EAI_NONAME, socket.EAI_NODATA}:
        raise Unavailable(
            "The name of the site cannot be looked up at the moment.",
            code="unreachable",
            hint="Check that the server is online, then try again.",
        ) from failed[0]
    return []
