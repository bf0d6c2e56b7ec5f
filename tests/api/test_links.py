"""One address at the door: what it is read as, what is refused at once, and what is there already."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from backend.jobs.services import Services
from backend.store import documents
from tests.api.test_uploads import error_of


def send(client: TestClient, url: str, **more: object):
    return client.post("/upload_url", json={"url": url, **more})


def test_an_address_is_taken_as_people_paste_it(client: TestClient, services: Services, user: int, rung) -> None:
    answer = send(client, "  <News.Example/a b?q=1&utm_source=mail#part> ", title=" My  title ")
    body = answer.json()
    assert (answer.status_code, body["url"]) == (202, "https://news.example/a%20b?q=1&utm_source=mail")
    assert answer.headers["Location"] == f"/jobs/{body['job_id']}/status"
    assert (body["duplicate_of"], rung) == (None, ["uploads"])
    with services.database.session(user) as session:
        made = documents.get(session, user, body["document_id"])
    assert (made.title, made.kind, made.status) == ("My title", "url", "queued")
    again = send(client, "https://news.example/a%20b?q=1").json()
    assert (again["duplicate_of"], again["job_id"]) == (body["document_id"], body["job_id"])
    assert rung == ["uploads"], "nothing new waits"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "2130706433", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest", "http://localhost/", "https://news.example:6379/",
    ],
)  # fmt: skip
def test_what_is_seen_to_lead_in_here_is_refused_at_the_door(client: TestClient, url: str) -> None:
    answer = send(client, url)
    assert error_of(answer)[1] in {"blocked_address", "invalid_url"}
    assert answer.json()["error"]["hint"]
    assert client.get("/documents").json()["total"] == 0


@pytest.mark.parametrize(
    "url", ["", "two words", "ftp://news.example/", "javascript:alert(1)", "https://me:pw@a.example/"]
)
def test_what_is_no_address_of_the_web_is_refused_at_the_door(client: TestClient, url: str) -> None:
    assert error_of(send(client, url))[1] == "invalid_url"


@pytest.mark.parametrize(
    "url",
    [
        "https://youtu.be/netsnetsnet?t=10", "youtube.com/watch?v=netsnetsnet&list=PLx&index=2",
        "https://m.youtube.com/shorts/netsnetsnet", "https://www.youtube-nocookie.com/embed/netsnetsnet",
        "https://music.youtube.com/watch?v=netsnetsnet", "https://www.youtube.com/live/netsnetsnet?feature=share",
    ],
)  # fmt: skip
def test_a_video_has_one_address_made_of_its_id(client: TestClient, url: str) -> None:
    assert send(client, url).json()["url"] == "https://www.youtube.com/watch?v=netsnetsnet"
