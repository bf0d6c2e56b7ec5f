"""One effect per Idempotency-Key, with requests that are really at the same moment."""

from __future__ import annotations

import base64
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
from starlette.testclient import TestClient

from tests.api.conftest import MakeToken, bearer
from tests.board import Board


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def test_fifty_requests_with_one_key_at_one_moment_are_one_upload(served: Board) -> None:
    headers, content = key(), uuid.uuid4().bytes.hex().encode() * 100

    def send(_: int) -> httpx.Response:
        with served.client() as client:
            return client.post("/upload_file", files={"file": ("a.txt", content)}, headers=headers, timeout=120)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert {a.status_code for a in answers} == {202}
    assert len({a.text for a in answers}) == 1
    assert len({a.headers["Location"] for a in answers}) == 1
    assert [a.headers.get("Idempotency-Replayed") for a in answers].count(None) == 1
    job_id = answers[0].json()["job_id"]
    siblings = "SELECT count(*) FROM jobs WHERE document_id = (SELECT document_id FROM jobs WHERE id = %s)"
    assert served.sql(siblings, job_id) == [(1,)]


def test_fifty_keys_at_one_moment_are_fifty_uploads(served: Board) -> None:
    def send(n: int) -> str:
        with served.client() as client:
            body = {"content": f"note {n} {uuid.uuid4()}"}
            return str(client.post("/upload_text", json=body, headers=key(), timeout=120).json()["job_id"])

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(send, range(50)))) == 50


def test_the_same_key_with_another_body_is_a_conflict_that_leaves_nothing(served: Board) -> None:
    headers = key()
    with served.client() as client:
        first = client.post("/upload_file", files={"file": ("a.txt", b"first of all")}, headers=headers)
        other = client.post("/upload_file", files={"file": ("a.txt", b"something else")}, headers=headers)
        renamed = client.post("/upload_file", files={"file": ("b.txt", b"first of all")}, headers=headers)
        text = client.post("/upload_text", json={"content": "first of all"}, headers=headers)
        again = client.post("/upload_file", files={"file": ("a.txt", b"first of all")}, headers=headers)
    assert first.status_code == 202
    for answer in (other, renamed, text):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert served.sql("SELECT count(*) FROM documents WHERE filename = 'b.txt'") == [(0,)]
    assert list((served.folder / "blobs" / "incoming").iterdir()) == []


def test_multipart_and_base64_of_the_same_file_are_the_same_request(served: Board) -> None:
    headers = key()
    with served.client() as client:
        first = client.post("/upload_file", files={"file": ("same.txt", b"one and the same")}, headers=headers)
        content = base64.b64encode(b"one and the same").decode()
        again = client.post("/upload_file", json={"filename": "same.txt", "content": content}, headers=headers)
    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_refused_request_leaves_its_key_free(client: TestClient) -> None:
    headers = key()
    assert client.post("/upload_text", json={"content": ""}, headers=headers).status_code == 400
    assert client.post("/upload_text", json={"content": "now"}, headers=headers).status_code == 202


def test_keys_of_two_people_have_nothing_to_do_with_each_other(
    client: TestClient, other_user: int, make_token: MakeToken
) -> None:
    headers = key()
    mine = client.post("/upload_text", json={"content": "mine"}, headers=headers)
    theirs = client.post("/upload_text", json={"content": "theirs"}, headers=headers | bearer(make_token(other_user)))
    assert mine.status_code == theirs.status_code == 202
    assert mine.json()["job_id"] != theirs.json()["job_id"]


def test_a_replay_of_a_new_key_does_not_show_the_secret_again(client: TestClient) -> None:
    headers = key()
    wanted = {"name": "laptop", "scopes": ["read"]}
    first = client.post("/api-keys", json=wanted, headers=headers).json()
    again = client.post("/api-keys", json=wanted, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first | {"key": None}
    assert client.get("/api-keys").json()["total"] == 1


def test_a_cancel_and_a_revocation_repeat_their_answers(client: TestClient) -> None:
    job_id = client.post("/upload_text", json={"content": "to be cancelled"}).json()["job_id"]
    headers = key()
    first, again = (client.post(f"/jobs/{job_id}/cancel", headers=headers) for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    made = client.post("/api-keys", json={"name": "x", "scopes": ["read"]}).json()
    headers = key()
    assert [client.delete(f"/api-keys/{made['id']}", headers=headers).status_code for _ in range(2)] == [200, 200]


def test_a_key_nobody_can_read_is_refused_before_the_body(client: TestClient) -> None:
    for bad in ("", "a b", "x" * 256):
        answer = client.post("/upload_text", json={"content": "x"}, headers={"Idempotency-Key": bad})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_idempotency_key")
