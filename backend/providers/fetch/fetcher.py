"""Fetches what an address leads to: redirects followed by hand, each address and each byte under guard."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from email.message import Message
from itertools import pairwise

import httpx

from backend.domain import addresses
from backend.domain.addresses import Address, blocked
from backend.domain.errors import InvalidInput, Unreadable
from backend.domain.ports import Cancelled, Progress
from backend.domain.sources import Fetched
from backend.providers.fetch import refusals
from backend.providers.fetch.inflate import ACCEPTED, Inflater, too_large
from backend.providers.fetch.network import Network
from backend.providers.fetch.robots import RobotsKeeper
from backend.providers.fetch.watch import Limits, Watch

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_CHARSET = re.compile(r"[\w.:+-]{1,40}")

DOWNGRADED = {
    "code": "downgraded",
    "message": "The site led from https to http: what came was not protected on its way.",
}


class GuardedFetcher:
    """The Fetcher of the house (backend/domain/ports.py)."""

    def __init__(self, network: Network, limits: Limits, *, agent: str, robots: bool = True) -> None:
        self._network, self._limits, self._agent = network, limits, agent
        self._robots = RobotsKeeper(self, agent) if robots else None

    def pace(self, url: str) -> float:
        """Seconds the site asks to be left between two requests; 0 when it says nothing. Raises BoardError."""
        address = addresses.read(url)
        self._network.guard.admit(address)
        return (self._robots.of(address).delay or 0.0) if self._robots else 0.0

    def fetch(
        self, url: str, sink: Callable[[bytes], None], *, cancelled: Cancelled, progress: Progress | None = None
    ) -> Fetched:
        """Write what `url` leads to into `sink`, in blocks as they come.

        Raises InvalidInput (`invalid_url`, `blocked_address`), NotFound (`not_found`), NotAllowed (`needs_login`,
        `robots_refused`), TooLarge, Unreadable (`timed_out`, `too_many_redirects`, `site_error`, `cancelled`),
        Unavailable (`unreachable`, `site_error`, `site_busy`), and whatever `sink` raises.
        """
        return self.follow(addresses.read(url), sink, Watch(self._limits, cancelled), progress, self._robots)

    def follow(
        self,
        address: Address,
        sink: Callable[[bytes], None],
        watch: Watch,
        progress: Progress | None = None,
        robots: RobotsKeeper | None = None,
    ) -> Fetched:
        """`fetch`, under a watch and with rules of the caller's choice."""
        passed: list[Address] = []
        while True:
            self._network.guard.admit(address)
            if robots:
                robots.check(address)
            passed.append(address)
            with ExitStack() as open_ones, refusals.told():
                answer = self._ask(address, watch, open_ones)
                following = _redirect(answer, address)
                if following is None:
                    return _taken(answer, sink, watch, progress, passed)
            if following.url in {asked.url for asked in passed}:
                raise refusals.too_many_redirects(loop=True)
            if len(passed) > MOST_REDIRECTS:
                raise refusals.too_many_redirects(loop=False)
            address = following

    def _ask(self, address: Address, watch: Watch, open_ones: ExitStack) -> httpx.Response:
        """Open one connection and wait for the headers. No cookie, no credential, no referrer goes along."""
        limits = watch.limits
        transport = open_ones.enter_context(self._network.transport(watch))
        request = httpx.Request(
            "GET",
            address.url,
            headers={
                "User-Agent": self._agent,
                "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
                "Accept-Language": "en,*;q=0.5",
                "Accept-Encoding": ACCEPTED,
                "Connection": "close",
            },
            extensions={
                "timeout": {
                    "connect": limits.connect,
                    "read": limits.silence,
                    "write": limits.connect,
                    "pool": limits.connect,
                }
            },
        )
        watch.begin()
        answer = transport.handle_request(request)
        watch.head_done()
        open_ones.callback(answer.close)
        return answer


def _redirect(answer: httpx.Response, address: Address) -> Address | None:
    """Where the answer leads. Raises Unreadable (`site_error`), InvalidInput (`blocked_address`)."""
    if answer.status_code not in REDIRECTS:
        return None
    location = answer.headers.get("location", "")
    if not location:
        raise Unreadable(
            "The site leads to another address and does not say which.", code="site_error", hint=refusals.BY_HAND
        )
    try:
        return addresses.join(address.url, location)
    except InvalidInput as error:
        raise blocked("The site leads to something that is no address of the web.") from error


def _taken(
    answer: httpx.Response,
    sink: Callable[[bytes], None],
    watch: Watch,
    progress: Progress | None,
    passed: list[Address],
) -> Fetched:
    problem = refusals.of_status(answer.status_code, answer.headers)
    if problem is not None:
        raise problem
    length = _length(answer.headers.get("content-length", ""))
    if length is not None and length > watch.limits.most_bytes:
        raise too_large(watch.limits.most_bytes)
    inflater = Inflater(answer.headers.get("content-encoding", ""), watch.limits)
    assert isinstance(answer.stream, httpx.SyncByteStream)  # noqa: S101 - as every transport of httpx has it
    for data in answer.stream:
        for block in inflater.write(data):
            sink(block)
            watch.wanted()
        watch.left()
        if progress:
            progress(inflater.packed, length)
    inflater.close()
    said = Message()
    said["content-type"] = answer.headers.get("content-type", "")
    said["content-disposition"] = answer.headers.get("content-disposition", "")
    downgraded = any(one.scheme == "https" and two.scheme == "http" for one, two in pairwise(passed))
    return Fetched(
        url=passed[-1].url,
        passed=tuple(asked.url for asked in passed),
        status=answer.status_code,
        media_type=_said(_TYPE, answer.headers.get("content-type", "").partition(";")[0].strip().lower()),
        charset=_said(_CHARSET, str(said.get_param("charset", "")).lower()),
        filename=said.get_filename(),
        size=inflater.size,
        warnings=(DOWNGRADED,) if downgraded else (),
    )


def _length(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\d{1,18}", value) else None


def _said(pattern: re.Pattern[str], value: str) -> str | None:
    return value if pattern.fullmatch(value) else None
