"""What a worker brings onto the board itself, out of archives and from the web, counts as if somebody had sent it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend import wiring
from backend.jobs import kinds, links, uploads
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.job import UPLOADS
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import documents, jobs
from tests.files import zipped
from tests.web import serving

FIVE = {f"{n}.txt": f"Member number {n} of five. ".encode() * 200 for n in range(5)}


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


def narrow(services: Services, **changed: Any) -> Services:
    """The same with other limits; what a job may be tried is once."""
    settings = services.settings.model_copy(update={"max_attempts": 1, **changed})
    outside = wiring.build(settings, database=services.database, ring=services.ring)
    return replace(services, settings=settings, fetcher=outside.fetcher)


def run(services: Services, user: int, begin: Callable[[Services], uploads.Accepted]) -> dict[str, Any]:
    """Run all that waits for reading; the error of the job, or an empty one."""
    accepted = begin(services)
    beat = Heartbeat(services.database, every=1.0)
    runner = Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")
    while runner.answer(UPLOADS):
        continue
    with services.database.session(user) as session:
        row = jobs.get(session, user, accepted.job_id)
        return dict(row.error or {})


def archive(user: int) -> Callable[[Services], uploads.Accepted]:
    def begin(services: Services) -> uploads.Accepted:
        with services.blobs.writer() as blob, services.database.session(user) as session:
            blob.write(zipped(FIVE))
            return uploads.accept(services, session, user, blob, uploads.recognise(services, blob, "five.zip", None))

    return begin


def page(user: int, url: str) -> Callable[[Services], uploads.Accepted]:
    def begin(services: Services) -> uploads.Accepted:
        with services.database.session(user) as session:
            return links.accept(services, session, user, [links.read(services, url)])[0]

    return begin


@pytest.mark.parametrize(("limit", "code"), [({"quota_bytes": 8000}, "quota_bytes"), ({}, "")], ids=["small", "large"])
def test_what_comes_out_of_an_archive_counts_against_the_quota(
    services: Services, user: int, limit: dict[str, int], code: str
) -> None:
    error = run(narrow(services, **limit), user, archive(user))
    assert error.get("code", "") == code
    with services.database.session(user) as session:
        kept = documents.stored_bytes(session, user)
    assert (kept > 20_000) is not bool(code)


def test_nothing_is_unpacked_onto_a_disk_that_would_be_full(services: Services, user: int) -> None:
    full = narrow(services, disk_floor_bytes=2**62)
    begin = archive(user)
    assert run(full, user, lambda _: begin(narrow(services)))["code"] == "disk_full"
    assert len(list(services.blobs.all())) == 1, "the archive itself"


@pytest.mark.parametrize(
    ("limit", "code"),
    [({"quota_bytes": 1000}, "quota_bytes"), ({"disk_floor_bytes": 2**62}, "disk_full"), ({}, "")],
    ids=["quota", "disk", "large"],
)
def test_what_is_fetched_counts_against_the_quota_and_the_disk(
    services: Services, user: int, limit: dict[str, int], code: str
) -> None:
    with serving() as site:
        site.page("/", b"<html><body><p>" + b"A page of many words. " * 200 + b"</p></body></html>")
        here = narrow(services, allow_private_addresses=True, fetch_robots="ignore", fetch_delay_seconds=0, **limit)
        error = run(here, user, page(user, f"http://127.0.0.1:{site.port}/"))
    assert error.get("code", "") == code
    assert len(list(services.blobs.all())) == (0 if code else 1)
