"""Scans of which pages fail, kill, or are interrupted: only what is missing is read again, and nothing is lost."""

from __future__ import annotations

import os
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests import scans
from tests.board import Board, eventually
from tests.conftest import new_database

PAGES = 6
ALL = set(range(1, PAGES + 1))
APP = "tests.worker.scan_app"


class Scans(Board):
    """A board whose reader of pages is troubled by files."""

    @property
    def trouble(self) -> Path:
        return self.folder / "trouble"

    def make(self, page: int, trouble: str) -> Path:
        """Trouble a page from now on."""
        self.trouble.mkdir(exist_ok=True)
        file = self.trouble / f"{page}.{trouble}"
        file.touch()
        return file

    def end_trouble(self) -> None:
        """Every page can be read again, and none was."""
        for file in self.trouble.glob("*"):
            file.unlink()

    @property
    def reads(self) -> Counter[int]:
        """How often each page was read."""
        noted = self.trouble / "reads"
        return Counter(map(int, noted.read_text().split())) if noted.exists() else Counter()

    def add(self, token: str | None = None, data: bytes | None = None) -> dict[str, Any]:
        """Upload a scan; new bytes unless they are given."""
        with self.client(token) as client:
            answer = client.post("/upload_file", files={"file": ("scan.pdf", data or scan())})
        accepted: dict[str, Any] = answer.raise_for_status().json()
        return accepted

    def get(self, path: str, token: str | None = None, **asked: Any) -> Any:
        with self.client(token) as client:
            return client.get(path, params=asked).raise_for_status().json()

    def found(self, q: str, token: str | None = None) -> list[tuple[int, dict[str, Any]]]:
        """Documents and places that a search finds."""
        return [(item["document_id"], item["place"]) for item in self.get("/search", token, q=q)["items"]]

    def units_done(self, job_id: str, at_least: int) -> None:
        """Wait until so many pages are done."""
        eventually(lambda: (self.status(job_id)["meta"]["units"] or {"done": 0})["done"] >= at_least, within=60)


def scan() -> bytes:
    """A scan of six pages that was never seen before."""
    return scans.pdf([[uuid.uuid4().hex]] * PAGES)


@pytest.fixture(scope="module")
def running(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scans]:
    board = Scans(new_database(postgres), valkey.url.replace("/0", "/4"), tmp_path_factory.mktemp("scans"))
    try:
        board.start_api()
        board.start_worker("uploads", "uploads", app=APP, concurrency=2)
        board.start_worker("analysis", "analysis,low_priority", app=APP, concurrency=1)
        board.start_beat()
        board.wait_alive()
        board.sign_up()
        yield board
    finally:
        board.stop()


@pytest.fixture
def board(running: Scans) -> Iterator[Scans]:
    """No page is troubled, and none was read."""
    running.end_trouble()
    yield running
    running.end_trouble()


def test_pages_are_counted_and_found_while_the_others_are_still_read(board: Scans) -> None:
    slow = board.make(6, "slow")
    accepted = board.add()
    job_id, document_id = accepted["job_id"], accepted["document_id"]
    board.units_done(job_id, 5)
    status = board.status(job_id)
    assert status["meta"]["units"] == {"kind": "page", "done": 5, "total": 6, "failed": 0}
    assert 26 < status["meta"]["percent"] < 50
    progress = board.get(f"/documents/{document_id}/progress")
    assert progress["real_time_progress"] | {"overall_progress": 0} == {
        "total_chunks": 6,
        "completed_chunks": 5,
        "failed_chunks": 0,
        "processing_chunks": 1,
        "overall_progress": 0,
    }
    assert progress["chunk_details"]["6"] == {"status": "processing", "error": None}
    assert board.found("keeper number four") == [(document_id, {"page": 4})]
    assert board.found("keeper number six")[0][1] != {"page": 6}
    assert board.get(f"/documents/{document_id}/pages")["total"] == 5
    slow.unlink()
    assert board.finished(job_id)["state"] == "SUCCESS"
    assert len(board.get(f"/documents/{document_id}/passages")["items"]) == 1, "the early passages went"
    assert board.found("keeper number six")[0][0] == document_id
    assert board.reads == Counter(dict.fromkeys(ALL, 1))


def test_a_scan_that_is_given_up_leaves_nothing_to_be_found(board: Scans) -> None:
    board.make(6, "slow")
    accepted = board.add()
    board.units_done(accepted["job_id"], 5)
    with board.client() as client:
        client.post(f"/jobs/{accepted['job_id']}/cancel").raise_for_status()
    assert board.finished(accepted["job_id"])["state"] == "REVOKED"
    assert accepted["document_id"] not in {document for document, _ in board.found("keeper number two")}
    assert board.get(f"/documents/{accepted['document_id']}/pages")["total"] == 0
    board.end_trouble()
    with board.client() as client:
        again = client.post(f"/jobs/{accepted['job_id']}/retry").raise_for_status().json()
    assert board.finished(again["job_id"])["state"] == "SUCCESS"
    assert board.reads == Counter({6: 1}), "the five pages that were done are taken over"
    assert board.get(f"/documents/{accepted['document_id']}/pages")["total"] == PAGES


