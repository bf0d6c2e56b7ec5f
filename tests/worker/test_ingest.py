"""A document's way through a whole running board, and what its job says on the way."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tests.board import Board, eventually
from tests.worker.kin import POSSIBLE

NOTE = b"""# Tidal power

Tidal power stations turn the energy of the tides into electricity. The Rance tidal power station in Brittany has
worked since 1966. A tidal barrage dams an estuary; a tidal stream generator stands in the current like a wind turbine.

## What it costs

Building a tidal barrage is expensive, but the tides are predictable, which wind is not. Salt water corrodes turbines,
and a barrage changes the estuary for fish and birds. Engineers therefore try tidal lagoons.
"""


def note(name: str) -> bytes:
    """A text of its own for each test: the same bytes twice would be one document."""
    return NOTE + f"\nThis copy is for {name}.\n".encode()


def test_an_upload_goes_from_its_bytes_to_its_cluster(board: Board) -> None:
    accepted = board.upload("tides.md", note("the whole way"))
    done = board.finished(accepted["job_id"])
    assert done["state"] == "SUCCESS", done["error"]
    assert (done["meta"]["percent"], done["meta"]["message"]) == (100.0, "Task completed successfully")
    result = done["result"]
    assert result["doc_id"] == accepted["document_id"]
    assert result["filename"] == "tides.md"
    assert isinstance(result["cluster_id"], int)
    assert any("tidal" in name.lower() for name in result["concepts"])
    with board.client() as client:
        document = client.get(f"/documents/{result['doc_id']}").json()
        assert document["status"] == "completed"
        assert document["cluster_id"] == result["cluster_id"]
        found = client.get("/search", params={"q": '"the whole way" barrage estuary'}).json()["items"]
        assert found[0]["document_id"] == result["doc_id"]


def test_the_history_tells_both_steps_and_their_stages(board: Board) -> None:
    accepted = board.upload("history.md", note("its history"))
    board.finished(accepted["job_id"])
    with board.client() as client:
        detail = client.get(f"/jobs/{accepted['job_id']}").json()
    assert [(entry["step"], entry["outcome"]) for entry in detail["history"]] == [
        ("extract", "SUCCESS"),
        ("understand", "SUCCESS"),
    ]
    stages = [stage["stage"] for entry in detail["history"] for stage in entry["stages"]]
    assert stages == ["decoding", "extracting_text", "ai_analysis", "clustering", "saving"]
    assert detail["filename"] == "history.md"


def test_a_long_poll_answers_with_every_change_until_the_end(board: Board) -> None:
    accepted = board.upload("poll.md", note("the long poll"))
    seen: list[dict[str, Any]] = []
    etag = ""
    with board.client() as client:
        while not seen or not seen[-1]["finished_at"]:
            headers = {"If-None-Match": etag} if etag else {}
            answer = client.get(f"/jobs/{accepted['job_id']}/status", params={"wait": 20}, headers=headers)
            if answer.status_code == 200:
                seen.append(answer.json())
                etag = answer.headers["etag"]
        again = client.get(f"/jobs/{accepted['job_id']}/status", headers={"If-None-Match": etag})
    assert again.status_code == 304
    percents = [status["meta"]["percent"] for status in seen]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert all(percent < 100 for percent in percents[:-1])


def test_the_event_stream_tells_the_same_facts(board: Board) -> None:
    events: list[dict[str, Any]] = []
    ready = threading.Event()

    def listen() -> None:
        with board.client() as client, client.stream("GET", "/events", timeout=60) as stream:
            ready.set()
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    events.append(json.loads(line[5:]))
                    if events[-1]["state"] == "SUCCESS":
                        return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    ready.wait(10)
    time.sleep(1)
    accepted = board.upload("events.md", note("the event stream"))
    listener.join(60)
    assert events, "nothing was heard"
    assert {event["job_id"] for event in events} == {accepted["job_id"]}
    assert events[-1]["result"]["doc_id"] == accepted["document_id"]


def test_a_listener_that_comes_back_hears_what_it_missed(board: Board) -> None:
    accepted = board.upload("missed.md", note("a listener that was away"))
    done = board.finished(accepted["job_id"])
    with (
        board.client() as client,
        client.stream("GET", "/events", headers={"Last-Event-ID": done["created_at"]}, timeout=30) as stream,
    ):
        heard = (json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:"))
        missed = next(event for event in heard if event["job_id"] == accepted["job_id"])
    assert missed["state"] == "SUCCESS"


def test_a_revoked_token_hears_nothing_more(board: Board) -> None:
    token = board.sign_in()
    with board.client(token) as client, client.stream("GET", "/events", timeout=30) as stream:
        with board.client(token) as same:
            assert same.post("/token/revoke").status_code < 300
        heard = list(stream.iter_lines())
    assert heard[0].startswith("retry:"), "the stream was open, and then it ended by itself"


def test_a_file_that_cannot_be_read_fails_with_a_code_a_sentence_and_a_hint(board: Board) -> None:
    accepted = board.upload("broken.pdf", b"%PDF-1.7\nthis is no pdf at all\n%%EOF")
    failed = board.finished(accepted["job_id"])
    assert failed["state"] == "FAILURE"
    assert failed["error"]["code"] in ("corrupt", "unreadable", "no_text")
    assert failed["error"]["hint"]
    assert failed["meta"]["error"] == failed["error"]["message"]
    with board.client() as client:
        document = client.get(f"/documents/{accepted['document_id']}").json()
        assert document["status"] == "error"
        original = client.get(f"/documents/{accepted['document_id']}/file")
        assert original.content.startswith(b"%PDF-1.7"), "the original is kept"


def test_the_same_bytes_again_are_the_same_document(board: Board) -> None:
    first = board.upload("twice.md", note("the second time"))
    again = board.upload("twice-under-another-name.md", note("the second time"))
    assert again["document_id"] == first["document_id"]
    assert again["duplicate_of"] == first["document_id"]
    assert again["job_id"] == first["job_id"]
    assert board.finished(first["job_id"])["state"] == "SUCCESS"


def test_a_paused_queue_says_so_and_goes_on_when_resumed(board: Board) -> None:
    with board.client() as client:
        assert client.post("/admin/queues/uploads/pause").json()["paused"] is True
        try:
            accepted = board.upload("paused.md", note("the pause"))
            waiting = eventually(lambda: _reason(board, accepted["job_id"]) == "paused" and board.status)
            assert waiting
            assert board.status(accepted["job_id"])["meta"]["position"] == 1
        finally:
            client.post("/admin/queues/uploads/resume")
    assert board.finished(accepted["job_id"])["state"] == "SUCCESS"


def _reason(board: Board, job_id: str) -> str | None:
    reason: str | None = board.status(job_id)["meta"]["waiting_reason"]
    return reason


def test_a_waiting_job_is_cancelled_and_retried_as_a_new_job(board: Board) -> None:
    with board.client() as client:
        client.post("/admin/queues/uploads/pause")
        try:
            accepted = board.upload("cancelled.md", note("the cancel"))
            cancelled = client.post(f"/jobs/{accepted['job_id']}/cancel").json()
            assert cancelled["state"] == "REVOKED"
            document = client.get(f"/documents/{accepted['document_id']}").json()
            assert document["status"] == "cancelled"
            retried = client.post(f"/jobs/{accepted['job_id']}/retry")
            assert retried.status_code == 202
            new = retried.json()["job_id"]
            assert new != accepted["job_id"]
            assert client.post(f"/jobs/{accepted['job_id']}/retry").json()["job_id"] == new
        finally:
            client.post("/admin/queues/uploads/resume")
        assert board.finished(new)["state"] == "SUCCESS"
        assert board.status(accepted["job_id"])["state"] == "REVOKED"
        detail = client.get(f"/jobs/{accepted['job_id']}").json()
        assert detail["retried_as"] == new


def test_lists_filter_count_and_page(board: Board) -> None:
    for number in range(3):
        board.finished(board.upload(f"list-{number}.md", note(f"list {number}"))["job_id"])
    with board.client() as client:
        first = client.get("/jobs", params={"q": "list-", "limit": 2}).json()
        assert first["total"] == 3
        second = client.get("/jobs", params={"q": "list-", "limit": 2, "cursor": first["next_cursor"]}).json()
        names = [item["filename"] for item in first["items"] + second["items"]]
        assert names == ["list-2.md", "list-1.md", "list-0.md"]
        assert second["next_cursor"] is None
        assert first["counts"]["done"] >= 3
        assert client.get("/jobs", params={"state": "nonsense"}).json()["error"]["code"] == "unknown_state"
        chosen = client.get("/jobs", params={"ids": first["items"][0]["job_id"]}).json()
        assert [item["job_id"] for item in chosen["items"]] == [first["items"][0]["job_id"]]


@pytest.mark.parametrize("path", ["/jobs/{}/status", "/jobs/{}", "/jobs/{}/events"])
def test_a_foreign_job_and_an_unknown_job_are_the_same_404(board: Board, path: str) -> None:
    accepted = board.upload("private.md", note(f"a foreign reader of {path}"))
    with board.client() as owner:
        code = owner.post("/invitations").json()["code"]
    name = f"eve{abs(hash(path)) % 10000}"
    stranger = board.sign_up(name, "a very different phrase", invitation=code)
    with board.client(stranger) as client:
        foreign = client.get(path.format(accepted["job_id"]))
        unknown = client.get(path.format("00000000-0000-7000-8000-000000000000"))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["error"] == unknown.json()["error"]


def test_readiness_tells_of_every_queue(board: Board) -> None:
    board.wait_alive()
    with board.client() as client:
        ready = client.get("/readyz").json()
    assert ready["status"] == "ok"
    assert set(ready["checks"]["queues"]) == {"uploads", "analysis", "low_priority"}


def test_readiness_tells_how_closed_reading_is(board: Board) -> None:
    with board.client() as client:
        assert eventually(lambda: client.get("/readyz").json()["checks"]["extractor"]["level"] in POSSIBLE, within=30)
        reader = client.get("/readyz").json()["checks"]["extractor"]
    assert reader["level"] == POSSIBLE[0]
    assert set(reader["proven"]) == {"files", "writing", "network", "processes", "programs"}
    assert reader["message"] == "" if all(reader["proven"].values()) else reader["message"].startswith("A hostile file")
