"""Whose turn it is at a site: one at a time for all workers together, and nobody stands behind anybody's thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from backend.domain import addresses
from backend.domain.errors import Unavailable
from backend.jobs import links
from backend.jobs.ingest import politeness
from backend.jobs.job import Snooze
from backend.jobs.services import Services
from backend.store import fetch_hosts

HOST, DELAY = "site.example", 100.0


@pytest.fixture
def jobs_of(services: Services, user: int) -> Callable[..., list[UUID]]:
    """Jobs for so many addresses of the site, as a batch or each by itself."""

    def make(number: int, batch: UUID | None = None) -> list[UUID]:
        wanted = [addresses.read(f"https://{HOST}/{batch}/{n}") for n in range(number)]
        with services.database.session(user) as session:
            return [one.job_id for one in links.accept(services, session, user, wanted, batch=batch)]

    return make


def turn(services: Services, user: int, job_id: UUID, line: str = HOST) -> float:
    with services.database.session(user) as session:
        return fetch_hosts.turn(session, line, job_id, delay=DELAY)


class Asking:
    """The part of a job's context that politeness looks at."""

    def __init__(self, services: Services, user: int, job_id: UUID) -> None:
        self.services, self.owner_id, self.job_id = services, user, job_id

    def check(self) -> None:
        """Nobody cancels."""


def test_each_job_has_a_moment_of_its_own_and_keeps_it(services: Services, user: int, jobs_of) -> None:
    first, second, third = jobs_of(3)
    waits = [turn(services, user, job_id) for job_id in (first, second, third)]
    assert [round(wait / DELAY) for wait in waits] == [0, 1, 2]
    assert round(turn(services, user, second) / DELAY) == 1, "whoever asks again does not queue again"
    assert turn(services, user, second, "other.example") == 0.0, "another site has a line of its own"
    with services.database.session(user) as session:
        fetch_hosts.used(session, first)
    assert round(turn(services, user, first) / DELAY) == 3, "another request takes another turn"


def test_a_turn_far_off_is_not_slept_away_in_a_worker(services: Services, user: int, jobs_of) -> None:
    patient = replace(services, settings=services.settings.model_copy(update={"fetch_delay_seconds": DELAY}))
    first, second = jobs_of(2)
    politeness.wait_turn(Asking(patient, user, first), f"https://{HOST}/a")  # type: ignore[arg-type]
    with pytest.raises(Snooze) as caught:
        politeness.wait_turn(Asking(patient, user, second), f"https://{HOST}/b")  # type: ignore[arg-type]
    assert DELAY / 2 < caught.value.seconds <= DELAY


def test_whoever_adds_one_link_does_not_stand_behind_a_list(services: Services, user: int, jobs_of) -> None:
    patient = replace(services, settings=services.settings.model_copy(update={"fetch_delay_seconds": DELAY}))
    for job_id in jobs_of(5):
        turn(services, user, job_id)
    [single] = jobs_of(6)[5:]
    politeness.wait_turn(Asking(patient, user, single), f"https://{HOST}/single")  # type: ignore[arg-type]
    assert turn(services, user, single) > 4 * DELAY, "so long is the line that it did not stand in"


def test_a_site_that_says_later_is_left_alone_by_everybody_until_then(services: Services, user: int, jobs_of) -> None:
    first, second = jobs_of(2)
    busy = Unavailable("Later.", code="site_busy", retry_after=700)
    asking = Asking(services, user, first)
    with pytest.raises(Snooze) as caught:
        politeness.put_off(asking, f"https://{HOST}/", busy)  # type: ignore[arg-type]
    assert caught.value.seconds == 700
    for line in (HOST, f"{HOST} (one by one)"):
        assert turn(services, user, second, line) > 600
    for _ in range(politeness.MOST_BUSY - 1):
        with pytest.raises(Snooze):
            politeness.put_off(asking, f"https://{HOST}/", busy)  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as gave_up:
        politeness.put_off(asking, f"https://{HOST}/", busy)  # type: ignore[arg-type]
    assert (gave_up.value.code, gave_up.value.retryable) == ("site_busy", False)
