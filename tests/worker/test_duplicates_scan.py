"""The scan step by step, in this process: what it keeps, what it leaves out, and where it goes on after a death."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from backend.jobs import enqueue, kinds
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.kinds import find_duplicates_background as find_duplicates
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import duplicate_pairs, duplicates, jobs
from backend.store.database import Database
from backend.store.jobs import JobRow
from tests import twins
from tests.twins import changed, prose


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


@pytest.fixture
def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan that writes after every few pairs."""
    monkeypatch.setattr(find_duplicates, "COMPARED_AT_ONCE", 2)


def scan(database: Database, owner: int, **wish: Any) -> UUID:
    with database.session(owner) as session:
        kind = duplicates.KIND
        return enqueue.enqueue(session, kind=kind, owner_id=owner, input=wish, max_attempts=3).id


def ended(database: Database, owner: int, job_id: UUID) -> JobRow:
    with database.session(owner) as session:
        row = jobs.get(session, owner, job_id)
    assert row.finished_at is not None, (row.state, row.message)
    return row


def scanned(database: Database, runner: Runner, owner: int, **wish: Any) -> dict[str, Any]:
    job_id = scan(database, owner, **wish)
    assert runner.answer("analysis")
    row = ended(database, owner, job_id)
    assert row.state == "SUCCESS", row.error
    assert row.result is not None
    return row.result


def versions(database: Database, owner: int) -> list[int]:
    """Six texts in two versions each, unsigned."""
    texts = [changed(prose(topic), version, 0.04 * version) for topic in range(6) for version in range(2)]
    return [twins.add(database, owner, f"{number}.txt", text) for number, text in enumerate(texts)]


def compared(database: Database, owner: int) -> dict[tuple[int, int], Any]:
    with database.session(owner) as session:
        rows = session.query(duplicate_pairs.DuplicatePair).all()
        return {(row.a, row.b): (row.layer, row.compared_at) for row in rows}


def test_a_board_from_before_signatures_gets_them_with_its_first_scan(
    database: Database, user: int, runner: Runner
) -> None:
    ids = versions(database, user)
    result = scanned(database, runner, user)
    assert result == {
        "groups": 6,
        "pairs": 6,
        "documents": 12,
        "by_layer": {"exact": 0, "near": 6, "containment": 0, "semantic": 0, "image": 0},
    }
    with database.session(user) as session:
        groups, _ = duplicates.groups(session, user)
    assert {tuple(sorted(member.document_id for member in group.members)) for group in groups} == {
        (ids[at], ids[at + 1]) for at in range(0, 12, 2)
    }


def test_what_was_compared_before_is_not_compared_again(database: Database, user: int, runner: Runner) -> None:
    versions(database, user)
    first = scanned(database, runner, user)
    before = compared(database, user)
    assert scanned(database, runner, user) == first
    assert compared(database, user) == before, "the same rows, written at the same time"


@pytest.mark.usefixtures("small_batches")
def test_a_scan_that_died_half_way_goes_on_where_it_was(
    database: Database, user: int, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions(database, user)
    real, calls = find_duplicates.comparing.by_words, []

    def dies_at_the_third(*given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise SystemExit("killed")
        return real(*given, **more)

    monkeypatch.setattr(find_duplicates.comparing, "by_words", dies_at_the_third)
    job_id = scan(database, user)
    with pytest.raises(SystemExit):
        runner.answer("analysis")
    half = compared(database, user)
    assert len(half) == 4
    with database.session(user) as session:  # the lease of the dead has run out
        row = jobs.get(session, user, job_id)
        enqueue.finish.forgiven(session, row, kinds.BY_NAME[row.kind])
        jobs.release(session, row)
    assert runner.answer("analysis")
    row = ended(database, user, job_id)
    assert row.result is not None
    assert row.result["pairs"] == 6
    assert (row.unit_kind, row.units_done, row.units_total) == ("pair", 6, 6)
    whole = compared(database, user)
    assert {pair: whole[pair] for pair in half} == half, "what was compared before the death is kept as it was"


def test_the_layers_and_the_threshold_are_the_persons_choice(database: Database, user: int, runner: Runner) -> None:
    versions(database, user)
    twins.add(database, user, "copy.txt", prose(0) + " ")
    assert scanned(database, runner, user, layers=["exact"])["by_layer"] == {"exact": 1}
    assert scanned(database, runner, user, threshold=0.95)["by_layer"]["near"] == 0
    assert scanned(database, runner, user, threshold=0.3)["by_layer"]["near"] >= 6


def test_a_phrase_that_everybody_has_is_capped_and_said(database: Database, user: int, runner: Runner) -> None:
    footer = prose(999, 180)
    for number in range(40):
        twins.add(database, user, f"{number}.txt", f"{prose(number, 600)}\n\n{footer}")
    job_id = scan(database, user, layers=["near", "containment"])
    assert runner.answer("analysis")
    row = ended(database, user, job_id)
    (warning,) = row.warnings
    assert warning["code"] == "crowded"
    assert row.units_total is not None
    assert row.units_total < 40 * 39 / 2
    assert row.result is not None
    assert row.result["pairs"] == 0


def test_a_scan_sees_nothing_of_anybody_else(database: Database, user: int, other_user: int, runner: Runner) -> None:
    versions(database, user)
    twins.add(database, other_user, "theirs.txt", prose(0))
    assert scanned(database, runner, other_user)["pairs"] == 0
    assert scanned(database, runner, user)["pairs"] == 6
    assert compared(database, other_user) == {}


def test_what_lies_in_the_trash_is_not_compared(database: Database, user: int, runner: Runner) -> None:
    ids = versions(database, user)
    with database.session(user) as session:
        twins.documents.get(session, user, ids[0]).deleted_at = twins.DELETED
    assert scanned(database, runner, user)["pairs"] == 5
    assert all(ids[0] not in pair for pair in compared(database, user))
