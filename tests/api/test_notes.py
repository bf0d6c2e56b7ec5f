"""Notes over HTTP."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from backend.api.notes import LONGEST
from backend.jobs.services import Services
from tests.factories import new_document


def test_notes_are_written_changed_listed_and_thrown_away(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    address = f"/documents/{document_id}/notes"
    first, second = (client.post(address, json={"text": f"*{word}*"}).json() for word in ("one", "two"))
    assert (first["document_id"], first["text"]) == (document_id, "*one*")
    changed = client.patch(f"/notes/{first['id']}", json={"text": "three"}).json()
    assert changed["text"] == "three"
    assert changed["updated_at"] > first["updated_at"]
    assert changed["created_at"] == first["created_at"]
    listed = client.get(address).json()
    assert [note["text"] for note in listed["items"]] == ["three", "*two*"]
    assert client.delete(f"/notes/{second['id']}").json() == {"deleted": True}
    assert client.get(address).json()["total"] == 1


def test_a_long_list_of_notes_comes_in_pages(client: TestClient, services: Services, user: int) -> None:
    address = f"/documents/{new_document(services.database, user)}/notes"
    for number in range(5):
        client.post(address, json={"text": str(number)}).raise_for_status()
    seen, cursor = [], None
    while True:
        page = client.get(address, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [note["text"] for note in page["items"]]
        assert page["total"] == 5
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "expected"), [("  \n", "empty_note"), ("", "empty_note"), ("x" * (LONGEST + 1), "invalid_input")]
)
def test_a_note_that_says_nothing_or_too_much_is_refused(
    client: TestClient, services: Services, user: int, text: str, expected: str
) -> None:
    document_id = new_document(services.database, user)
    answer = client.post(f"/documents/{document_id}/notes", json={"text": text})
    assert answer.json()["error"]["code"] == expected
    assert client.get(f"/documents/{document_id}/notes").json()["total"] == 0


def test_the_notes_of_a_document_in_the_trash_wait_for_it(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    note = client.post(f"/documents/{document_id}/notes", json={"text": "still here"}).json()
    client.delete(f"/documents/{document_id}").raise_for_status()
    assert client.patch(f"/notes/{note['id']}", json={"text": "x"}).status_code == 404
    client.post(f"/documents/{document_id}/restore").raise_for_status()
    assert client.get(f"/documents/{document_id}/notes").json()["items"][0]["text"] == "still here"
