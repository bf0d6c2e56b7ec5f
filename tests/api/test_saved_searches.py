"""Kept searches over HTTP, and how much is new in them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.ports import Embedder
from backend.jobs.services import Services
from tests.factories import file_document


def keep(client: TestClient, name: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/saved-searches", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def new_counts(client: TestClient) -> dict[str, int]:
    return {item["name"]: item["new_count"] for item in client.get("/saved-searches").json()["items"]}


def test_a_search_is_kept_changed_and_thrown_away(client: TestClient) -> None:
    made = keep(client, " Tea  news ", q="tea", filters={"language": "en", "since": "2026-01-01T00:00:00"})
    assert (made["name"], made["q"], made["new_count"]) == ("Tea news", "tea", 0)
    assert (made["filters"]["language"], made["filters"]["since"]) == ("en", "2026-01-01T00:00:00Z")
    changed = client.patch(f"/saved-searches/{made['id']}", json={"q": "", "filters": {"type": "pdf"}}).json()
    assert (changed["name"], changed["q"], changed["filters"]["type"]) == ("Tea news", "", "pdf")
    assert changed["filters"]["language"] is None
    assert client.get("/saved-searches").json()["items"] == [changed]
    assert client.delete(f"/saved-searches/{made['id']}").json() == {"deleted": True}
    assert client.get("/saved-searches").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": " ", "q": "x"}, "empty_name"),
        ({"name": "x" * 121, "q": "x"}, "name_too_long"),
        ({"name": "x", "q": "  "}, "empty_search"),
        ({"name": "x"}, "empty_search"),
        ({"name": "x", "filters": {"colour": "red"}}, "invalid_input"),
        ({"name": "x", "filters": {"tag": -1}}, "invalid_input"),
        ({"name": "x", "filters": {"since": "yesterday"}}, "invalid_input"),
    ],
)
def test_what_asks_for_nothing_is_not_kept(client: TestClient, body: dict[str, Any], expected: str) -> None:
    answer = client.post("/saved-searches", json=body)
    assert answer.json()["error"]["code"] == expected
    assert client.get("/saved-searches").json()["total"] == 0


def test_two_searches_cannot_have_one_name(client: TestClient) -> None:
    keep(client, "Tea", q="tea")
    other = keep(client, "Coffee", q="coffee")
    assert client.post("/saved-searches", json={"name": "TEA", "q": "x"}).json()["error"]["code"] == "name_taken"
    taken = client.patch(f"/saved-searches/{other['id']}", json={"name": "tea"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "name_taken")


def test_what_came_since_a_person_looked_is_counted(
    client: TestClient, services: Services, embedder: Embedder, user: int, other_user: int
) -> None:
    file_document(services.database, embedder, user, "Old tea is already here.", language="en")
    for name, question in (
        ("tea", {"q": "tea"}),
        ("coffee", {"q": "coffee"}),
        ("all english", {"filters": {"language": "en"}}),
    ):
        keep(client, name, **question)
    assert new_counts(client) == {"tea": 0, "coffee": 0, "all english": 0}
    for number in range(2):
        file_document(services.database, embedder, user, f"New tea number {number} has come.", language="en")
    file_document(services.database, embedder, other_user, "Somebody else's tea.", language="en")
    assert new_counts(client) == {"tea": 2, "coffee": 0, "all english": 2}
    tea = next(item for item in client.get("/saved-searches").json()["items"] if item["name"] == "tea")
    seen = client.post(f"/saved-searches/{tea['id']}/seen").json()
    assert (seen["new_count"], seen["seen_at"] > tea["seen_at"]) == (0, True)
    assert new_counts(client) == {"tea": 0, "coffee": 0, "all english": 2}
