"""Uploads: every way in, every refusal, and what is left behind."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.main import create_app
from backend.store import documents, jobs
from tests.api.conftest import bearer

TEXT = b"The mitochondria is the powerhouse of the cell. " * 20


def error_of(response) -> tuple[int, str]:
    error = response.json()["error"]
    assert set(error) == {"code", "message", "hint", "retryable"}
    assert error["message"].endswith((".", "…"))
    assert error["hint"]
    assert response.json()["request_id"] == response.headers["X-Request-ID"]
    return response.status_code, error["code"]


def send(client: TestClient, content: bytes = TEXT, filename: str = "cell.txt", **more):
    return client.post("/upload_file", files={"file": (filename, content)}, **more)


def as_json(client: TestClient, **body):
    return client.post("/upload_file", json=body)


def left_behind(services: Services) -> tuple[list[str], list[Path]]:
    """The blobs, and the unfinished files beside them."""
    incoming = services.settings.blob_dir / "incoming"
    return list(services.blobs.all()), list(incoming.iterdir()) if incoming.exists() else []


def with_settings(services: Services, **changed) -> TestClient:
    return TestClient(create_app(replace(services, settings=services.settings.model_copy(update=changed))))


def test_a_streamed_file_is_kept_and_its_job_waits(client: TestClient, services: Services, user: int, rung) -> None:
    answer = send(client)
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"] == f"/jobs/{body['job_id']}/status"
    assert body["filename"] == "cell.txt"
    assert body["duplicate_of"] is None
    assert rung == ["uploads"]
    with services.database.session(user) as session:
        document = documents.get(session, user, body["document_id"])
        job = jobs.latest_of_document(session, user, document.id)
    assert (document.title, document.filename, document.size_bytes) == ("cell", "cell.txt", len(TEXT))
    assert services.blobs.path(document.blob_sha256).read_bytes() == TEXT
    assert str(job.id) == body["job_id"]
    assert (job.kind, job.state, job.queue) == ("process_file_upload", "PENDING", "uploads")
    assert client.get(answer.headers["Location"]).json()["state"] == "PENDING"


def test_base64_in_json_is_the_same_file(client: TestClient, services: Services) -> None:
    streamed = send(client).json()
    plain = as_json(client, filename="cell.txt", content=base64.b64encode(TEXT).decode())
    data_url = as_json(client, filename="x.txt", content="data:text/plain;base64," + base64.b64encode(TEXT).decode())
    assert plain.status_code == data_url.status_code == 202
    assert plain.json()["duplicate_of"] == data_url.json()["duplicate_of"] == streamed["document_id"]
    assert plain.json()["job_id"] == streamed["job_id"]
    assert len(left_behind(services)[0]) == 1


def test_a_text_becomes_a_document_with_a_title(client: TestClient, services: Services, user: int) -> None:
    untitled = client.post("/upload_text", json={"content": "\n# On cells\nThey are small."}).json()
    titled = client.post("/upload_text", json={"title": "My note", "content": "Cells are small."}).json()
    with services.database.session(user) as session:
        found = [documents.get(session, user, answer["document_id"]) for answer in (untitled, titled)]
        job = jobs.latest_of_document(session, user, found[0].id)
    assert [(d.title, d.filename, d.kind, d.media_type) for d in found] == [
        ("On cells", "On cells.md", "text", "text/markdown"),
        ("My note", "My note.md", "text", "text/markdown"),
    ]
    assert job.kind == "process_text_upload"
    sentence = client.post("/upload_text", json={"content": "Sugar is a matter of taste."}).json()
    assert sentence["filename"] == "Sugar is a matter of taste.md"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"filename": "a.txt", "content": "not base64!"}, 400, "invalid_base64"),
        ({"filename": "a.txt", "content": "YWJj\nYWJj"}, 400, "invalid_base64"),
        ({"filename": "a.txt", "content": "YWJ"}, 400, "invalid_base64"),
        ({"filename": "a.txt", "content": "é"}, 400, "invalid_base64"),
        ({"filename": "a.txt", "content": ""}, 400, "empty_file"),
        ({"filename": "a.txt", "content": "data:text/plain;base64,"}, 400, "empty_file"),
        ({"content": "YWJj"}, 400, "missing_filename"),
        ({"filename": "", "content": "YWJj"}, 400, "missing_filename"),
        ({"filename": "../..", "content": "YWJj"}, 400, "missing_filename"),
        ({"filename": "a.txt"}, 400, "missing_content"),
        ({"filename": 7, "content": "YWJj"}, 400, "invalid_input"),
        ([], 400, "invalid_input"),
        ({"filename": "a.bin", "content": base64.b64encode(bytes(range(256)) * 9).decode()}, 415, "unsupported_type"),
        (
            {"filename": "a.txt", "content": base64.b64encode(b"\x7fELF\x02\x01\x01" + bytes(64)).decode()},
            415,
            "unsupported_type",
        ),
    ],
)
def test_bad_json_uploads_are_told_what_is_wrong_and_leave_nothing(
    client: TestClient, services: Services, body, status: int, code: str
) -> None:
    answer = client.post("/upload_file", json=body)
    assert error_of(answer) == (status, code)
    assert left_behind(services) == ([], [])


def test_broken_json_and_unknown_bodies_are_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    assert error_of(client.post("/upload_file", content=b"{", headers=headers)) == (400, "invalid_json")
    assert error_of(client.post("/upload_file", content=TEXT)) == (415, "unsupported_media_type")
    assert error_of(client.post("/upload_text", content=b"\xff", headers=headers)) == (400, "invalid_json")
    assert error_of(client.post("/upload_text", json={"content": " \n"})) == (400, "empty_text")
    assert error_of(client.post("/upload_text", json={"title": "x"})) == (400, "missing_content")


FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("content", "headers", "code"),
    [
        (b"", FORM, "invalid_multipart"),
        (b"--b--\r\n", FORM, "missing_file"),
        (b"no form at all", FORM, "invalid_multipart"),
        (b"", {"Content-Type": "multipart/form-data"}, "invalid_multipart"),
        (b"", {"Content-Type": f"multipart/form-data; boundary={'b' * 500}"}, "invalid_multipart"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
            FORM,
            "invalid_multipart",
        ),
        (b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n', FORM, "missing_filename"),
        (
            b'--b\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nx\r\n--b--\r\n',
            FORM,
            "missing_file",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n\r\n--b--\r\n',
            FORM,
            "empty_file",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n' + b"x" * 100_000 + b"\r\n--b--\r\n",
            FORM,
            "invalid_multipart",
        ),
        (b"--b\r\nX: y\r\n\r\nz\r\n" * 50 + b"--b--\r\n", FORM, "invalid_multipart"),
        (b"--b\r\n" + b"X: y\r\n" * 50 + b"\r\nz\r\n--b--\r\n", FORM, "invalid_multipart"),
        (b"--b\r\nX: " + b"y" * 10_000 + b"\r\n\r\nz\r\n--b--\r\n", FORM, "invalid_multipart"),
    ],
)
def test_bad_forms_are_told_what_is_wrong_and_leave_nothing(
    client: TestClient, services: Services, content: bytes, headers: dict[str, str], code: str
) -> None:
    assert error_of(client.post("/upload_file", content=content, headers=headers)) == (400, code)
    assert left_behind(services) == ([], [])


def test_two_files_in_one_form_are_refused(client: TestClient, services: Services) -> None:
    files = [("file", ("a.txt", b"one")), ("file", ("b.txt", b"two"))]
    assert error_of(client.post("/upload_file", files=files)) == (400, "one_file_only")
    assert left_behind(services) == ([], [])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\notes.txt", "notes.txt"),
        ("a\u0000b\u001b[31m.txt", "ab[31m.txt"),
        ("invoice\u202etxt.exe.txt", "invoicetxt.exe.txt"),
        ("x" * 500 + ".txt", "x" * 196 + ".txt"),
        ("  spaced \t out .txt ", "spaced out .txt"),
        ("naïve 文書.txt", "naïve 文書.txt"),
        ('quo"te.txt', 'quo"te.txt'),
        ("=cmd|' /C calc'!A0.txt", "C calc'!A0.txt"),
    ],
)
def test_a_file_name_is_text_and_never_a_path(client: TestClient, services: Services, sent: str, kept: str) -> None:
    answer = as_json(client, filename=sent, content=base64.b64encode(TEXT).decode())
    assert answer.json()["filename"] == kept
    assert all(path.is_relative_to(services.settings.data_dir) for path in services.settings.data_dir.rglob("*"))


def test_a_name_cannot_add_headers_to_the_form_or_the_answer(client: TestClient) -> None:
    part = b'Content-Disposition: form-data; name="file"; filename="a%0D%0ASet-Cookie: x=1.txt"'
    raw = b"--b\r\n" + part + b"\r\n\r\nhello\r\n--b--\r\n"
    answer = client.post("/upload_file", content=raw, headers=FORM)
    assert answer.status_code == 202
    assert "set-cookie" not in answer.headers
    assert "\r" not in answer.json()["filename"]


@pytest.mark.parametrize("size", [1, 100, 65_536, 1_048_575, 1_048_576, 1_048_577, 3_500_000])
def test_bytes_arrive_as_they_were_sent_whatever_they_look_like(
    client: TestClient, services: Services, user: int, size: int
) -> None:
    content = (b"--b\r\n\r--b-\r\n--" * (size // 14 + 1))[:size]
    raw = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    content = content.replace(b"\r\n--b", b"\r\n==b")
    answer = client.post("/upload_file", content=raw + content + b"\r\n--b--\r\n", headers=FORM)
    assert answer.status_code == 202, answer.text
    with services.database.session(user) as session:
        document = documents.get(session, user, answer.json()["document_id"])
    assert services.blobs.path(document.blob_sha256).read_bytes() == content


def test_a_file_over_the_limit_is_refused_while_it_comes(services: Services, user: int, make_token) -> None:
    with with_settings(services, max_upload_bytes=100_000) as client:
        client.headers.update(bearer(make_token(user)))
        assert error_of(send(client, b"x" * 100_001)) == (413, "too_large")

        def endless():
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            for _ in range(400):
                yield b"x" * 65_536

        assert error_of(client.post("/upload_file", content=endless(), headers=FORM)) == (413, "too_large")
        big = base64.b64encode(b"x" * 100_001).decode()
        assert error_of(as_json(client, filename="a.txt", content=big)) == (413, "too_large")
        assert send(client, b"x" * 100_000).status_code == 202
    assert len(left_behind(services)[0]) == 1
    assert left_behind(services)[1] == []


def test_a_json_body_over_its_limit_is_told_of_the_other_way(services: Services, user: int, make_token) -> None:
    with with_settings(services, max_json_upload_bytes=10_000) as client:
        client.headers.update(bearer(make_token(user)))
        answer = as_json(client, filename="a.txt", content="A" * 10_000)
        assert error_of(answer) == (413, "too_large")
        assert "multipart" in answer.json()["error"]["hint"]
        assert error_of(client.post("/upload_text", json={"content": "A" * 10_000})) == (413, "too_large")


def test_a_disk_that_would_be_full_takes_nothing(services: Services, user: int, make_token) -> None:
    with with_settings(services, disk_floor_bytes=2**62) as client:
        client.headers.update(bearer(make_token(user)))
        assert error_of(send(client)) == (507, "disk_full")
        assert error_of(client.post("/upload_text", json={"content": "x"})) == (507, "disk_full")
    assert left_behind(services) == ([], [])


def test_quotas_of_jobs_and_bytes_hold_and_leave_nothing(services: Services, user: int, make_token) -> None:
    with with_settings(services, quota_open_jobs=2, quota_bytes=300) as client:
        client.headers.update(bearer(make_token(user)))
        assert send(client, b"a" * 200).status_code == 202
        refused = send(client, b"b" * 200)
        assert error_of(refused) == (413, "quota_bytes")
        assert send(client, b"c" * 50).status_code == 202
        refused = send(client, b"d" * 10)
        assert error_of(refused) == (429, "too_many_jobs")
        assert refused.json()["error"]["retryable"] is True
        assert int(refused.headers["Retry-After"]) >= 1
        early = send(client, b"e" * 2_000_000)
        assert error_of(early) == (429, "too_many_jobs")
        assert send(client, b"a" * 200).json()["duplicate_of"], "what is there already needs no new job"
    assert len(left_behind(services)[0]) == 2
    assert left_behind(services)[1] == []


def test_the_same_bytes_of_two_people_are_two_documents(
    client: TestClient, services: Services, other_user: int, make_token
) -> None:
    mine, theirs = send(client).json(), send(client, headers=bearer(make_token(other_user))).json()
    assert mine["document_id"] != theirs["document_id"]
    assert theirs["duplicate_of"] is None
    assert len(left_behind(services)[0]) == 1


def test_the_same_bytes_at_the_same_moment_are_one_document(client: TestClient, services: Services) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(client).json(), range(8)))
    assert len({a["document_id"] for a in answers}) == len({a["job_id"] for a in answers}) == 1
    assert [a["duplicate_of"] for a in answers].count(None) == 1


@pytest.mark.parametrize("status", ["error", "cancelled"])
def test_a_document_that_failed_gets_a_new_job_when_its_bytes_come_again(
    client: TestClient, services: Services, user: int, status: str, rung
) -> None:
    first = send(client).json()
    with services.database.session(user) as session:
        documents.set_status(session, first["document_id"], status)
    again = send(client).json()
    assert again["document_id"] == again["duplicate_of"] == first["document_id"]
    assert again["job_id"] != first["job_id"]
    assert rung == ["uploads", "uploads"]
    with services.database.session(user) as session:
        assert documents.get(session, user, first["document_id"]).status == "queued"


def test_a_password_goes_to_the_job_and_nowhere_else(client: TestClient, services: Services, user: int) -> None:
    by_form = send(client, data={"password": "sesame"})
    content = base64.b64encode(b"other").decode()
    by_json = as_json(client, filename="o.txt", content=content, password="sesame")
    with services.database.session(user) as session:
        for answer in (by_form, by_json):
            job = jobs.latest_of_document(session, user, answer.json()["document_id"])
            assert job.input == {"password": "sesame"}
            assert "sesame" not in client.get(f"/jobs/{job.id}/status").text
            assert "sesame" not in client.get(f"/jobs/{job.id}").text


def test_the_documented_bodies_of_an_upload_are_both_there(client: TestClient) -> None:
    spec = client.get("/openapi.json").json()
    assert set(spec["paths"]["/upload_file"]["post"]["requestBody"]["content"]) == {
        "multipart/form-data",
        "application/json",
    }
    assert json.dumps(spec)
