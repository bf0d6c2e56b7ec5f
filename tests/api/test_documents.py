"""Documents over HTTP: lists, one, changes, trash, contents, progress."""

from __future__ import annotations

import hashlib

import pytest
from starlette.testclient import TestClient

from backend.domain.content import Part
from backend.jobs.services import Services
from backend.store import documents
from tests.api.conftest import MakeToken, bearer
from tests.factories import Filed, file_document, new_document

HEAT = (
    "# Heat pumps\n\nA heat pump moves heat from the cold air outside into the warm house. The heat pump needs "
    "electricity for its compressor. The coefficient of performance of a heat pump falls with the outside "
    "temperature.\n\n"
    "## Floor heating\n\nFloor heating lets the heat pump run with a low flow temperature."
)
CHESS = (
    "The world chess championship was decided by a rook endgame. The challenger had prepared the Sicilian Defence, and "
    "the champion answered with a quiet variation. Chess engines called the endgame a draw."
)


@pytest.fixture
def heat(services: Services, user: int) -> Filed:
    parts = (Part(0, 120, {"page": 1}), Part(120, len(HEAT), {"page": 2}))
    return file_document(
        services.database, services.embedder, user, HEAT, name="heat.md", parts=parts, media_type="text/markdown"
    )


@pytest.fixture
def chess(services: Services, user: int) -> Filed:
    return file_document(services.database, services.embedder, user, CHESS, name="chess.txt")


def test_a_list_shows_documents_newest_first_with_cluster_and_concepts(
    client: TestClient, heat: Filed, chess: Filed
) -> None:
    answer = client.get("/documents").json()
    assert [item["id"] for item in answer["items"]] == [chess.id, heat.id]
    assert answer["total"] == 2
    assert answer["next_cursor"] is None
    item = answer["items"][1]
    assert item["cluster_name"] == heat.cluster_name
    assert item["concepts"][0].keys() == {"id", "name", "category", "confidence"}
    assert item["language"] == "en"
    assert item["status"] == "completed"


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "title", "-title", "size_bytes", "-size_bytes"])
def test_pages_together_hold_each_document_once(client: TestClient, services: Services, user: int, sort: str) -> None:
    ids = {new_document(services.database, user, name) for name in ("a", "b", "bb", "c", "Ä", "d")}
    seen: list[int] = []
    cursor = None
    for _ in range(10):
        page = client.get("/documents", params={"limit": 2, "sort": sort} | ({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page.json()["items"]]
        assert page.json()["total"] == len(ids)
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)


def test_filters_narrow_the_list(client: TestClient, heat: Filed, chess: Filed) -> None:
    def found(**params: object) -> list[int]:
        return [item["id"] for item in client.get("/documents", params=params).json()["items"]]

    concept = client.get(f"/documents/{heat.id}").json()["concepts"][0]["id"]
    assert found(q="HEAT") == [heat.id]
    assert found(q="%") == []
    assert found(cluster=chess.cluster_id) == [chess.id]
    assert found(concept=concept) == [heat.id]
    assert found(status="error,cancelled") == []
    assert found(type="text/markdown") == [heat.id]
    assert found(type="pdf") == []
    assert found(language="en", sort="created_at") == [heat.id, chess.id]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"status": "nonsense"}, "unknown_status"),
        ({"cursor": "!!"}, "invalid_cursor"),
        ({"sort": "up"}, "invalid_input"),
    ],
)
def test_a_wrong_question_is_refused_with_its_code(client: TestClient, params: dict[str, str], code: str) -> None:
    answer = client.get("/documents", params=params)
    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["code"] == code


def test_concepts_come_with_the_words_that_prove_them(client: TestClient, heat: Filed) -> None:
    detail = client.get(f"/documents/{heat.id}").json()
    assert detail["concepts"]
    for concept in detail["concepts"]:
        assert HEAT[concept["start"] : concept["end"]] == concept["quote"]
        assert concept["place"]["page"] in {1, 2}
        assert concept["passage_id"] in heat.passage_ids
    assert detail["details"] == {}


def test_title_and_cluster_can_be_changed(client: TestClient, heat: Filed, chess: Filed) -> None:
    answer = client.patch(f"/documents/{heat.id}", json={"title": "Warmth", "cluster_id": chess.cluster_id})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["title"], body["cluster_id"], body["cluster_source"]) == ("Warmth", chess.cluster_id, "person")
    assert client.get("/search", params={"q": "warmth"}).json()["items"][0]["document_id"] == heat.id
    assert client.get(f"/clusters/{chess.cluster_id}").json()["document_count"] == 2
    assert client.get(f"/clusters/{heat.cluster_id}").status_code == 404, "the emptied cluster has vanished"


def test_the_trash_takes_and_gives_back(client: TestClient, heat: Filed) -> None:
    assert client.delete(f"/documents/{heat.id}").json()["deleted_at"]
    assert client.get(f"/documents/{heat.id}").status_code == 404
    assert client.get("/documents").json()["total"] == 0
    assert client.get("/search", params={"q": "compressor"}).json()["items"] == []
    assert [item["id"] for item in client.get("/trash").json()["items"]] == [heat.id]
    restored = client.post(f"/documents/{heat.id}/restore")
    assert restored.status_code == 200, restored.text
    assert restored.json()["cluster_id"] is not None
    assert client.get("/search", params={"q": "compressor"}).json()["total"] == 1


