"""Comparing, merging and dismissing duplicates over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from backend.domain.content import Part
from backend.domain.ports import Embedder
from backend.jobs.services import Services
from backend.store import document_urls, duplicate_verdicts
from tests.api.conftest import MakeToken, bearer
from tests.factories import file_document, new_document

OLD = "# Pouring\n\nPour the water slowly over the leaves.\n\nWait for three minutes."
NEW = "# Pouring\n\nPour the water slowly over the leaves.\n\nWait for two minutes.\n\nThen drink it."


@pytest.fixture
def two(services: Services, embedder: Embedder, user: int) -> tuple[int, int]:
    """Two versions of a note, both read."""
    old = file_document(services.database, embedder, user, OLD, name="old.md", parts=[Part(0, len(OLD), {"page": 4})])
    return old.id, file_document(services.database, embedder, user, NEW, name="new.md").id


def test_two_documents_stand_side_by_side_with_their_places(client: TestClient, two: tuple[int, int]) -> None:
    found = client.get(f"/duplicates/{two[0]}/{two[1]}").json()
    assert [row["kind"] for row in found["rows"]] == ["same", "same", "changed", "only_b"]
    changed = found["rows"][2]
    assert [changed["a"]["text"][s:e] for s, e in changed["marks_a"]] == ["three"]
    assert [changed["b"]["text"][s:e] for s, e in changed["marks_b"]] == ["two"]
    assert OLD[changed["a"]["start"] : changed["a"]["end"]] == changed["a"]["text"]
    assert (changed["a"]["place"], changed["b"]["place"]) == ({"page": 4}, None)
    assert 0.9 < found["shared_a"] < 1
    assert not found["truncated"]
    assert client.get(f"/duplicates/{two[0]}/{two[0]}").json()["error"]["code"] == "one_document"


def test_pictures_have_no_rows(client: TestClient, services: Services, embedder: Embedder, user: int) -> None:
    one, other = (
        file_document(
            services.database, embedder, user, f"Words on picture {n}.", name=f"{n}.png", media_type="image/png"
        )
        for n in "ab"
    )
    unread = new_document(services.database, user, "later.md")
    for a, b in ((one.id, other.id), (one.id, unread)):
        found = client.get(f"/duplicates/{a}/{b}").json()
        assert (found["rows"], found["shared_a"], found["truncated"]) == ([], None, False)


def test_a_merged_document_says_where_it_is_on_every_door(
    client: TestClient, services: Services, user: int, two: tuple[int, int]
) -> None:
    old, new = two
    with services.database.session(user) as session:
        document_urls.point(session, user, {"https://example.org/pouring": old})
    merged = client.post("/duplicates/merge", json={"keep_doc_id": new, "delete_doc_ids": [old]}).json()
    assert (merged["keep_doc_id"], merged["deleted_doc_ids"], merged["moved"]["urls"]) == (new, [old], 1)
    for door in (f"/documents/{old}", f"/documents/{old}/text", f"/duplicates/{old}/{new}"):
        answer = client.get(door)
        assert answer.status_code == 404, door
        assert (answer.json()["error"]["code"], answer.json()["error"]["merged_into"]) == ("merged", new)
    detail = client.get(f"/documents/{new}").json()
    assert [(one["document_id"], one["merge_id"]) for one in detail["merged"]] == [(old, merged["merge_id"])]
    [trashed] = client.get("/trash").json()["items"]
    assert (trashed["merged_into"], trashed["merge_id"]) == (new, merged["merge_id"])
    refused = client.post(f"/documents/{old}/restore").json()["error"]
    assert (refused["code"], str(merged["merge_id"]) in refused["hint"]) == ("merged_away", True)
    [listed] = client.get("/duplicates/merges").json()["items"]
    assert (listed["can_undo"], listed["keep_title"]) == (True, "new.md")
    undone = client.post(f"/duplicates/merges/{merged['merge_id']}/undo")
    assert undone.json()["restored_doc_ids"] == [old]
    assert client.get(f"/documents/{old}").status_code == 200
    assert client.get(f"/documents/{new}").json()["merged"] == []
    assert client.post(f"/duplicates/merges/{merged['merge_id']}/undo").status_code == 409


def test_the_bytes_and_the_address_of_a_merged_document_lead_to_the_kept_one(client: TestClient) -> None:
    one, other = (
        client.post("/upload_text", json={"title": f"Note {n}", "content": f"What note {n} says."}).json() for n in "ab"
    )
    link = client.post("/upload_url", json={"url": "https://example.org/a"}).json()
    for job in (one, other, link):
        client.post(f"/jobs/{job['job_id']}/cancel").raise_for_status()
    gone = [other["document_id"], link["document_id"]]
    wish = {"keep_doc_id": one["document_id"], "delete_doc_ids": gone}
    client.post("/duplicates/merge", json=wish).raise_for_status()
    again = client.post("/upload_text", json={"title": "Note b", "content": "What note b says."}).json()
    assert (again["document_id"], again["duplicate_of"]) == (one["document_id"], one["document_id"])
    assert client.post("/upload_url", json={"url": "https://example.org/a"}).json()["document_id"] == one["document_id"]


def test_a_document_that_is_still_read_is_not_merged(client: TestClient, two: tuple[int, int]) -> None:
    waiting = client.post("/upload_text", json={"content": "Nobody has read this yet."}).json()
    for keep, gone in ((two[0], waiting["document_id"]), (waiting["document_id"], two[0])):
        refused = client.post("/duplicates/merge", json={"keep_doc_id": keep, "delete_doc_ids": [gone]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "still_reading")
    client.post(f"/documents/{two[0]}/reprocess").raise_for_status()
    refused = client.post("/duplicates/merge", json={"keep_doc_id": two[1], "delete_doc_ids": [two[0]]})
    assert refused.json()["error"]["code"] == "still_reading"


def test_the_same_key_merges_once_and_undoes_once(client: TestClient, two: tuple[int, int]) -> None:
    wish = {"keep_doc_id": two[0], "delete_doc_ids": [two[1]]}

    def ask(_: int) -> dict[str, object]:
        return dict(client.post("/duplicates/merge", json=wish, headers={"Idempotency-Key": "merge"}).json())

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert client.get("/duplicates/merges").json()["total"] == 1
    undo = f"/duplicates/merges/{answers[0]['merge_id']}/undo"
    undone = [client.post(undo, headers={"Idempotency-Key": "undo"}).json() for _ in range(2)]
    assert undone[0] == undone[1]
    assert "error" not in undone[0]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"keep_doc_id": 1, "delete_doc_ids": [1]}, 400, "merge_with_itself"),
        ({"keep_doc_id": 1, "delete_doc_ids": []}, 422, "invalid_input"),
        ({"keep_doc_id": 1, "delete_doc_ids": list(range(2, 103))}, 422, "invalid_input"),
        ({"keep_doc_id": 987654, "delete_doc_ids": [987655]}, 404, "document_not_found"),
    ],
)
def test_a_wrong_wish_to_merge_is_refused(client: TestClient, body: dict[str, object], status: int, code: str) -> None:
    refused = client.post("/duplicates/merge", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


def test_what_is_dismissed_is_remembered_until_it_is_taken_back(
    client: TestClient, services: Services, user: int, two: tuple[int, int]
) -> None:
    third = new_document(services.database, user, "third.md")
    ids = [two[1], third, two[0], third]
    assert client.post("/duplicates/dismiss", json={"document_ids": ids}).json()["pairs"] == 3
    assert client.post("/duplicates/dismiss", json={"document_ids": ids}).json()["pairs"] == 0
    with services.database.session(user) as session:
        assert duplicate_verdicts.different(session, user) == {(two[0], two[1]), (two[0], third), (two[1], third)}
        assert duplicate_verdicts.different(session, user, [third]) == {(two[0], third), (two[1], third)}
    undone = client.post("/duplicates/dismissals/undo", json={"document_ids": list(two)}).json()
    assert undone["pairs"] == 1
    assert (
        client.post("/duplicates/dismiss", json={"document_ids": [third, third]}).json()["error"]["code"]
        == "one_document"
    )


def test_nobody_compares_merges_or_dismisses_what_is_not_theirs(
    client: TestClient,
    services: Services,
    embedder: Embedder,
    other_user: int,
    two: tuple[int, int],
    make_token: MakeToken,
) -> None:
    theirs = file_document(services.database, embedder, other_user, NEW).id
    merge = {"keep_doc_id": two[0], "delete_doc_ids": [theirs]}
    asked = [
        client.get(f"/duplicates/{two[0]}/{theirs}"),
        client.get(f"/duplicates/{theirs}/{two[0]}"),
        client.post("/duplicates/merge", json=merge),
        client.post("/duplicates/merge", json={"keep_doc_id": theirs, "delete_doc_ids": [two[0]]}),
        client.post("/duplicates/dismiss", json={"document_ids": [two[0], theirs]}),
        client.post("/duplicates/dismissals/undo", json={"document_ids": [two[0], theirs]}),
    ]
    for answer in asked:
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "document_not_found")
    mine = client.post("/duplicates/merge", json={"keep_doc_id": two[0], "delete_doc_ids": [two[1]]}).json()
    others = bearer(make_token(other_user))
    undo = client.post(f"/duplicates/merges/{mine['merge_id']}/undo", headers=others)
    assert (undo.status_code, undo.json()["error"]["code"]) == (404, "merge_not_found")
    assert client.get(f"/documents/{two[1]}", headers=others).json()["error"]["code"] == "document_not_found"
    assert client.get("/duplicates/merges", headers=others).json()["total"] == 0
