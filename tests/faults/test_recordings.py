"""A worker is killed while it listens: what was heard is kept, and only the parts under way are heard again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests import sounds
from tests.board import Board, eventually
from tests.conftest import new_database

CLIPS = ["cards/005.wav", "cards/001.wav", "leopard/test.wav", "cards/002.wav", "cards/003.wav"]
PART_SECONDS = "5"
WORDS = ["of clubs", "middle classes", "gospel"]


@pytest.fixture
def own_board(postgres: Postgres, valkey: Valkey, tmp_path: Path) -> Iterator[Board]:
    """A board of this test's own, with one worker that listens to one part at a time."""
    running = Board(new_database(postgres), valkey.url.replace("/0", "/4"), tmp_path, SPEECH_PART_SECONDS=PART_SECONDS)
    try:
        running.start_api()
        start_worker(running)
        running.wait_alive(["uploads"])
        running.sign_up()
        yield running
    finally:
        running.stop()


def start_worker(board: Board) -> None:
    board.start_worker("worker", "uploads,analysis,low_priority", concurrency=1)


def parts(board: Board, job_id: str) -> list[dict[str, Any]]:
    names = ("span", "state", "attempt", "finished_at", "reused")
    rows = board.sql(f"SELECT {', '.join(names)} FROM units WHERE job_id = %s ORDER BY ordinal", job_id)
    return [dict(zip(names, row, strict=True)) for row in rows]


def listeners(board: Board) -> list[psutil.Process]:
    """The processes that hold the model of this board."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "backend.providers.speech.listening" in command and str(board.folder / "models") in command:
            found.append(process)
    return found


def test_killed_in_mid_audio_only_the_parts_under_way_are_heard_again(own_board: Board) -> None:
    board = own_board
    sound = sounds.one_after_another([sounds.spoken(name) for name in CLIPS])
    job_id = board.upload("cards.wav", sounds.encoded(sound))["job_id"]

    def at_work() -> list[dict[str, Any]]:
        found = parts(board, job_id)
        return found if any(p["state"] == "SUCCESS" for p in found) and listening(found) else []

    def listening(found: list[dict[str, Any]]) -> bool:
        return any(p["state"] == "PROCESSING" for p in found) and bool(listeners(board))

    before = eventually(at_work, within=150, every=0.02)
    assert len(before) >= 3
    group = os.getpgid(board.processes["worker"].pid)
    os.killpg(group, signal.SIGKILL)
    heard = parts(board, job_id)
    board.kill("worker")
    eventually(lambda: not listeners(board), within=20, why="a model outlived the worker that had asked it")
    start_worker(board)
    done = board.finished(job_id, within=200)
    assert done["state"] == "SUCCESS", done["error"]
    after = parts(board, job_id)
    assert {p["state"] for p in after} == {"SUCCESS"}
    for old, new in zip(heard, after, strict=True):
        if old["state"] == "SUCCESS":
            assert new == old, "what was heard is not heard again"
    assert sum(p["attempt"] for p in after) == len(after) + sum(p["state"] == "PROCESSING" for p in heard)
    with board.client() as client:
        text = client.get(f"/documents/{done['document_id']}/text").json()["text"].lower()
        assert [words for words in WORDS if words not in text] == []
        again = client.post(f"/documents/{done['document_id']}/reprocess", json={}).json()
    repeated = board.finished(again["job_id"], within=100)
    assert repeated["state"] == "SUCCESS", repeated["error"]
    assert {(p["reused"], p["attempt"]) for p in parts(board, again["job_id"])} == {(True, 0)}
