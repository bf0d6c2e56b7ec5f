"""Sites are asked one thing at a time: whose turn it is, is decided in the database for all workers together."""

from __future__ import annotations

import time

from backend.domain import addresses
from backend.domain.errors import BoardError, Unavailable
from backend.jobs.job import INTERACTIVE, Context, Snooze
from backend.store import fetch_hosts, jobs

LONGEST_SLEEP = 2.0
"""A longer wait is not slept away in a worker: the job goes back to its queue until its turn."""
LONGEST_SNOOZE = 3600.0
MOST_BUSY = 5
"""How often a site may say "later" to one job."""

_BY_ONE = "{} (one by one)"
"""The line of links that people added by themselves: they do not wait behind anybody's thousand."""


def wait_turn(context: Context, url: str) -> None:
    """Return when this job may ask the host of `url`. Raises Snooze, Stopped, and BoardError as `Fetcher.pace` does."""
    services, host = context.services, addresses.read(url).host
    by_one = _interactive(context)
    delay = services.settings.fetch_delay_seconds
    if not by_one:
        delay = max(delay, services.fetcher.pace(url))
    if delay <= 0:
        return
    line = _BY_ONE.format(host) if by_one else host
    with services.database.session(context.owner_id) as session:
        wait = fetch_hosts.turn(session, line, context.job_id, delay=delay)
    if wait > LONGEST_SLEEP:
        raise Snooze(wait, f"Waiting for its turn at {host}...")
    until = time.monotonic() + wait
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))
        context.check()
    with services.database.session(context.owner_id) as session:
        fetch_hosts.used(session, context.job_id)


def put_off(context: Context, url: str, busy: BoardError) -> None:
    """The site said "later": nobody here asks it before then. Raises Snooze, or Unavailable when it always says so."""
    host = addresses.read(url).host
    wait = min(float(busy.retry_after or 1), LONGEST_SNOOZE)
    with context.services.database.session(context.owner_id) as session:
        times = fetch_hosts.busy(session, [host, _BY_ONE.format(host)], context.job_id, wait=wait)
    if times > MOST_BUSY:
        raise Unavailable(busy.message, code=busy.code, hint=busy.hint, retryable=False) from busy
    raise Snooze(wait, f"{host} asks to wait a little...") from busy


def _interactive(context: Context) -> bool:
    with context.services.database.session(context.owner_id) as session:
        row = jobs.by_id(session, context.job_id)
    return row is None or row.priority == INTERACTIVE
