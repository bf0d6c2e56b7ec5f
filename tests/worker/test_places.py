"""Bulk work leaves a child of each worker free for what people wait for."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from uuid import UUID

import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from backend.jobs import enqueue
from backend.jobs.job import BULK, INTERACTIVE
from backend.jobs.places import AllButOne
from backend.store import doorbells
from backend.store.database import EVERYONE, Database
from tests import probes
from tests.board import Board, eventually
from tests.conftest import new_database


@pytest.fixture(autouse=True)
def _probes() -> Iterator[None]:
    probes.install()
    yield
    probes.uninstall()


def holder(places: AllButOne, pipe: Connection) -> None:
    """Take a place when told to, say which, and keep it."""
    while pipe.recv() == "take":
        pipe.send(places.take())


def test_all_places_but_one_are_for_bulk_and_a_killed_child_gives_its_own_back() -> None:
    places = AllButOne(3)
    context = multiprocessing.get_context("fork")
    children = []
    for _ in range(3):
        ours, theirs = context.Pipe()
        process = context.Process(target=holder, args=(places, theirs), daemon=True)
        process.start()
        children.append((process, ours))
    taken = []
    for _, pipe in children:
        pipe.send("take")
        taken.append(pipe.recv())
    assert taken == [0, 1, None]
    children[0][0].kill()
    children[0][0].join()
    children[2][1].send("take")
    assert children[2][1].recv() == 0
    for process, _ in children[1:]:
        process.kill()
        process.join()


def test_a_worker_with_one_child_does_bulk_work_all_the_same() -> None:
    assert AllButOne(1).take() == 0


def add(database: Database, owner: int, priority: int, seconds: float = 0.0) -> UUID:
    with database.session(owner) as session:
        given = {"seconds": seconds}
        return enqueue.enqueue(
            session, kind="probe_one", owner_id=owner, input=given, max_attempts=3, priority=priority
        ).id


def test_bulk_work_that_nobody_may_take_does_not_use_up_the_doorbells(database: Database, user: int) -> None:
    for _ in range(6):
        add(database, user, BULK)
    with database.session(EVERYONE) as session:
        assert len(doorbells.take(session, "uploads", 4)) == 4
    with database.session(EVERYONE) as session:
        assert doorbells.take(session, "uploads", 4) == []
    wanted = add(database, user, INTERACTIVE)
    with database.session(EVERYONE) as session:
        assert [bell.job_id for bell in doorbells.take(session, "uploads", 4)] == [wanted]


@pytest.fixture
def busy(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board whose one worker has two children."""
    board = Board(new_database(postgres), valkey.url.replace("/0", "/6"), tmp_path_factory.mktemp("busy"))
    probes.create_effects(board.database_url)
    try:
        board.start_api()
        board.sign_up()
        board.start_worker("all", "uploads,analysis,low_priority", concurrency=2, app="tests.faults.probe_app")
        board.wait_alive()
        yield board
    finally:
        board.stop()


def test_a_single_job_is_not_delayed_by_a_long_line_of_bulk_work_which_goes_on(busy: Board) -> None:
    database = Database(busy.database_url)
    try:
        for _ in range(60):
            add(database, 1, BULK, seconds=1.5)

        def bulk(state: str) -> int:
            [(found,)] = busy.sql("SELECT count(*) FROM jobs WHERE priority = 1 AND state = %s", state)
            return found

        eventually(lambda: bulk("SUCCESS") >= 2, within=60)
        for _ in range(3):
            before = bulk("SUCCESS")
            wanted = add(database, 1, INTERACTIVE)
            most = [0]

            def over(wanted: UUID = wanted, most: list[int] = most) -> bool:
                most[0] = max(most[0], bulk("PROCESSING"))
                [(state,)] = busy.sql("SELECT state FROM jobs WHERE id = %s", wanted)
                return bool(state == "SUCCESS")

            eventually(over, within=60)
            assert most[0] <= 1, "bulk work took the last child"
            assert bulk("SUCCESS") - before <= 2, "the single job waited behind the line"
            time.sleep(0.5)
        reached = bulk("SUCCESS")
        eventually(lambda: bulk("SUCCESS") >= reached + 6, within=60, why="the bulk work does not go on")
    finally:
        database.close()
