"""The numbers of a board over HTTP: one read, honest about their age, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from backend.domain.ports import Embedder
from backend.jobs.services import Services
from backend.store import analytics as stored
from backend.store import documents
from tests.api.conftest import MakeToken, bearer
from tests.factories import file_document, new_document

TEXT = "Green tea is brewed at seventy degrees. Black tea is brewed with boiling water. Tea leaves grow in the hills."


@pytest.fixture
def statements(services: Services) -> Iterator[list[str]]:
    """Every statement that is executed on the board's database."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", hear)
    yield said
    event.remove(services.database.engine, "before_cursor_execute", hear)


def test_the_first_question_is_answered_with_numbers(
    client: TestClient, services: Services, embedder: Embedder, user: int
) -> None:
    file_document(services.database, embedder, user, TEXT, language="en")
    answer = client.get("/analytics")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["totals"]["documents"] == 1
    assert told["totals"]["words"] == len(TEXT.split())
    assert told["totals"]["characters"] == len(TEXT)
    assert told["totals"]["reading_minutes"] == 1
    assert told["totals"]["passages"] == 1
    assert told["totals"]["concepts"] >= 1
    assert told["by_type"] == [{"name": "text", "documents": 1, "bytes": told["totals"]["bytes"]}]
    assert told["by_language"] == [{"name": "en", "documents": 1}]
    assert told["by_source"] == [{"name": "file", "documents": 1}]
    assert [row["documents"] for row in told["growth"]] == [1]
    assert [row["queue"] for row in told["queues"]] == ["uploads", "analysis", "low_priority"]
    assert told["stale"] is False


def test_an_unchanged_answer_is_not_sent_again(client: TestClient, services: Services, user: int) -> None:
    first = client.get("/analytics")
    again = client.get("/analytics", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    new_document(services.database, user)
    changed = client.get("/analytics", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["stale"] is True
    assert changed.json()["totals"]["documents"] == 0


def test_fifty_first_questions_at_once_count_once(
    client: TestClient, services: Services, user: int, statements: list[str]
) -> None:
    new_document(services.database, user)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.get("/analytics"), range(50)))
    assert [answer.status_code for answer in answers] == [200] * 50, answers[0].text
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert len([sql for sql in statements if "percentile_cont" in sql]) == 1


def test_nobody_sees_the_numbers_of_somebody_else(
    client: TestClient, anyone: TestClient, services: Services, user: int, other_user: int, make_token: MakeToken
) -> None:
    new_document(services.database, user)
    assert client.get("/analytics").json()["totals"]["documents"] == 1
    theirs = anyone.get("/analytics", headers=bearer(make_token(other_user)))
    assert theirs.json()["totals"]["documents"] == 0
    with services.database.session(other_user) as session:
        assert stored.read(session, user) is None
        assert stored.marks(session, user) == []


def test_reading_the_numbers_is_one_statement(
    client: TestClient, services: Services, user: int, statements: list[str]
) -> None:
    client.get("/analytics")
    statements.clear()
    client.get("/analytics")
    of_the_door = [sql for sql in statements if "FROM tokens" in sql or "UPDATE tokens" in sql or "BEGIN" in sql]
    rest = [sql for sql in statements if sql not in of_the_door]
    assert len(rest) == 1, rest
    assert "FROM analytics" in rest[0]


def test_a_board_is_counted_anew_by_one_job_at_a_time(client: TestClient, rung: list[str]) -> None:
    first, second = (client.post("/analytics/refresh") for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json()["job_id"] == second.json()["job_id"]
    assert first.headers["Location"] == f"/jobs/{first.json()['job_id']}/status"
    assert rung == ["low_priority"]


def test_a_failed_document_is_counted_under_its_cause(client: TestClient, services: Services, user: int) -> None:
    error = {"code": "encrypted", "message": "It is locked.", "hint": "", "retryable": False}
    for name in ("a.pdf", "b.pdf"):
        document_id = new_document(services.database, user, name)
        with services.database.session(user) as session:
            documents.set_status(session, document_id, "error", error=error)
    told = client.get("/analytics").json()
    assert told["totals"]["failed"] == 2
    assert [(cause["code"], cause["count"], cause["message"]) for cause in told["failures"]] == [
        ("encrypted", 2, "It is locked.")
    ]
