"""The tus protocol as a client meets it: beginning, going on, giving up, and everything that is refused."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from backend.domain.errors import Unavailable
from backend.jobs import resumable
from backend.jobs.services import Services
from backend.main import create_app
from backend.store import documents, jobs
from backend.store.database import EVERYONE
from backend.store.resumable_uploads import ResumableUpload
from tests.api.conftest import bearer

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
TEXT = b"A resumed upload arrives as if it had never been broken off. " * 50


def told(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def begin(client: TestClient, length: int = len(TEXT), content: bytes = b"", **more: str) -> httpx.Response:
    given = told(**({"filename": "notes.txt"} | more))
    headers = {**(BYTES if content else TUS), "Upload-Length": str(length), "Upload-Metadata": given}
    return client.post("/uploads/", headers=headers, content=content)


def place_of(answer: httpx.Response) -> str:
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def send(client: TestClient, place: str, content: bytes, offset: int, **headers: str) -> httpx.Response:
    return client.patch(place, content=content, headers={**BYTES, "Upload-Offset": str(offset), **headers})


def code_of(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    assert error["hint"]
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return answer.status_code, error["code"]


def files(services: Services) -> list[Path]:
    folder = services.settings.blob_dir / "resumable"
    return sorted(folder.iterdir()) if folder.exists() else []


def with_settings(services: Services, client: TestClient, **changed: int) -> TestClient:
    other = create_app(replace(services, settings=services.settings.model_copy(update=changed)))
    return TestClient(other, headers={"Authorization": client.headers["Authorization"]})


def test_the_server_says_what_it_speaks(anyone: TestClient, services: Services) -> None:
    answer = anyone.options("/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,termination,checksum,expiration"
    assert answer.headers["Tus-Max-Size"] == str(services.settings.max_upload_bytes)
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_pieces_become_one_document_and_one_job(client: TestClient, services: Services, user: int, rung) -> None:
    begun = begin(client, description="What I wrote", password="sesame")
    place = place_of(begun)
    assert "GMT" in begun.headers["Upload-Expires"]
    assert send(client, place, TEXT[:100], 0).headers["Upload-Offset"] == "100"
    seen = client.head(place, headers=TUS)
    assert (seen.status_code, seen.headers["Upload-Offset"]) == (200, "100")
    assert seen.headers["Upload-Length"] == str(len(TEXT))
    assert seen.headers["Cache-Control"] == "no-store"
    assert "password" not in seen.headers["Upload-Metadata"]
    [listed] = client.get("/uploads/").json()["items"]
    assert (listed["filename"], listed["offset"], listed["length"]) == ("notes.txt", 100, len(TEXT))
    assert rung == []
    last = send(client, place, TEXT[100:], 100)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(TEXT)))
    assert rung == ["uploads"]
    with services.database.session(user) as session:
        document = documents.get(session, user, int(last.headers["SyncBoard-Document-Id"]))
        job = jobs.latest_of_document(session, user, document.id)
    assert (document.filename, document.size_bytes, document.details) == (
        "notes.txt", len(TEXT), {"description": "What I wrote"},
    )  # fmt: skip
    assert (str(job.id), job.kind) == (last.headers["SyncBoard-Job-Id"], "process_file_upload")
    assert job.input == {"password": "sesame"}
    assert services.blobs.path(document.blob_sha256).read_bytes() == TEXT
    assert files(services) == []
    assert client.get("/uploads/").json()["items"] == []
    with services.database.session(user) as session:
        assert "password" not in session.query(ResumableUpload).one().metadata_


def test_where_only_post_gets_through_the_method_is_said_in_a_header(client: TestClient, services: Services) -> None:
    def post(place: str, meant: str, content: bytes = b"", **headers: str) -> httpx.Response:
        headers = {**TUS, "X-HTTP-Method-Override": meant, **headers}
        return client.post(place, content=content, headers=headers)

    bytes_ = {"Content-Type": "application/offset+octet-stream"}
    place = place_of(begin(client))
    assert post(place, "patch", TEXT[:100], **bytes_, **{"Upload-Offset": "0"}).headers["Upload-Offset"] == "100"
    assert post(place, "DELETE").status_code == 204
    assert client.head(place, headers=TUS).status_code == 404
    assert files(services) == []
    assert post("/uploads/", "TRACE", **{"Upload-Length": "0"}).status_code == 400, "begun as any other"
    assert client.post("/documents/1", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 405


def test_asking_again_about_a_finished_upload_names_the_same_job(client: TestClient, rung) -> None:
    place = place_of(begin(client))
    first = send(client, place, TEXT, 0)
    again, asked = send(client, place, b"", len(TEXT)), client.head(place, headers=TUS)
    for name in ("SyncBoard-Job-Id", "SyncBoard-Document-Id", "Upload-Offset"):
        assert first.headers[name] == again.headers[name] == asked.headers[name]
    assert code_of(send(client, place, TEXT, 0)) == (409, "wrong_offset")
    assert rung == ["uploads"]


def test_a_whole_file_may_come_with_the_beginning(client: TestClient, services: Services) -> None:
    whole = begin(client, content=TEXT)
    assert whole.headers["Upload-Offset"] == str(len(TEXT))
    again = begin(client, content=TEXT)
    assert again.headers["SyncBoard-Duplicate-Of"] == whole.headers["SyncBoard-Document-Id"]
    assert "SyncBoard-Duplicate-Of" not in whole.headers
    assert len(list(services.blobs.all())) == 1
    assert files(services) == []


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_bytes_that_do_not_match_their_checksum_do_not_count(client: TestClient, algorithm: str, services) -> None:
    place = place_of(begin(client))
    send(client, place, TEXT[:10], 0)

    def proof(content: bytes) -> dict[str, str]:
        digest = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
        return {"Upload-Checksum": f"{algorithm} {digest}"}

    wrong = send(client, place, TEXT[11:500], 10, **proof(TEXT[10:500]))
    assert code_of(wrong) == (460, "checksum_mismatch")
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "10"
    assert send(client, place, TEXT[10:500], 10, **proof(TEXT[10:500])).headers["Upload-Offset"] == "500"
    done = send(client, place, TEXT[500:], 500, **proof(TEXT[500:]))
    assert "SyncBoard-Job-Id" in done.headers
    assert files(services) == []


def test_a_writer_that_died_before_the_proof_leaves_what_was_proven(services: Services) -> None:
    partials, upload_id = services.blobs.partials, uuid.uuid4()
    partials.create(upload_id)
    with partials.open(upload_id) as partial:
        partial.write(b"proven")
        partial.keep()
        partial.doubt()
        partial.write(b", and this is not")
        partial._file.close()  # as the kernel does for a process that is gone
        partial._unproven = False
    assert partials.size(upload_id) == 6
    with partials.open(upload_id) as partial:
        assert partial.size == 6
        assert partial.sha256 == hashlib.sha256(b"proven").hexdigest()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 412, "unsupported_version"),
        ({"Tus-Resumable": "0.2.2"}, 412, "unsupported_version"),
        ({**TUS}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "-1"}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "1e3"}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "9" * 30}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "9" * 18, "Upload-Metadata": told(filename="a.txt")}, 413, "too_large"),
        ({**TUS, "Upload-Length": "0", "Upload-Metadata": told(filename="a.txt")}, 400, "empty_file"),
        ({**TUS, "Upload-Length": "5"}, 400, "missing_filename"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": told(filename="../..")}, 400, "missing_filename"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename not!base64"}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename /w=="}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename YQ==,filename Yg=="}, 400, "invalid_header"),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": told(filename="a\0.txt")}, 400, "invalid_header"),
        ({**TUS, "Upload-Defer-Length": "1"}, 400, "unsupported_extension"),
        ({**TUS, "Upload-Length": "5", "Upload-Concat": "partial"}, 400, "unsupported_extension"),
        ({**TUS, "Upload-Length": "5", "Upload-Checksum": "md5 YQ=="}, 400, "invalid_header"),
    ],
)
def test_a_wrong_beginning_is_told_what_is_wrong_and_leaves_nothing(
    client: TestClient, services: Services, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.post("/uploads/", headers=headers)
    assert code_of(answer) == (status, code)
    assert answer.headers.get("Tus-Version") == ("1.0.0" if status == 412 else None)
    assert files(services) == []
    assert client.get("/uploads/").json()["total"] == 0


def test_wrong_bytes_are_refused_and_what_is_there_stays(client: TestClient) -> None:
    place = place_of(begin(client))
    send(client, place, TEXT[:7], 0)
    assert code_of(send(client, place, TEXT[:7], 0)) == (409, "wrong_offset")
    assert code_of(send(client, place, TEXT[8:], 8)) == (409, "wrong_offset")
    assert code_of(client.patch(place, content=b"x", headers=BYTES)) == (400, "invalid_header")
    assert code_of(send(client, place, b"x", 7, **{"Content-Type": "text/plain"})) == (415, "unsupported_media_type")
    assert code_of(send(client, place, TEXT, 7)) == (413, "over_length")
    unspoken = client.patch(place, content=b"x", headers={**BYTES, "Upload-Offset": "7", "Tus-Resumable": "2"})
    assert code_of(unspoken) == (412, "unsupported_version")
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "7"


def test_what_cannot_be_read_is_refused_at_the_end_and_forgotten(client: TestClient, services: Services) -> None:
    content = b"\x7fELF\x02\x01\x01" + bytes(200)
    place = place_of(begin(client, len(content)))
    assert code_of(send(client, place, content, 0)) == (415, "unsupported_type")
    assert client.head(place, headers=TUS).status_code == 404
    assert (files(services), list(services.blobs.all())) == ([], [])


def test_a_given_up_upload_is_gone_and_a_document_that_came_of_one_stays(client: TestClient, services) -> None:
    place = place_of(begin(client, content=TEXT[:50]))
    assert client.delete(place, headers=TUS).status_code == 204
    assert files(services) == []
    assert code_of(send(client, place, TEXT[50:], 50)) == (404, "upload_not_found")
    done = begin(client, content=TEXT)
    assert client.delete(done.headers["Location"], headers=TUS).status_code == 204
    assert client.head(done.headers["Location"], headers=TUS).status_code == 404
    assert client.get(f"/documents/{done.headers['SyncBoard-Document-Id']}").status_code == 200


HOSTILE = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "x" * 300, "1", "{}", "urn:uuid:" + "0" * 32, "~", "."]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_id_is_an_unknown_one_and_makes_no_file(client: TestClient, services, hostile: str) -> None:
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = {**BYTES, "Upload-Offset": "0"}
        assert client.request(method, f"/uploads/{hostile}", headers=headers).status_code in {400, 404, 405}
    assert files(services) == []


def test_somebody_elses_upload_looks_like_none(client: TestClient, other_user: int, make_token) -> None:
    place = place_of(begin(client, content=TEXT[:50]))
    unknown = f"/uploads/{uuid.uuid4()}"
    theirs = {**BYTES, "Upload-Offset": "50", **bearer(make_token(other_user))}
    for method in ("HEAD", "PATCH", "DELETE"):
        content = TEXT[50:] if method == "PATCH" else b""
        foreign = client.request(method, place, headers=theirs, content=content)
        none = client.request(method, unknown, headers=theirs, content=content)
        assert foreign.status_code == none.status_code == 404
        if method != "HEAD":
            assert foreign.json()["error"] == none.json()["error"]
    assert client.get("/uploads/", headers=theirs).json()["total"] == 0
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "50"


def test_room_and_number_of_uploads_are_reserved_when_one_begins(client: TestClient, services: Services) -> None:
    with with_settings(services, client, quota_bytes=1000, quota_open_uploads=3) as narrow:
        place_of(begin(narrow, 600))
        assert code_of(begin(narrow, 600)) == (413, "quota_bytes")
        place_of(begin(narrow, 200))
        place = place_of(begin(narrow, 200))
        assert code_of(begin(narrow, 1)) == (429, "too_many_uploads")
        narrow.delete(place, headers=TUS)
        place_of(begin(narrow, 200))
    with with_settings(services, client, disk_floor_bytes=2**62) as full:
        assert code_of(begin(full)) == (507, "disk_full")
    with with_settings(services, client, max_upload_bytes=10) as small:
        assert code_of(begin(small)) == (413, "too_large")


def test_a_finish_that_had_to_wait_is_done_by_asking_again(client: TestClient, services: Services, rung) -> None:
    place = place_of(begin(client))
    with with_settings(services, client, quota_bytes=10) as narrow:
        assert code_of(send(narrow, place, TEXT, 0)) == (413, "quota_bytes")
    seen = client.head(place, headers=TUS)
    assert (seen.status_code, seen.headers["Upload-Offset"]) == (200, str(len(TEXT)))
    assert seen.headers["SyncBoard-Job-Id"]
    assert rung == ["uploads"]


def in_the_past(services: Services) -> None:
    with services.database.session(EVERYONE) as session:
        session.query(ResumableUpload).update({"expires_at": resumable_past(session)})


def resumable_past(session) -> object:
    return session.query(ResumableUpload).first().created_at


def test_an_upload_whose_time_is_over_is_gone_with_its_bytes(client: TestClient, services: Services) -> None:
    kept, over = begin(client, content=TEXT[:9]), place_of(begin(client, content=TEXT[:5]))
    in_the_past(services)
    assert client.head(over, headers=TUS).status_code == 404
    assert code_of(send(client, over, TEXT[5:], 5)) == (404, "upload_not_found")
    fresh = place_of(begin(client, content=TEXT[:3]))
    with services.blobs.partials.open(uuid.UUID(place_of(kept).rpartition("/")[2])):
        assert resumable.clean_up(services) == 1, "what somebody holds is left for the next time"
    assert resumable.clean_up(services) == 1
    assert [path.name for path in files(services)] == [uuid.UUID(fresh.rpartition("/")[2]).hex]


def test_a_file_without_an_upload_is_swept_away(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.blobs.partials.create(uuid.uuid4())
    assert resumable.clean_up(services) == 0
    monkeypatch.setattr(resumable, "ORPHAN_SECONDS", -1.0)
    assert resumable.clean_up(services) == 1
    assert files(services) == []


def test_a_finish_that_is_lost_before_its_commit_is_done_again(
    client: TestClient, services: Services, user: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish: Callable[..., None] = resumable.resumable_uploads.finish

    def lost(*given: object, **named: object) -> None:
        finish(*given, **named)
        raise Unavailable("The database went away.")

    place = place_of(begin(client))
    monkeypatch.setattr(resumable.resumable_uploads, "finish", lost)
    assert send(client, place, TEXT, 0).status_code == 503
    assert len(list(services.blobs.all())) == 1, "the bytes have their place already"
    monkeypatch.setattr(resumable.resumable_uploads, "finish", finish)
    done = client.head(place, headers=TUS)
    with services.database.session(user) as session:
        [document] = session.query(documents.Document).all()
        [job] = session.query(jobs.JobRow).all()
    assert str(job.id) == done.headers["SyncBoard-Job-Id"]
    assert services.blobs.path(document.blob_sha256).read_bytes() == TEXT
    assert files(services) == []
