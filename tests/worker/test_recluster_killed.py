"""Grouping a board through the door, by a worker that is killed in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from backend.providers.embedding import PackagedEmbedder
from backend.store.database import Database
from tests import topical
from tests.board import Board, eventually
from tests.conftest import new_database


@pytest.fixture
def own_board(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    running = Board(new_database(postgres), valkey.url.replace("/0", "/6"), tmp_path_factory.mktemp("board"))
    try:
        running.start_api()
        running.sign_up()
        yield running
    finally:
        running.stop()


def filing(board: Board) -> list[tuple[int, int, str]]:
    rows = "SELECT d.id, c.id, c.name FROM documents d JOIN clusters c ON c.id = d.cluster_id ORDER BY d.id"
    return board.sql(rows)  # type: ignore[return-value]


def test_a_worker_killed_in_the_middle_leaves_the_old_clusters(own_board: Board) -> None:
    database = Database(own_board.database_url)
    owner = own_board.sql("SELECT id FROM users")[0][0]
    ids = topical.file_all(database, owner, topical.made([25, 20, 15]), PackagedEmbedder.model)
    database.close()
    before = filing(own_board)
    with psycopg.connect(own_board.database_url) as lock:
        # whoever writes clusters of this person waits for this: the worker stands before its first change
        lock.execute("SELECT pg_advisory_xact_lock(hashtextextended('clusters of ' || %s, 0))", [str(owner)])
        own_board.start_worker("analysis", "analysis", concurrency=1)
        with own_board.client() as client:
            asked = client.post("/clusters/recluster")
        job_id = asked.json()["job_id"]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        eventually(lambda: lock.execute(waiting).fetchone() != (0,), within=180)
        own_board.kill("analysis")
    assert filing(own_board) == before, "nothing of it has happened"
    own_board.start_worker("again", "analysis", concurrency=1)
    done = own_board.finished(job_id, within=180)
    assert done["state"] == "SUCCESS", done["error"]
    assert done["attempt"] == 2
    assert done["result"]["documents"] == len(ids)
    with own_board.client() as client:
        runs = [one for one in client.get("/clusters/changes").json()["items"] if one["kind"] == "recluster"]
        drawn = client.get("/clusters/map").json()
    assert len(runs) == 1, "it took effect once"
    assert {one["document_id"] for one in drawn["documents"]} == set(ids)
    assert not drawn["stale"]
