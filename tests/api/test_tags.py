"""Tags over HTTP: names, colours, rules, one document and many."""

from __future__ import annotations

from backend.jobs.services import Services
from tests.factories import new_document


def tags_of(client, document_id: int) -> list[str]:
    return [tag["name"] for tag in client.get(f"/documents/{document_id}").json()["tags"]]


def test_a_tag_is_made_with_a_name_a_colour_and_a_rule(client, services: Services, user: int) -> None:
    rule = {"any": [{"field": "title", "op": "contains", "value": "tea"}]}
    made = client.post("/tags", json={"name": "  Hot   drinks ", "colour": "teal", "rule": rule})
    assert made.status_code == 201, made.text
    tag = made.json()
    assert tag == {"id": tag["id"], "name": "Hot drinks", "colour": "teal", "document_count": 0, "rule": tag["rule"]}
    assert tag["rule"]["any"] == rule["any"]
    listed = client.get("/tags").json()
    assert listed["items"] == [tag]
    assert listed["total"] == 1


def test_a_document_gets_exactly_the_tags_that_are_put(client, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    answer = client.put(f"/documents/{document_id}/tags", json={"names": ["b", "A", "a"]})
    assert answer.status_code == 200, answer.text
    assert tags_of(client, document_id) == ["A", "b"]
    client.put(f"/documents/{document_id}/tags", json={"names": ["c"]})
    assert tags_of(client, document_id) == ["c"]
    assert [item["document_count"] for item in client.get("/tags").json()["items"]] == [0, 0, 1]
