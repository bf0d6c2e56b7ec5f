"""Highlights over HTTP, and what becomes of them when their document is read again."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.content import Content, Part
from backend.jobs.services import Services
from backend.store import documents, highlights
from tests.worker.hand import work

TEXT = "Tea\n\nGreen tea is brewed at seventy degrees. Black tea is brewed with boiling water."
GREEN = "Green tea is brewed at seventy degrees."


@pytest.fixture
def document_id(client: TestClient, services: Services) -> int:
    """A document that was read."""
    accepted = client.post("/upload_text", json={"content": TEXT, "title": "Tea"}).json()
    work(services)
    return int(accepted["document_id"])


def mark(client: TestClient, document_id: int, words: str, **more: Any) -> dict[str, Any]:
    text = client.get(f"/documents/{document_id}/text").json()["text"]
    start = text.index(words)
    body = {"start": start, "end": start + len(words), "quote": words, **more}
    answer = client.post(f"/documents/{document_id}/highlights", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def read_anew(services: Services, owner_id: int, document_id: int, text: str) -> None:
    """As the last step of reading does it."""
    with services.database.session(owner_id) as session:
        content = Content(text=text, media_type="text/plain", parts=(Part(0, len(text), {"page": 1}),))
        documents.save_text(session, document_id, content, "another reader")
        highlights.find_again(session, owner_id, document_id, text)


def test_text_is_marked_with_its_words_passage_and_place(client: TestClient, document_id: int) -> None:
    made = mark(client, document_id, GREEN, colour="pink", note="Really?")
    assert made == {
        **made, "quote": GREEN, "colour": "pink", "note": "Really?", "lost": False, "place": {}
    }  # fmt: skip
    passages = client.get(f"/documents/{document_id}/passages").json()["items"]
    assert made["passage_id"] == passages[0]["id"]
    changed = client.patch(f"/highlights/{made['id']}", json={"colour": "blue", "note": None}).json()
    assert (changed["colour"], changed["note"], changed["quote"]) == ("blue", None, GREEN)
    mark(client, document_id, "tea is brewed at seventy")  # overlapping
    listed = client.get(f"/documents/{document_id}/highlights").json()
    assert [item["quote"] for item in listed["items"]] == [GREEN, "tea is brewed at seventy"]
    assert client.delete(f"/highlights/{made['id']}").json() == {"deleted": True}
    assert client.get(f"/documents/{document_id}/highlights").json()["total"] == 1


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"start": 5, "end": 5}, 400, "invalid_range"),
        ({"start": 9, "end": 5}, 400, "invalid_range"),
        ({"start": 0, "end": 100_000}, 400, "invalid_range"),
        ({"start": 3, "end": 5}, 400, "invalid_range"),
        ({"start": -1, "end": 5}, 422, "invalid_input"),
        ({"start": 0, "end": 3, "colour": "mauve"}, 422, "invalid_input"),
        ({"start": 0, "end": 3, "quote": "Tee"}, 409, "text_changed"),
    ],
)
def test_what_is_no_run_of_the_text_is_refused(
    client: TestClient, document_id: int, body: dict[str, Any], status: int, expected: str
) -> None:
    answer = client.post(f"/documents/{document_id}/highlights", json=body)
    assert answer.json()["error"]["code"] == expected
    assert answer.status_code in {status, 400}
    assert client.get(f"/documents/{document_id}/highlights").json()["total"] == 0


def test_a_document_without_text_cannot_be_marked(client: TestClient) -> None:
    accepted = client.post("/upload_text", json={"content": "not read yet"}).json()
    answer = client.post(f"/documents/{accepted['document_id']}/highlights", json={"start": 0, "end": 1})
    assert answer.json()["error"]["code"] == "no_text"


def test_highlights_move_along_with_their_words(
    client: TestClient, services: Services, user: int, document_id: int
) -> None:
    kept, dropped = mark(client, document_id, GREEN), mark(client, document_id, "Black tea")
    text = "A new first page.\n\n" + TEXT.replace("Black tea is brewed", "It is brewed")
    read_anew(services, user, document_id, text)
    shown = {item["id"]: item for item in client.get(f"/documents/{document_id}/highlights").json()["items"]}
    moved = shown[kept["id"]]
    assert text[moved["start"] : moved["end"]] == GREEN
    assert shown[dropped["id"]]["lost"] is True
    assert shown[dropped["id"]]["quote"] == "Black tea"
    assert (shown[dropped["id"]]["passage_id"], shown[dropped["id"]]["place"]) == (None, None)
    read_anew(services, user, document_id, TEXT)
    again = {item["id"]: item for item in client.get(f"/documents/{document_id}/highlights").json()["items"]}
    assert [(again[one["id"]]["start"], again[one["id"]]["lost"]) for one in (kept, dropped)] == [
        (kept["start"], False),
        (dropped["start"], False),
    ]


def test_reading_a_document_again_keeps_its_highlights_in_place(
    client: TestClient, services: Services, user: int, document_id: int
) -> None:
    made = mark(client, document_id, GREEN)
    with services.database.session(user) as session:  # as if an older reader had seen a page more
        highlights.get(session, user, made["id"]).start += 7
        highlights.get(session, user, made["id"]).end += 7
    client.post(f"/documents/{document_id}/reprocess").raise_for_status()
    work(services)
    found = client.get(f"/documents/{document_id}/highlights").json()["items"][0]
    assert (found["start"], found["end"], found["lost"]) == (made["start"], made["end"], False)
    assert found["passage_id"] is not None
