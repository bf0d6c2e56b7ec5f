"""Pictures at the door: what is taken, what is refused, and what is shown of their pages."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.store import document_pages, document_thumbnails, documents
from tests import files, scans
from tests.api.conftest import MakeToken, bearer

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff", "WEBP": "image/webp", "GIF": "image/gif",
         "BMP": "image/bmp", "JPEG2000": "image/jp2", "AVIF": "image/avif"}  # fmt: skip


def small(kind: str = "PNG", shade: int = 200) -> bytes:
    return scans.encoded(Image.new("RGB", (40, 30), (shade, shade, shade)), kind)


def upload(client: TestClient, data: bytes, name: str = "photo.png", **fields: str):
    return client.post("/upload_image", files={"file": (name, data)}, data=fields)


def document_of(services: Services, user: int, document_id: int) -> documents.Document:
    with services.database.session(user) as session:
        return documents.get(session, user, document_id)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_every_kind_becomes_a_document_and_a_job(client: TestClient, services, user, kind: str) -> None:
    answer = upload(client, small(kind), "photo." + kind.lower(), description="  Boats in\nthe harbour ")
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/jobs/{body['job_id']}/status"
    document = document_of(services, user, body["document_id"])
    assert (document.kind, document.media_type) == ("image", KINDS[kind])
    assert document.details == {"description": "Boats in\nthe harbour"}
    assert client.get(body and f"/jobs/{body['job_id']}/status").json()["kind"] == "process_image_upload"


def test_a_picture_comes_as_json_too(client: TestClient, services: Services, user: int) -> None:
    content = "data:image/png;base64," + base64.b64encode(small()).decode()
    body = {"filename": "a.png", "content": content, "description": "A wall"}
    answer = client.post("/upload_image", json=body)
    assert answer.status_code == 202, answer.text
    assert document_of(services, user, answer.json()["document_id"]).details == {"description": "A wall"}


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (files.pdf([["Nets"]]), 415, "unsupported_type"),
        (b"just words", 415, "unsupported_type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(64), 415, "unsupported_type"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_hint(client: TestClient, data: bytes, status: int, code: str) -> None:
    answer = upload(client, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["hint"]
    assert client.get("/documents").json()["total"] == 0


def test_a_description_without_end_is_refused(client: TestClient) -> None:
    assert upload(client, small(), description="x" * 10_001).status_code == 400
    body = {"filename": "a.png", "content": base64.b64encode(small()).decode(), "description": "x" * 10_001}
    assert client.post("/upload_image", json=body).status_code == 400


def test_the_same_key_with_another_description_is_another_request(client: TestClient) -> None:
    first = client.post("/upload_image", files={"file": ("a.png", small())}, headers={"Idempotency-Key": "one"})
    again = client.post("/upload_image", files={"file": ("a.png", small())}, headers={"Idempotency-Key": "one"})
    assert again.json() == first.json()
    other = client.post(
        "/upload_image",
        files={"file": ("a.png", small())},
        data={"description": "b"},
        headers={"Idempotency-Key": "one"},
    )
    assert other.json()["error"]["code"] == "idempotency_conflict"


def test_a_picture_that_failed_may_come_again_with_a_description(client: TestClient, services, user: int) -> None:
    first = upload(client, small()).json()
    with services.database.session(user) as session:
        documents.set_status(session, first["document_id"], "error", error={"code": "no_text", "message": "None."})
    second = upload(client, small(), description="Only a wall").json()
    assert second["document_id"] == first["document_id"]
    assert second["job_id"] != first["job_id"]
    assert document_of(services, user, first["document_id"]).details["description"] == "Only a wall"


@pytest.fixture
def scan(client: TestClient, services: Services, user: int) -> int:
    """A scan of three pages of which two were read, the second lying on its side."""
    data = scans.tiff([scans.page(["One"]), scans.page(["Two"], (320, 620)), scans.page(["Three"])])
    document_id: int = upload(client, data, "scan.tiff").json()["document_id"]
    read = {"width": 620, "height": 320, "engine": "rapidocr", "confidence": 0.98}
    rows: list[dict[str, Any]] = [
        {**read, "page": 1, "boxes": [["One", 0.1, 0.1, 0.2, 0.25]]},
        {**read, "page": 2, "rotation": 90},
        {"page": 3, "error": {"code": "corrupt", "message": "Damaged."}},
    ]
    with services.database.session(user) as session:
        document_pages.save(session, user, document_id, rows)
    return document_id


def test_pages_are_listed_with_their_words_where_asked(client: TestClient, scan: int) -> None:
    plain = client.get(f"/documents/{scan}/pages").json()
    assert [(page["page"], page["state"], page["words"]) for page in plain["items"]] == [
        (1, "read", []),
        (2, "read", []),
        (3, "failed", []),
    ]
    assert plain["items"][2]["error"]["code"] == "corrupt"
    one = client.get(f"/documents/{scan}/pages", params={"boxes": True, "page": 1}).json()
    assert one["items"][0]["words"] == [{"text": "One", "box": [62, 32, 124, 80], "start": None, "end": None}]
    assert client.get(f"/documents/{scan}/pages", params={"page": 9}).json()["items"] == []
    first = client.get(f"/documents/{scan}/pages", params={"limit": 2}).json()
    rest = client.get(f"/documents/{scan}/pages", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [page["page"] for page in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next_cursor"] is None


def test_a_page_is_drawn_upright_within_bounds_and_once(client: TestClient, scan: int) -> None:
    answer = client.get(f"/documents/{scan}/pages/2/picture", params={"longest": 310})
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert Image.open(io.BytesIO(answer.content)).size == (310, 160)
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/documents/{scan}/pages/2/picture", params={"longest": 310}, headers=known).status_code == 304
    assert client.get(f"/documents/{scan}/pages/2/picture", params={"longest": 9000}).status_code == 422


def test_what_has_no_pages_is_not_drawn(client: TestClient, scan: int) -> None:
    text = client.post("/upload_text", json={"content": "Words"}).json()["document_id"]
    assert client.get(f"/documents/{text}/pages/1/picture").json()["error"]["code"] == "page_not_found"
    assert client.get(f"/documents/{scan}/pages/4/picture").status_code in {404, 422}


def test_a_thumbnail_is_shown_once_there_is_one(client: TestClient, services, user: int, scan: int) -> None:
    assert client.get(f"/documents/{scan}/thumbnail").json()["error"]["code"] == "no_thumbnail"
    with services.database.session(user) as session:
        document_thumbnails.save(session, user, scan, b"RIFF....WEBP")
    answer = client.get(f"/documents/{scan}/thumbnail")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"RIFF....WEBP", "image/webp")
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/documents/{scan}/thumbnail", headers=known).status_code == 304


def test_pages_pictures_and_thumbnails_are_their_owner_s(
    client: TestClient, services, user: int, other_user: int, make_token: MakeToken, scan: int
) -> None:
    with services.database.session(user) as session:
        document_thumbnails.save(session, user, scan, b"RIFF....WEBP")
    for path in ("pages", "pages/1/picture", "thumbnail"):
        answer = client.get(f"/documents/{scan}/{path}", headers=bearer(make_token(other_user)))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "document_not_found"), path
    with services.database.session(other_user) as session:
        assert session.query(document_pages.DocumentPage).count() == 0


def test_only_what_failed_in_part_is_tried_again_in_part(client: TestClient, services, user: int, scan: int) -> None:
    busy = client.post(f"/documents/{scan}/chunks/retry").json()
    assert busy["message"] == "This document is being processed already"
    client.post(f"/jobs/{busy['job_id']}/cancel").raise_for_status()
    with services.database.session(user) as session:
        documents.set_status(session, scan, "completed")
    assert client.post(f"/documents/{scan}/chunks/retry").json()["error"]["code"] == "not_failed"
    with services.database.session(user) as session:
        documents.get(session, user, scan).details = {"failed_parts": 1}
    again = client.post(f"/documents/{scan}/chunks/retry")
    assert again.status_code == 202, again.text
    assert again.json()["job_id"] != busy["job_id"]
    assert client.get(f"/documents/{scan}").json()["status"] == "queued"
