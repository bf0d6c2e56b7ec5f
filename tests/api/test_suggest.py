"""Suggestions over HTTP."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from backend.jobs.services import Services
from tests.api.conftest import MakeToken, bearer
from tests.factories import new_document


def suggested(client: TestClient, q: str, **more: object) -> list[tuple[str, str]]:
    answer = client.get("/search/suggest", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [(item["kind"], item["text"]) for item in answer.json()["items"]]


def test_names_are_suggested_from_the_first_letter_on(client: TestClient, services: Services, user: int) -> None:
    new_document(services.database, user, "Heat pumps.pdf")
    for q in ("h", "heat pu", "PUMPS"):
        assert ("document", "Heat pumps.pdf") in suggested(client, q), q
    item = client.get("/search/suggest", params={"q": "heat"}).json()["items"][-1]
    assert set(item) == {"kind", "id", "text", "detail"}


def test_no_more_is_suggested_than_was_asked_for(client: TestClient, services: Services, user: int) -> None:
    for number in range(30):
        new_document(services.database, user, f"heat {number}.txt")
    assert len(suggested(client, "heat", limit=4)) == 4


@pytest.mark.parametrize("q", ["", "  ", "?!", "%", "\\", "'", "\N{SNOWMAN}", "a" * 200])
def test_nothing_typed_or_nothing_like_it_suggests_nothing(client: TestClient, user: int, q: str) -> None:
    assert suggested(client, q) == []


def test_another_person_is_suggested_nothing_of_mine(
    client: TestClient, services: Services, user: int, other_user: int, make_token: MakeToken
) -> None:
    new_document(services.database, user, "secret walrus.txt")
    theirs = client.get("/search/suggest", params={"q": "walr"}, headers=bearer(make_token(other_user)))
    assert theirs.json()["items"] == []
    assert suggested(client, "walr")
