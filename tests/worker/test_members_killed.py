"""Workers are killed in the middle of an archive: no member is lost and none is there twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests import files
from tests.board import Board, eventually
from tests.conftest import new_database

MEMBERS = 60
KILLS = 3


@pytest.fixture
def own_board(postgres: Postgres, valkey: Valkey, tmp_path: Path) -> Iterator[Board]:
    """A board of this test's own, to be killed."""
    running = Board(new_database(postgres), valkey.url.replace("/0", "/3"), tmp_path)
    try:
        running.start_api()
        running.start_workers()
        running.sign_up()
        yield running
    finally:
        running.stop()


def units_done(board: Board, job_id: str) -> int:
    done: int = board.sql("SELECT count(*) FROM units WHERE job_id = %s AND state = 'SUCCESS'", job_id)[0][0]
    return done


def kill_children(board: Board) -> int:
    """kill -9 every pool child of the worker that unpacks."""
    children = board.children("uploads")
    for child in children:
        try:
            os.kill(child.pid, signal.SIGKILL)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return len(children)


def test_killed_in_mid_archive_no_member_is_lost_or_doubled(own_board: Board) -> None:
    board = own_board
    members = {f"{number:02}.txt": f"Boat {number} mends its nets. {os.urandom(9).hex()}" for number in range(MEMBERS)}
    job_id = board.upload("boats.zip", files.zipped(members))["job_id"]
    killed = 0
    for round_ in range(1, KILLS + 1):
        eventually(lambda least=round_ * 10: units_done(board, job_id) >= least, within=120, every=0.02)
        assert units_done(board, job_id) < MEMBERS, "the archive was done before anything was killed"
        assert board.sql("SELECT count(*) FROM documents") == [(1,)], "members are on the board all at once, or not yet"
        killed += kill_children(board)
    board.kill("uploads")
    board.start_worker("uploads", "uploads")
    assert killed >= KILLS
    done = board.finished(job_id, within=240)
    assert done["state"] == "SUCCESS", done["error"]
    eventually(lambda: not board.sql("SELECT 1 FROM jobs WHERE finished_at IS NULL"), within=240)
    assert board.sql("SELECT count(*), count(DISTINCT blob_sha256) FROM documents") == [(MEMBERS + 1, MEMBERS + 1)]
    assert board.sql(
        """SELECT count(*), count(DISTINCT document_id) FROM jobs
           WHERE state = 'SUCCESS' AND parent_id = %s""",
        job_id,
    ) == [(MEMBERS, MEMBERS)]
    assert board.sql("SELECT count(*) FROM document_members WHERE outcome = 'new'") == [(MEMBERS,)]
    assert board.sql("SELECT count(*) FROM units WHERE attempt > 1")[0][0] > 0, "no unit was ever interrupted"
