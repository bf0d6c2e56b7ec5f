"""What sites ask of programs: their robots.txt, fetched through the same guard and kept for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from backend.domain import addresses, robots
from backend.domain.addresses import Address
from backend.domain.errors import BoardError, NotAllowed, NotFound
from backend.domain.robots import Robots
from backend.domain.sources import Fetched
from backend.providers.fetch import refusals
from backend.providers.fetch.watch import Limits, Watch

KEPT_SECONDS = 3600.0
KEPT_FAULT_SECONDS = 60.0
MOST_SITES = 1000

LIMITS = Limits(connect=5.0, head=10.0, silence=5.0, total=20.0)


class Follows(Protocol):
    """The part of the fetcher that is needed here."""

    def follow(self, address: Address, sink: Callable[[bytes], None], watch: Watch) -> Fetched: ...


class _Enough(Exception):
    """As much was read as has a meaning."""


class RobotsKeeper:
    """The rules of the sites this process has asked, each for an hour.

    As RFC 9309 has it: no such file means no rules; a site that fails to show it wants nobody in for now.
    """

    def __init__(self, fetcher: Follows, agent: str) -> None:
        self._fetcher, self._token = fetcher, agent.partition("/")[0].strip()
        self._known: OrderedDict[str, tuple[float, Robots | None]] = OrderedDict()

    def check(self, address: Address) -> None:
        """Raises NotAllowed (`robots_refused`), and BoardError for a site that cannot be reached at all."""
        parts = urlsplit(address.url)
        if not self.of(address).allows(parts.path + (f"?{parts.query}" if parts.query else "")):
            raise refusals.robots_refused()

    def of(self, address: Address) -> Robots:
        """The rules of the site of `address`. Raises NotAllowed (`robots_refused`), BoardError as `fetch` does."""
        site = addresses.join(address.url, "/robots.txt")
        until, rules = self._known.get(site.url, (0.0, None))
        if time.monotonic() >= until:
            rules = self._asked(site)
            kept = KEPT_SECONDS if rules else KEPT_FAULT_SECONDS
            self._known[site.url] = (time.monotonic() + kept, rules)
            self._known.move_to_end(site.url)
            while len(self._known) > MOST_SITES:
                self._known.popitem(last=False)
        if rules is None:
            raise refusals.robots_refused(unreadable=True)
        return rules

    def _asked(self, site: Address) -> Robots | None:
        text = bytearray()

        def take(data: bytes) -> None:
            text.extend(data)
            if len(text) >= robots.MOST_BYTES:
                raise _Enough

        try:
            self._fetcher.follow(site, take, Watch(LIMITS, lambda: False))
        except _Enough:
            return self._parsed(text)
        except (NotFound, NotAllowed):
            return Robots()
        except BoardError as error:
            return _without(error)
        return self._parsed(text)

    def _parsed(self, text: bytearray) -> Robots:
        return robots.parse(text.decode("utf-8", "replace"), self._token)


def _without(error: BoardError) -> Robots | None:
    """What it means that the file could not be had. Raises the error when it speaks of the whole site."""
    if error.code in {"unreachable", "blocked_address"}:
        raise error
    # a site that answers the question with nonsense, or leads it in circles, has no rules it wants to be known
    return None if error.retryable else Robots()
