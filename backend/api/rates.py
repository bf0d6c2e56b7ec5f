"""How often one person may ask: counted on Redis for all processes together, in memory while Redis is away.

Sign-in is the exception: without the shared count it is refused, for a guesser would gain from every restart.
"""

from __future__ import annotations

import math
import time

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from backend.domain.access import Principal
from backend.domain.errors import TooMany, Unavailable
from backend.settings import Settings

log = structlog.get_logger(__name__)

_AWAY_SECONDS = 5.0
"""After Redis failed to answer it is left alone for so long: a frozen one must not slow every request."""
_PATIENCE_SECONDS = 0.25


class Rates:
    """The counters of one process. Reads are counted in memory only: a status poll is not worth a Redis trip."""

    def __init__(self, settings: Settings) -> None:
        self._sign_in = parse(settings.rate_limit_sign_in)
        self._writes = parse(settings.rate_limit_writes)
        self._reads = parse(settings.rate_limit_reads)
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(
            RedisStorage(
                settings.redis_url,
                wrap_exceptions=True,
                socket_connect_timeout=_PATIENCE_SECONDS,
                socket_timeout=_PATIENCE_SECONDS,
            )
        )
        self._away_until = 0.0

    def count(self, principal: Principal, method: str) -> None:
        """Count one request of a signed-in person. Raises TooMany."""
        who = str(principal.user_id)
        if method in {"GET", "HEAD", "OPTIONS"}:
            _hit(self._memory, self._reads, "reads", who)
        elif time.monotonic() < self._away_until:
            _hit(self._memory, self._writes, "writes", who)
        else:
            try:
                _hit(self._shared, self._writes, "writes", who)
            except StorageError as error:
                self._away(error)
                _hit(self._memory, self._writes, "writes", who)

    def count_sign_in(self, address: str) -> None:
        """Count one try to sign in or register from `address`. Raises TooMany, and Unavailable without Redis."""
        try:
            _hit(self._shared, self._sign_in, "sign-in", address)
        except StorageError as error:
            self._away(error)
            raise Unavailable(
                "Nobody can sign in while Redis is away.", hint="Try again in a moment.", retry_after=5
            ) from error

    def _away(self, error: StorageError) -> None:
        self._away_until = time.monotonic() + _AWAY_SECONDS
        log.warning("rate limits are counted in memory", reason=str(error.storage_error))


def _hit(limiter: RateLimiter, item: RateLimitItem, *who: str) -> None:
    if limiter.hit(item, *who):
        return
    wait = max(1, math.ceil(limiter.get_window_stats(item, *who).reset_time - time.time()))
    raise TooMany("That was too often.", code="rate_limited", hint=f"Try again in {wait} seconds.", retry_after=wait)
