"""Concepts over HTTP: their lists, names, proofs, and what people merge and split."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from backend.domain.chunks import Chunk
from backend.domain.concepts import FoundConcept
from backend.domain.spellings import Evidence
from backend.store import concepts, passages
from backend.store.concept_rows import Concept
from backend.store.database import Database
from tests.factories import new_document

PAGE = {"page": 4}


def show(database: Database, owner: int, name: str, *names: str) -> int:
    """A document that shows concepts of these names, each with a quote; its id."""
    document_id = new_document(database, owner, f"{name}.pdf")
    found = [
        FoundConcept(one, "topic", round(0.9 - rank / 10, 2), f"All about {one}.", rank, rank + 10, 0)
        for rank, one in enumerate(names)
    ]
    with database.session(owner) as session:
        from_page = Chunk(0, "All about it.", 0, 13, None, PAGE)
        ids = passages.replace(session, owner, document_id, [from_page], [[0.0] * 384], "none", "en")
        concepts.replace(session, owner, document_id, found, ids, Evidence())
    return document_id


@pytest.fixture
def board(database: Database, user: int) -> dict[str, int]:
    """Three documents, by name."""
    return {
        "a": show(database, user, "a", "Heat pump", "Insulation"),
        "b": show(database, user, "b", "heat pumps", "Boiler"),
        "c": show(database, user, "c", "Boiler", "Insulation", "Wind"),
    }


def listed(client: TestClient, **params: Any) -> dict[str, tuple[int, int]]:
    body = client.get("/concepts", params=params).json()
    return {item["name"]: (item["document_count"], item["spellings"]) for item in body["items"]}


def of(client: TestClient, name: str) -> int:
    found: int = next(item["id"] for item in client.get("/concepts").json()["items"] if item["name"] == name)
    return found


def test_a_list_shows_each_concept_once_and_finds_any_of_its_names(client: TestClient, board: dict[str, int]) -> None:
    assert listed(client) == {"Heat pump": (2, 2), "Insulation": (2, 1), "Boiler": (2, 1), "Wind": (1, 1)}
    assert listed(client, q="PUMPS") == {"Heat pump": (2, 2)}
    assert listed(client, category="place") == {}
    first = client.get("/concepts", params={"limit": 3}).json()
    rest = client.get("/concepts", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert first["total"] == rest["total"] == 4
    assert [item["name"] for item in rest["items"]] == ["Wind"]


def test_one_concept_tells_its_names_and_what_it_stands_beside(client: TestClient, board: dict[str, int]) -> None:
    body = client.get(f"/concepts/{of(client, 'Heat pump')}").json()
    assert [(one["name"], one["how"], one["document_count"]) for one in body["spellings"]] == [
        ("Heat pump", "self", 1),
        ("heat pumps", "spelling", 1),
    ]
    assert {(one["name"], one["documents"]) for one in body["related"]} == {("Insulation", 1), ("Boiler", 1)}
    assert (body["document_count"], body["clusters"]) == (2, [])
    merged = client.get(f"/concepts/{body['spellings'][1]['id']}").json()
    assert merged == body, "the id of a merged concept leads to the one that is shown"


def test_proofs_come_with_quote_and_place_the_surest_first(client: TestClient, board: dict[str, int]) -> None:
    boiler = of(client, "Boiler")
    first = client.get(f"/concepts/{boiler}/proofs", params={"limit": 1}).json()
    second = client.get(f"/concepts/{boiler}/proofs", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    (proof,) = first["items"]
    assert (proof["document_id"], proof["quote"], proof["place"]) == (board["c"], "All about Boiler.", PAGE)
    assert (proof["title"], proof["confidence"], proof["url"]) == ("c.pdf", 0.9, None)
    assert [item["document_id"] for item in second["items"]] == [board["b"]]
    assert (first["total"], second["next_cursor"]) == (2, None)
    assert client.get(f"/concepts/{boiler}/proofs", params={"cursor": "WyJhIiwgMV0"}).status_code == 400


def test_every_list_of_documents_follows_a_merge_and_a_split(client: TestClient, board: dict[str, int]) -> None:
    boiler, wind = of(client, "Boiler"), of(client, "Wind")
    before = listed(client)
    merged = client.post(f"/concepts/{wind}/merge", json={"concept_ids": [boiler]})
    assert merged.status_code == 200, merged.text
    assert [(one["name"], one["how"]) for one in merged.json()["spellings"]] == [("Wind", "self"), ("Boiler", "person")]
    for asked in (boiler, wind):
        found = client.get("/documents", params={"concept": asked}).json()["items"]
        assert {item["id"] for item in found} == {board["b"], board["c"]}
    names = [concept["name"] for concept in client.get(f"/documents/{board['c']}").json()["concepts"]]
    assert sorted(names) == ["Insulation", "Wind"]
    split = client.post(f"/concepts/{wind}/split", json={"concept_ids": [boiler]})
    assert [one["name"] for one in split.json()["spellings"]] == ["Wind"]
    assert listed(client) == before


def test_a_person_names_a_concept_and_its_kind(client: TestClient, board: dict[str, int]) -> None:
    pump = of(client, "Heat pump")
    body = client.patch(f"/concepts/{pump}", json={"name": "  Heat   pumps ", "category": "machine"}).json()
    assert (body["name"], body["category"]) == ("Heat pumps", "machine")
    assert listed(client, category="machine") == {"Heat pumps": (2, 2)}
    assert client.patch(f"/concepts/{pump}", json={"name": " "}).json()["error"]["code"] == "empty_name"


@pytest.mark.parametrize(
    ("move", "name", "code"),
    [("merge", "Wind", "already_merged"), ("split", "Wind", "not_a_spelling"), ("split", "Boiler", "not_a_spelling")],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    client: TestClient, board: dict[str, int], move: str, name: str, code: str
) -> None:
    answer = client.post(f"/concepts/{of(client, 'Wind')}/{move}", json={"concept_ids": [of(client, name)]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_nobody_merges_a_concept_of_somebody_else(
    client: TestClient, database: Database, board: dict[str, int], other_user: int
) -> None:
    show(database, other_user, "d", "Secret")
    with database.session(other_user) as session:
        theirs = session.scalars(select(Concept.id).where(Concept.name == "Secret")).one()
    answer = client.post(f"/concepts/{of(client, 'Wind')}/merge", json={"concept_ids": [theirs]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "concept_not_found")
    assert client.get(f"/concepts/{theirs}").status_code == 404
    assert "Secret" not in listed(client)


def test_a_merge_sent_twice_with_one_key_is_done_once(client: TestClient, board: dict[str, int]) -> None:
    boiler, wind = of(client, "Boiler"), of(client, "Wind")
    key = {"Idempotency-Key": "merge-once"}
    first, again = (
        client.post(f"/concepts/{wind}/merge", json={"concept_ids": [boiler]}, headers=key) for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
