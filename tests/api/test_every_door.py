"""What holds at every way in: quotas, the floor of the disk, and the same bytes again being the same document."""

from __future__ import annotations

import base64
import io
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.main import create_app
from backend.store import documents, jobs
from backend.store.documents import Document

Door = Callable[[TestClient, bytes, str], httpx.Response]


def form(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_file", files={"file": (name, content)})


def base64_json(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_file", json={"filename": name, "content": base64.b64encode(content).decode()})


def tus(client: TestClient, content: bytes, name: str) -> httpx.Response:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
    }
    return client.post("/uploads/", headers=headers, content=content)


def batch(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_batch", files=[("file", (name, content))])


def text(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_text", json={"title": name, "content": content.decode()})


def image(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_image", files={"file": (name, content)}, data={"description": "A square"})


def image_json(client: TestClient, content: bytes, name: str) -> httpx.Response:
    return client.post("/upload_image", json={"filename": name, "content": base64.b64encode(content).decode()})


def link(client: TestClient, content: bytes, _name: str) -> httpx.Response:
    return client.post("/upload_url", json={"url": f"https://example.com/{content.hex()[:40]}"})


def links(client: TestClient, content: bytes, _name: str) -> httpx.Response:
    return client.post("/upload_batch_urls", json={"urls": [f"https://example.com/{content.hex()[:40]}"]})


TEXTS: list[Door] = [form, base64_json, tus, batch, text]
PICTURES: list[Door] = [form, base64_json, tus, batch, image, image_json]
_numbers = itertools.count(1)


def picture() -> bytes:
    """A picture like no other."""
    drawn = io.BytesIO()
    Image.new("RGB", (40, 40), (next(_numbers), 120, 90)).save(drawn, "PNG")
    return drawn.getvalue()


def words() -> bytes:
    return f"# A note\n\nThis is note number {next(_numbers)} of many.\n".encode()


def became(answer: httpx.Response) -> tuple[int, str, bool]:
    """The document, the job, and whether the bytes were there before: every door says so in its own words."""
    assert answer.status_code in {201, 202}, answer.text
    if "SyncBoard-Job-Id" in answer.headers:
        known = "SyncBoard-Duplicate-Of" in answer.headers
        return int(answer.headers["SyncBoard-Document-Id"]), answer.headers["SyncBoard-Job-Id"], known
    body: dict[str, Any] = answer.json()
    if "jobs" in body:
        [line] = body["jobs"]
        return line["document_id"], line["job_id"], line["verdict"] == "already_here"
    return body["document_id"], body["job_id"], body["duplicate_of"] is not None


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Of a refusal; a form of many says it of the line."""
    if answer.status_code == 202 and answer.json()["errors"]:
        return 202, str(answer.json()["errors"][0]["code"])
    return answer.status_code, str(answer.json()["error"]["code"])


def narrow(services: Services, client: TestClient, **changed: int) -> TestClient:
    app = create_app(replace(services, settings=services.settings.model_copy(update=changed)))
    return TestClient(app, headers={"Authorization": client.headers["Authorization"]})


@pytest.mark.parametrize(
    ("doors", "make", "name"), [(TEXTS, words, "note.md"), (PICTURES, picture, "square.png")], ids=["texts", "pictures"]
)
def test_what_came_by_one_door_is_known_at_every_other(
    client: TestClient, doors: list[Door], make: Callable[[], bytes], name: str
) -> None:
    for first in doors:
        content = make()
        document, job, known = became(first(client, content, name))
        assert not known, first.__name__
        for again in doors:
            assert became(again(client, content, f"again-{name}")) == (document, job, True), again.__name__


@pytest.mark.parametrize(
    ("doors", "make", "name"), [(TEXTS, words, "note.md"), (PICTURES, picture, "square.png")], ids=["texts", "pictures"]
)
def test_the_same_bytes_at_every_door_at_one_moment_are_one_document_and_one_job(
    client: TestClient, services: Services, user: int, doors: list[Door], make: Callable[[], bytes], name: str
) -> None:
    content, together = make(), threading.Barrier(2 * len(doors))

    def send(door: Door) -> tuple[int, str, bool]:
        together.wait(30)
        return became(door(client, content, name))

    with ThreadPoolExecutor(2 * len(doors)) as pool:
        got = list(pool.map(send, doors * 2))
    assert len({(document, job) for document, job, _ in got}) == 1, got
    assert [known for _, _, known in got].count(False) == 1
    with services.database.session(user) as session:
        [document] = session.query(Document).all()
        reading = session.query(jobs.JobRow).filter(jobs.JobRow.document_id == document.id).count()
    assert reading == 1
    assert len(list(services.blobs.all())) == 1


@pytest.mark.parametrize("door", [*TEXTS, image, image_json], ids=lambda door: door.__name__)
def test_no_door_takes_more_than_the_quotas_and_the_disk_allow(
    client: TestClient, services: Services, user: int, door: Door
) -> None:
    content, name = (picture(), "square.png") if door in {image, image_json} else (words(), "note.md")
    for changed, expected in (
        ({"disk_floor_bytes": 2**62}, (507, "disk_full")),
        ({"quota_bytes": len(content) - 1}, (413, "quota_bytes")),
        ({"max_upload_bytes": len(content) - 1}, (413, "too_large")),
    ):
        assert code_of(door(narrow(services, client, **changed), content, name)) == expected
    other = narrow(services, client, quota_open_jobs=1)
    became(form(other, b"The one that is open.", "open.txt"))
    assert code_of(door(other, content, name)) == (429, "too_many_jobs")
    incoming = services.settings.blob_dir / "incoming"
    assert list(incoming.iterdir()) == []
    assert len(list(services.blobs.all())) == 1
    with services.database.session(user) as session:
        assert documents.stored_bytes(session, user) == len(b"The one that is open.")


@pytest.mark.parametrize("door", [link, links], ids=lambda door: door.__name__)
def test_an_address_is_a_job_that_counts_like_any_other(client: TestClient, services: Services, door: Door) -> None:
    other = narrow(services, client, quota_open_jobs=1)
    became(form(other, b"The one that is open.", "open.txt"))
    assert code_of(door(other, b"where it leads", "")) == (429, "too_many_jobs")
    assert client.get("/documents").json()["total"] == 1


def test_many_at_one_moment_do_not_overdraw_what_is_allowed(client: TestClient, services: Services, user: int) -> None:
    contents = [words().ljust(100) for _ in range(8)]
    together = threading.Barrier(len(contents))

    def send(other: TestClient, content: bytes) -> int:
        together.wait(30)
        return form(other, content, "note.md").status_code

    for changed, refusal in (({"quota_bytes": 300}, 413), ({"quota_bytes": 10_000, "quota_open_jobs": 5}, 429)):
        other = narrow(services, client, **changed)
        with ThreadPoolExecutor(len(contents)) as pool:
            got = list(pool.map(lambda content, other=other: send(other, content), contents))
        assert set(got) == {202, refusal}
        contents = [words().ljust(100) for _ in range(8)]
    with services.database.session(user) as session:
        assert (documents.stored_bytes(session, user), jobs.count_open(session, user, 100)) == (500, 5)


def test_lists_of_the_same_files_in_another_order_do_not_wait_for_each_other(client: TestClient) -> None:
    files = [("file", (f"{number}.md", words())) for number in range(12)]
    together = threading.Barrier(4)

    def send(turned: bool) -> httpx.Response:
        together.wait(30)
        return client.post("/upload_batch", files=files[::-1] if turned else files)

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(send, [False, True] * 2))
    assert [answer.status_code for answer in got] == [202] * 4, [answer.text for answer in got]
    assert sum(answer.json()["queued"] for answer in got) == 12
    assert client.get("/documents").json()["total"] == 12
