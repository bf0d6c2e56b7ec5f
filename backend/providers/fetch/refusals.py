"""What went wrong between us and a site, as errors a person can act on."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from backend.domain.errors import BoardError, NotAllowed, NotFound, Unavailable, Unreadable
from backend.providers.fetch.watch import timed_out

LATER = "Try again later."
BY_HAND = "Open it in your browser, save the page or print it as PDF, and upload that file."
LONGEST_WAIT = 24 * 3600
_BUSY_SECONDS = 60


def of_status(status: int, headers: httpx.Headers) -> BoardError | None:
    """Why this answer is not the page that was asked for, or None when it is."""
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls success
        return None
    if status in {404, 410}:
        return NotFound("The site has no such page.", code="not_found", hint="Check the address in your browser.")
    if status in {401, 402, 403, 407}:
        return NotAllowed("The site shows this page only after a login.", code="needs_login", hint=BY_HAND)
    if status in {408, 425, 504}:
        return timed_out()
    return _fault(status, retry_after(headers.get("retry-after", "")))


def _fault(status: int, wait: int | None) -> BoardError:
    if status == 429 or (status == 503 and wait is not None):  # noqa: PLR2004 - HTTP's own words for "later"
        return Unavailable(
            "The site asks not to be asked so often.",
            code="site_busy",
            hint=LATER,
            retry_after=_BUSY_SECONDS if wait is None else wait,
        )
    if status >= 500:  # noqa: PLR2004
        return Unavailable(f"The site has a fault of its own (HTTP {status}).", code="site_error", hint=LATER)
    return Unreadable(f"The site refuses to show this page (HTTP {status}).", code="site_error", hint=BY_HAND)


def retry_after(value: str) -> int | None:
    """Seconds to wait as a `Retry-After` says, in either of its forms, between 1 and LONGEST_WAIT."""
    if re.fullmatch(r"\s*\d{1,9}\s*", value):
        return min(max(int(value), 1), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(int((moment - datetime.now(UTC)).total_seconds()), 1), LONGEST_WAIT)


def too_many_redirects(loop: bool) -> Unreadable:
    """The site sends us from one address to the next."""
    return Unreadable(
        "The site leads back to where it began." if loop else "The site leads from one address to the next too often.",
        code="too_many_redirects",
        hint=f"It may want a cookie or a login. {BY_HAND}",
    )


def robots_refused(*, unreadable: bool = False) -> NotAllowed:
    """The site asks programs to keep out."""
    return NotAllowed(
        "The site's rules for programs (robots.txt) cannot be read, so nothing of it is fetched."
        if unreadable
        else "The site asks programs not to fetch this page (robots.txt).",
        code="robots_refused",
        hint=LATER if unreadable else BY_HAND,
        retryable=unreadable,
    )


@contextmanager
def told() -> Iterator[None]:
    """Say what httpx found out about a connection as one of our errors. Raises BoardError."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable("The site cannot be reached.", code="unreachable", hint=LATER) from error
    except httpx.TimeoutException as error:
        raise timed_out() from error
    except httpx.RemoteProtocolError as error:
        raise Unavailable(
            "The connection to the site broke off, or what came is not HTTP.", code="site_error", hint=LATER
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        if _about_certificates(error):
            raise Unavailable(
                "The site cannot prove who it is: its certificate is not valid.",
                code="unreachable",
                hint="Open it in your browser to see why. For a site of your own, name its authority in FETCH_CA_FILE.",
                retryable=False,
            ) from error
        raise Unavailable("The site cannot be reached.", code="unreachable", hint=LATER) from error


def _about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