def test_restoring_is_refused_when_the_same_bytes_are_back(client: TestClient, services: Services, user: int) -> None:
    first = new_document(services.database, user, "a.txt", body=b"same")
    client.delete(f"/documents/{first}")
    new_document(services.database, user, "b.txt", body=b"same")
    answer = client.post(f"/documents/{first}/restore")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "already_back"


def test_text_and_passages_are_there_once_read(client: TestClient, services: Services, heat: Filed, user: int) -> None:
    text = client.get(f"/documents/{heat.id}/text").json()
    assert text["text"] == HEAT
    assert text["parts"][1]["place"] == {"page": 2}
    passages = client.get(f"/documents/{heat.id}/passages").json()
    assert passages["total"] == len(heat.passage_ids)
    for passage in passages["items"]:
        assert HEAT[passage["start"] : passage["end"]] == passage["text"]
    unread = new_document(services.database, user, "unread")
    assert client.get(f"/documents/{unread}/text").json()["error"]["code"] == "no_text"


def original(services: Services, owner: int, data: bytes, media_type: str, filename: str) -> int:
    with services.blobs.writer() as blob:
        blob.write(data)
        blob.commit()
    document_id = new_document(services.database, owner, filename, body=data)
    with services.database.session(owner) as session:
        documents.set_status(session, document_id, "completed", media_type=media_type)
    return document_id


def test_an_original_is_only_downloaded(client: TestClient, services: Services, user: int) -> None:
    data = b"<script>alert(1)</script>"
    document_id = original(services, user, data, "text/html", 'ein "Bericht" ü.html')
    for query in ("", "?inline=1"):
        answer = client.get(f"/documents/{document_id}/file{query}")
        assert answer.content == data
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_a_picture_may_be_shown_inline_and_in_ranges(client: TestClient, services: Services, user: int) -> None:
    data = b"\x89PNG" + bytes(range(200))
    document_id = original(services, user, data, "image/png", "p.png")
    answer = client.get(f"/documents/{document_id}/file?inline=1")
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    part = client.get(f"/documents/{document_id}/file", headers={"Range": "bytes=4-13"})
    assert part.status_code == 206
    assert part.content == data[4:14]


def test_progress_has_the_shapes_of_the_seed(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    started = client.post(f"/documents/{document_id}/reprocess")
    assert started.status_code == 202
    assert started.headers["location"] == f"/jobs/{started.json()['job_id']}/status"
    again = client.post(f"/documents/{document_id}/reprocess").json()
    assert again["job_id"] == started.json()["job_id"], "one job at a time works on a document"
    status = client.get(f"/documents/{document_id}/status").json()
    assert status.keys() == {
        "document_id",
        "status",
        "progress_percentage",
        "task",
        "error_message",
        "updated_at",
    }
    assert status["task"]["task_id"] == started.json()["job_id"]
    assert (status["status"], status["task"]["state"], status["progress_percentage"]) == ("queued", "PENDING", 0.0)
    progress = client.get(f"/documents/{document_id}/progress").json()
    assert progress.keys() == {
        "document_id",
        "status",
        "progress_percentage",
        "metadata",
        "real_time_progress",
        "chunk_details",
    }
    assert progress["real_time_progress"] == {
        "total_chunks": 0,
        "completed_chunks": 0,
        "failed_chunks": 0,
        "processing_chunks": 0,
        "overall_progress": 0.0,
    }


def test_deleting_cancels_the_job_that_waits(client: TestClient, services: Services, user: int) -> None:
    document_id = new_document(services.database, user)
    job_id = client.post(f"/documents/{document_id}/reprocess").json()["job_id"]
    client.delete(f"/documents/{document_id}")
    assert client.get(f"/jobs/{job_id}/status").json()["state"] == "REVOKED"


def test_related_documents_come_with_a_reason(
    client: TestClient, services: Services, user: int, heat: Filed, chess: Filed
) -> None:
    other = file_document(
        services.database,
        services.embedder,
        user,
        "Floor heating and a heat pump belong together: the heat pump likes a low flow temperature of the heating.",
    )
    found = client.get(f"/documents/{heat.id}/related").json()["items"]
    assert [item["document"]["id"] for item in found] == [other.id]
    assert found[0]["reason"]
    assert found[0]["same_cluster"] == (other.cluster_id == heat.cluster_id)


PATHS = ("", "/text", "/file", "/passages", "/related", "/status", "/progress")


def test_nobody_sees_or_changes_anothers_document(
    client: TestClient, heat: Filed, other_user: int, make_token: MakeToken
) -> None:
    theirs = bearer(make_token(other_user))
    unknown = client.get("/documents/999999", headers=theirs).json()["error"]
    for path in PATHS:
        answer = client.get(f"/documents/{heat.id}{path}", headers=theirs)
        assert (answer.status_code, answer.json()["error"]) == (404, unknown), path
    for call in (
        client.delete(f"/documents/{heat.id}", headers=theirs),
        client.post(f"/documents/{heat.id}/restore", headers=theirs),
        client.post(f"/documents/{heat.id}/reprocess", headers=theirs),
        client.patch(f"/documents/{heat.id}", json={"title": "mine"}, headers=theirs),
        client.get(f"/clusters/{heat.cluster_id}", headers=theirs),
        client.patch(f"/clusters/{heat.cluster_id}", json={"name": "mine"}, headers=theirs),
    ):
        assert call.status_code == 404
    for path in ("/documents", "/clusters", "/concepts", "/trash"):
        assert client.get(path, headers=theirs).json()["total"] == 0
    assert client.get("/documents", params={"cluster": heat.cluster_id}, headers=theirs).json()["total"] == 0
    assert client.get(f"/documents/{heat.id}").json()["title"] != "mine"
