"""Tags over HTTP: names, colours, rules, one document and many, and what a worker makes of rules."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.store import document_tags
from tests.api.conftest import MakeToken, bearer
from tests.factories import new_document
from tests.worker.hand import work

TEA = "Green tea is brewed at seventy degrees. Black tea is brewed with boiling water."
ABOUT_TEA = {"any": [{"field": "text", "op": "contains", "value": "green TEA"}]}


def tags_of(client: TestClient, document_id: int) -> list[tuple[str, str]]:
    return [(tag["name"], tag["source"]) for tag in client.get(f"/documents/{document_id}").json()["tags"]]


def make(client: TestClient, name: str, **more: Any) -> int:
    answer = client.post("/tags", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def put(client: TestClient, document_id: int, *names: str) -> None:
    client.put(f"/documents/{document_id}/tags", json={"names": names}).raise_for_status()


def upload(client: TestClient, services: Services, text: str, title: str = "A note") -> int:
    accepted = client.post("/upload_text", json={"content": text, "title": title}).json()
    work(services)
    return int(accepted["document_id"])


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_tag_is_made_with_a_name_a_colour_and_a_rule(client: TestClient) -> None:
    rule = {"any": [{"field": "title", "op": "contains", "value": "tea"}]}
    made = client.post("/tags", json={"name": "  Hot   drinks ", "colour": "teal", "rule": rule})
    assert made.status_code == 201, made.text
    tag = made.json()
    assert tag == {"id": tag["id"], "name": "Hot drinks", "colour": "teal", "document_count": 0, "rule": tag["rule"]}
    assert tag["rule"]["any"] == rule["any"]
    listed = client.get("/tags").json()
    assert listed["items"] == [tag]
    assert listed["total"] == 1


def test_the_same_name_in_other_letters_is_taken(client: TestClient) -> None:
    make(client, "To Read")
    assert code(client.post("/tags", json={"name": "to  READ"})) == (409, "name_taken")
    other = make(client, "Later")
    assert code(client.patch(f"/tags/{other}", json={"name": "TO READ"})) == (409, "name_taken")
    assert client.patch(f"/tags/{other}", json={"name": "LATER"}).json()["name"] == "LATER"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": " "}, "empty_name"),
        ({"name": "x" * 61}, "name_too_long"),
        ({"name": "x", "colour": "mauve"}, "invalid_input"),
        ({"name": "x", "rule": {}}, "invalid_rule"),
        ({"name": "x", "rule": {"any": []}}, "invalid_input"),
        ({"name": "x", "rule": {"any": [{"field": "title", "op": "is", "value": "  "}]}}, "invalid_rule"),
        ({"name": "x", "rule": {"any": [{"field": "size", "op": "is", "value": "1"}]}}, "invalid_input"),
        ({}, "missing_field"),
    ],
)
def test_what_is_no_tag_is_refused(client: TestClient, body: dict[str, Any], expected: str) -> None:
    status, said = code(client.post("/tags", json=body))
    assert (status in {400, 422}, said) == (True, expected)


def test_a_document_gets_exactly_the_tags_that_are_put(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    answer = client.put(f"/documents/{document_id}/tags", json={"names": ["b", "A", "a"]})
    assert [tag["name"] for tag in answer.json()["tags"]] == ["A", "b"]
    assert tags_of(client, document_id) == [("A", "person"), ("b", "person")]
    put(client, document_id, "c")
    assert tags_of(client, document_id) == [("c", "person")]
    assert [item["document_count"] for item in client.get("/tags").json()["items"]] == [0, 0, 1]


def test_many_documents_are_tagged_at_once_or_not_at_all(client: TestClient, services: Services, user: int) -> None:
    ids = [new_document(services.database, user, f"{number}.txt") for number in range(3)]
    put(client, ids[0], "old", "kept")
    answer = client.post("/documents/tags", json={"document_ids": [*ids, ids[0]], "add": ["new"], "remove": ["OLD"]})
    assert answer.status_code == 200, answer.text
    assert [item["document_id"] for item in answer.json()["items"]] == ids
    assert [name for name, _ in tags_of(client, ids[0])] == ["kept", "new"]
    missing = client.post("/documents/tags", json={"document_ids": [ids[0], 99999], "add": ["never"]})
    assert code(missing) == (404, "document_not_found")
    assert [name for name, _ in tags_of(client, ids[0])] == ["kept", "new"]
    assert "never" not in [tag["name"] for tag in client.get("/tags").json()["items"]]


def test_the_same_request_twice_does_one_thing(client: TestClient, services: Services, user: int) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, second = (client.post("/tags", json={"name": "once"}, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    document_id = new_document(services.database, user)
    key = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        client.put(f"/documents/{document_id}/tags", json={"names": ["once"]}, headers=key).raise_for_status()
    assert tags_of(client, document_id) == [("once", "person")]


def test_merged_tags_are_one_on_every_document(client: TestClient, services: Services, user: int) -> None:
    one, two = (new_document(services.database, user, f"{number}.txt") for number in range(2))
    put(client, one, "coffee", "kaffee")
    put(client, two, "kaffee")
    ids = {tag["name"]: tag["id"] for tag in client.get("/tags").json()["items"]}
    merged = client.post(f"/tags/{ids['coffee']}/merge", json={"tag_ids": [ids["kaffee"]]})
    assert merged.json()["document_count"] == 2, merged.text
    assert tags_of(client, one) == tags_of(client, two) == [("coffee", "person")]
    assert client.get("/tags").json()["total"] == 1
    assert code(client.post(f"/tags/{ids['coffee']}/merge", json={"tag_ids": [ids["coffee"]]})) == (400, "same_tag")


def test_a_deleted_tag_is_off_every_document(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    put(client, document_id, "gone")
    tag_id = client.get("/tags").json()["items"][0]["id"]
    assert client.delete(f"/tags/{tag_id}").json() == {"deleted": True}
    assert tags_of(client, document_id) == []
    assert code(client.delete(f"/tags/{tag_id}")) == (404, "tag_not_found")


def test_what_is_read_gets_the_tags_of_the_rules(client: TestClient, services: Services) -> None:
    make(client, "Tea", rule=ABOUT_TEA)
    make(client, "Coffee", rule={"any": [{"field": "text", "op": "contains", "value": "coffee"}]})
    make(client, "Mine", rule={"all": [{"field": "source", "op": "is", "value": "text"}]})
    document_id = upload(client, services, TEA)
    assert tags_of(client, document_id) == [("Mine", "rule"), ("Tea", "rule")]


def test_a_rule_is_applied_to_what_is_there_once_and_follows_its_changes(
    client: TestClient, services: Services
) -> None:
    documents = [upload(client, services, f"{TEA} Number {number}.", f"note {number}") for number in range(3)]
    tag_id = make(client, "Tea", rule=ABOUT_TEA)
    for given in (3, 0):  # applying it again changes nothing
        accepted = client.post(f"/tags/{tag_id}/apply").json()
        work(services)
        done = client.get(f"/jobs/{accepted['job_id']}/status").json()
        assert done["state"] == "SUCCESS", done["error"]
        assert done["result"] == {"tag_id": tag_id, "documents": 3, "matched": 3, "given": given}
    put(client, documents[0], "Tea", "by hand")
    second = {"any": [{"field": "title", "op": "is", "value": "note 2"}]}
    client.patch(f"/tags/{tag_id}", json={"rule": second}).raise_for_status()
    client.post(f"/tags/{tag_id}/apply").raise_for_status()
    work(services)
    assert [name for name, _ in tags_of(client, documents[0])] == ["by hand"]
    assert tags_of(client, documents[1]) == []
    assert tags_of(client, documents[2]) == [("Tea", "rule")]


def test_a_tag_that_a_person_gave_stays_when_the_rule_does_not_hold(client: TestClient, services: Services) -> None:
    document_id = upload(client, services, "Nothing about hot drinks here.")
    tag_id = make(client, "Tea", rule=ABOUT_TEA)
    put(client, document_id, "Tea")
    client.post(f"/tags/{tag_id}/apply").raise_for_status()
    work(services)
    assert tags_of(client, document_id) == [("Tea", "person")]


def test_a_tag_that_a_person_took_off_is_not_put_back(client: TestClient, services: Services) -> None:
    tag_id = make(client, "Tea", rule=ABOUT_TEA)
    document_id = upload(client, services, TEA)
    put(client, document_id)
    client.post(f"/tags/{tag_id}/apply").raise_for_status()
    client.post(f"/documents/{document_id}/reprocess").raise_for_status()
    assert work(services) == 3
    assert tags_of(client, document_id) == []
    put(client, document_id, "Tea")  # a person may, and then it is theirs
    assert tags_of(client, document_id) == [("Tea", "person")]


def test_a_tag_without_its_rule_stays_where_it_is(client: TestClient, services: Services) -> None:
    tag_id = make(client, "Tea", rule=ABOUT_TEA)
    document_id = upload(client, services, TEA)
    assert client.patch(f"/tags/{tag_id}", json={"rule": None}).json()["rule"] is None
    assert tags_of(client, document_id) == [("Tea", "person")]
    assert code(client.post(f"/tags/{tag_id}/apply")) == (400, "no_rule")


def test_tags_of_two_people_never_meet(
    client: TestClient, anyone: TestClient, services: Services, user: int, other_user: int, make_token: MakeToken
) -> None:
    mine, theirs = new_document(services.database, user), new_document(services.database, other_user)
    put(client, mine, "same name")
    hers = bearer(make_token(other_user))
    put_theirs = anyone.put(f"/documents/{theirs}/tags", json={"names": ["same name"]}, headers=hers)
    assert put_theirs.json()["tags"][0]["id"] != client.get("/tags").json()["items"][0]["id"]
    foreign = client.post("/documents/tags", json={"document_ids": [mine, theirs], "add": ["x"]})
    assert code(foreign) == (404, "document_not_found")
    my_tag = client.get("/tags").json()["items"][0]["id"]
    their_tag = put_theirs.json()["tags"][0]["id"]
    assert code(client.post(f"/tags/{my_tag}/merge", json={"tag_ids": [their_tag]})) == (404, "tag_not_found")
    assert client.get("/documents", params={"tag": their_tag}).json()["total"] == 0
    with services.database.session(user) as session:
        assert document_tags.of_documents(session, user, [theirs])[theirs] == []
