"""The list of documents by tag, source, time and sub-topic, and how many questions a page of it costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.store import documents
from backend.store.database import Database
from tests.factories import new_document


@pytest.fixture
def statements(services: Services) -> Iterator[list[str]]:
    """Every statement that is executed on the board's database."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", hear)
    yield said
    event.remove(services.database.engine, "before_cursor_execute", hear)


def changed(database: Database, owner_id: int, document_id: int, **values: Any) -> int:
    with database.session(owner_id) as session:
        session.query(documents.Document).filter_by(id=document_id).update(values)
    return document_id


def listed(client: TestClient, **filters: Any) -> list[int]:
    answer = client.get("/documents", params=filters)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["total"] == len(told["items"])
    return sorted(item["id"] for item in told["items"])


def test_documents_are_found_by_their_tag(client: TestClient, database: Database, user: int) -> None:
    one, two, three = (new_document(database, user, f"{number}.txt") for number in range(3))
    client.post("/documents/tags", json={"document_ids": [one, three], "add": ["red"]}).raise_for_status()
    tag_id = client.get("/tags").json()["items"][0]["id"]
    assert listed(client, tag=tag_id) == [one, three]
    assert listed(client, tag=tag_id + 1) == []
    assert two in listed(client)


def test_documents_are_found_by_where_they_come_from(client: TestClient, database: Database, user: int) -> None:
    addresses = {
        "https://www.Example.org/a": "example.org",
        "http://someone@example.org:8080/b?c#d": "example.org",
        "https://news.example.org/": "news.example.org",
    }
    ids = {
        url: changed(database, user, new_document(database, user, url), source_url=url, kind="url") for url in addresses
    }
    plain = new_document(database, user, "plain.txt")
    for site in set(addresses.values()):
        assert listed(client, source=site) == sorted(ids[url] for url, of in addresses.items() if of == site)
    assert listed(client, source="EXAMPLE.org") == listed(client, source="example.org")
    assert listed(client, source="file") == [plain]
    assert listed(client, source="example") == []


def test_documents_are_found_by_when_they_were_added(client: TestClient, database: Database, user: int) -> None:
    old, new = (new_document(database, user, f"{number}.txt") for number in range(2))
    changed(database, user, old, created_at=func.now() - timedelta(days=10))
    moment = client.get(f"/documents/{new}").json()["created_at"]
    assert listed(client, since=moment) == [new]
    assert listed(client, until=moment) == [old]
    assert listed(client, since=moment[:10], until="2999-01-01") == [new]
    refused = client.get("/documents", params={"since": "yesterday"})
    assert refused.json()["error"]["code"] == "invalid_input"


def test_filters_narrow_each_other(client: TestClient, database: Database, user: int) -> None:
    one, two = (new_document(database, user, f"{number}.txt") for number in range(2))
    client.post("/documents/tags", json={"document_ids": [one, two], "add": ["both"]}).raise_for_status()
    changed(database, user, two, language="de")
    tag_id = client.get("/tags").json()["items"][0]["id"]
    assert listed(client, tag=tag_id, language="de", source="file") == [two]
    assert listed(client, tag=tag_id, language="de", source="example.org") == []
    assert listed(client, subcluster=1) == listed(client, cluster=1) == []


def test_a_page_costs_as_many_questions_as_a_single_document(
    client: TestClient, database: Database, user: int, statements: list[str]
) -> None:
    ids = [new_document(database, user, f"{number}.txt") for number in range(40)]
    client.post("/documents/tags", json={"document_ids": ids, "add": ["a", "b"]}).raise_for_status()
    counts = []
    for limit in (1, 40):
        statements.clear()
        items = client.get("/documents", params={"limit": limit}).json()["items"]
        assert [[tag["name"] for tag in item["tags"]] for item in items] == [["a", "b"]] * limit
        counts.append(len(statements))
    assert counts[0] == counts[1]