def test_a_failed_page_is_named_and_tried_again_alone(board: Scans) -> None:
    board.make(3, "broken")
    accepted = board.add()
    done = board.finished(accepted["job_id"])
    assert done["state"] == "SUCCESS", done["error"]
    assert [warning["code"] for warning in done["warnings"]] == ["pages_failed"]
    path = f"/documents/{accepted['document_id']}"
    document = board.get(path)
    assert (document["status"], document["details"]["failed_pages"]) == ("partial_error", [3])
    assert board.get(f"{path}/progress")["chunk_details"]["3"] == {
        "status": "failed",
        "error": "This picture is damaged.",
    }
    assert scans.NUMBERS[3] not in board.get(f"{path}/text")["text"]
    board.end_trouble()
    with board.client() as client:
        retried = client.post(f"{path}/chunks/retry").raise_for_status().json()
    assert retried["chunks"] == [3]
    assert board.finished(retried["job_id"])["state"] == "SUCCESS"
    assert board.reads == Counter({3: 1})
    assert board.get(path)["status"] == "completed"
    assert [part["place"]["page"] for part in board.get(f"{path}/text")["parts"]] == sorted(ALL)
    with board.client() as client:
        assert client.post(f"{path}/chunks/retry").status_code == 409


def test_a_scan_of_which_no_page_can_be_read_fails_with_the_reason(board: Scans) -> None:
    for page in ALL:
        board.make(page, "broken")
    done = board.finished(board.add()["job_id"])
    assert (done["state"], done["error"]["code"]) == ("FAILURE", "corrupt")
    assert done["error"]["message"] == "None of the 6 pages can be read: This picture is damaged."


def test_a_page_that_kills_its_reader_leaves_the_others(board: Scans) -> None:
    board.make(2, "deadly")
    accepted = board.add()
    done = board.finished(accepted["job_id"], within=120)
    assert done["state"] == "SUCCESS", done["error"]
    assert board.reads[2] == 3
    assert {page: times for page, times in board.reads.items() if page != 2} == dict.fromkeys(ALL - {2}, 1)
    document = board.get(f"/documents/{accepted['document_id']}")
    assert (document["status"], document["details"]["failed_pages"]) == ("partial_error", [2])
    pages = board.get(f"/documents/{accepted['document_id']}/pages")["items"]
    assert {page["page"]: page["error"]["code"] for page in pages if page["error"]} == {2: "worker_died"}


def test_only_unfinished_pages_are_read_again_after_a_kill(board: Scans) -> None:
    for page in (5, 6):
        board.make(page, "slow")
    accepted = board.add()
    board.units_done(accepted["job_id"], 4)
    eventually(lambda: board.reads[5] and board.reads[6])
    for child in board.children("uploads"):
        os.kill(child.pid, signal.SIGKILL)
    board.kill("uploads")
    for page in (5, 6):
        (board.trouble / f"{page}.slow").unlink()
    board.start_worker("uploads", "uploads", app=APP, concurrency=2)
    done = board.finished(accepted["job_id"], within=120)
    assert done["state"] == "SUCCESS", done["error"]
    assert board.reads == Counter({1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2})
    assert board.get(f"/documents/{accepted['document_id']}/pages")["total"] == PAGES


def test_the_same_scan_of_two_people_shares_nothing(board: Scans) -> None:
    board.sign_up("grace", invitation=board_invitation(board))
    grace = board.sign_in("grace")
    data = scan()
    mine = board.add(data=data)
    board.finished(mine["job_id"])
    slow = board.make(6, "slow")
    hers = board.add(grace, data)
    assert hers["duplicate_of"] is None
    eventually(lambda: board.get(f"/documents/{hers['document_id']}/pages", grace)["total"] == 5)
    assert {document for document, _ in board.found("keeper number one", grace)} == {hers["document_id"]}
    assert hers["document_id"] not in {document for document, _ in board.found("keeper number one")}
    slow.unlink()
    eventually(lambda: board.get(f"/jobs/{hers['job_id']}/status", grace)["state"] == "SUCCESS")
    assert board.reads == Counter(dict.fromkeys(ALL, 2)), "what one person's reading brought is nobody else's"


def board_invitation(board: Scans) -> str:
    with board.client() as client:
        code: str = client.post("/invitations", json={}).raise_for_status().json()["code"]
    return code
