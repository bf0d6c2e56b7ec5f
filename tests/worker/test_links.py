"""Addresses on their way onto a running board: pages, files, videos, and a list of all that sites can do."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests import tube
from tests.board import Board, eventually
from tests.conftest import new_database
from tests.files import pdf
from tests.tube import Clip, Tube
from tests.web import Site, dripping, serving

MB = 1024 * 1024
HOSTS = [f"site{number}.example" for number in range(20)]
VTT = """WEBVTT

00:00:01.000 --> 00:00:04.000
Today we mend the herring nets of the harbour.

00:02:10.000 --> 00:02:15.000
The marlinspike opens the strands so that a splice can be laid into the rope.

00:05:00.500 --> 00:05:04.000
Tar keeps the salt water out of every knot we tie.
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def youtube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tube]:
    with tube.serving(tmp_path_factory.mktemp("tube")) as made:
        yield made


@pytest.fixture(scope="module")
def outside(
    postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, site: Site, youtube: Tube
) -> Iterator[Board]:
    """A board for which a few sites and a stand-in of YouTube are the web."""
    resolve = ",".join(f"{host}=127.0.0.1:{site.port}" for host in HOSTS) + "," + youtube.resolve()
    running = Board(
        new_database(postgres),
        valkey.url.replace("/0", "/5"),
        tmp_path_factory.mktemp("outside"),
        ALLOW_PRIVATE_ADDRESSES="true",
        FETCH_RESOLVE=resolve,
        FETCH_CA_FILE=str(youtube.ca_file),
        FETCH_DELAY_SECONDS="0.05",
        FETCH_TIMEOUT_SECONDS="3",
        MAX_ATTEMPTS="1",
        FETCH_MAX_BYTES=str(2 * MB),
    )
    try:
        running.start_api()
        running.start_workers()
        running.sign_up()
        yield running
    finally:
        running.stop()


def article(about: str) -> bytes:
    """A page of its own kind of words; the same words are the same document."""
    words = f"The {about} was brought ashore by the crew of the lugger, who had looked for it since the spring tide. "
    return (
        f"<html><head><title>All about the {about}</title><meta name='author' content='Ada Rope'></head><body>"
        f"<nav>Home Contact</nav><article><h1>The {about}</h1><p>{words * 4}</p><p>{words * 3}</p></article>"
        "</body></html>"
    ).encode()


def add(board: Board, url: str, **more: Any) -> dict[str, Any]:
    with board.client() as client:
        answer = client.post("/upload_url", json={"url": url, **more})
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body


def document(board: Board, number: int) -> dict[str, Any]:
    with board.client() as client:
        body: dict[str, Any] = client.get(f"/documents/{number}").raise_for_status().json()
    return body


def error_of(board: Board, url: str) -> str:
    ended = board.finished(add(board, url)["job_id"])
    assert ended["state"] == "FAILURE", ended
    assert ended["error"]["hint"]
    return str(ended["error"]["code"])


def test_a_page_becomes_a_document_with_its_title_and_where_it_was(outside: Board, site: Site) -> None:
    site.page("/anchor", article("anchor"))
    site.leads("/old-anchor", "/anchor?utm_source=mail")
    site.pages["/anchor?utm_source=mail"] = site.pages["/anchor"]
    first = add(outside, "http://site0.example/old-anchor#top")
    assert first["url"] == "http://site0.example/old-anchor"
    ended = outside.finished(first["job_id"])
    assert ended["state"] == "SUCCESS", ended
    assert _stages(outside, first["job_id"])[0]["stage"] == "downloading"
    shown = document(outside, first["document_id"])
    assert (shown["title"], shown["kind"], shown["media_type"]) == ("The anchor", "url", "text/html")
    assert shown["source_url"].startswith("http://site0.example/anchor")
    landed = "http://site0.example/anchor"
    for again in ("http://site0.example/old-anchor", "SITE0.example:80/anchor?utm_source=x", landed):
        answer = add(outside, again)
        assert (answer["duplicate_of"], answer["document_id"]) == (first["document_id"],) * 2, again


def _stages(board: Board, job_id: str) -> list[dict[str, Any]]:
    with board.client() as client:
        history = client.get(f"/jobs/{job_id}").json()["history"]
    return [stage for entry in history for stage in entry["stages"]]


def test_an_address_of_a_file_is_that_file_and_the_same_bytes_are_one_document(outside: Board, site: Site) -> None:
    data = pdf([["The keel is laid on the stocks before any frame is raised."]])
    site.page("/keel", data, Content_Type="text/html")
    site.page("/copy", data, Content_Type="application/pdf", Content_Disposition='attachment; filename="plan.pdf"')
    first = add(outside, "http://site1.example/keel")
    ended = outside.finished(first["job_id"])
    assert ended["state"] == "SUCCESS", ended
    assert [warning["code"] for warning in ended["warnings"]] == ["type_mismatch"]
    shown = document(outside, first["document_id"])
    assert (shown["media_type"], shown["filename"]) == ("application/pdf", "keel.pdf")
    second = outside.finished(add(outside, "http://site2.example/copy")["job_id"])
    assert (second["state"], second["result"]["duplicate_of"]) == ("SUCCESS", first["document_id"])
    assert add(outside, "http://site2.example/copy")["duplicate_of"] == first["document_id"]


def test_what_cannot_be_had_says_why(outside: Board, site: Site) -> None:
    site.page("/login", b"", status="401 Unauthorized")
    site.page("/empty", b"")
    site.page("/blank", b"<html><body><script>let it = 'work'</script></body></html>")
    site.page("/huge", bytes(3 * MB))
    site.pages["/slow"] = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100, every=0.1)
    site.leads("/loop", "/loop")
    site.leads("/file", "file:///etc/passwd")
    codes = {
        path: error_of(outside, f"http://site3.example/{path}")
        for path in ("missing", "login", "empty", "blank", "huge", "slow", "loop", "file")
    }
    assert codes == {
        "missing": "not_found", "login": "needs_login", "empty": "no_text", "blank": "no_text", "huge": "too_large",
        "slow": "timed_out", "loop": "too_many_redirects", "file": "blocked_address",
    }  # fmt: skip
    failed = add(outside, "http://site3.example/missing")
    assert failed["message"] == "It failed before and is tried again."
    site.page("/missing", article("missing spar"))
    outside.finished(failed["job_id"])
    assert outside.finished(add(outside, "http://site3.example/missing")["job_id"])["state"] == "SUCCESS"


def _lines(site: Site) -> dict[str, set[str]]:
    """A hundred and twenty addresses on twenty sites, and how each may end."""
    site.page("/gone", b"", status="410 Gone")
    site.page("/fault", b"", status="500 Oh")
    site.page("/large", bytes(3 * MB))
    site.page("/bomb", gzip.compress(bytes(32 * MB)), Content_Encoding="gzip")
    site.leads("/circle", "/circle")
    site.leads("/inward", "ftp://127.0.0.1/")
    site.pages["/mail"] = lambda _asked, send: send(b"220 mail ESMTP\r\n")
    site.pages["/drip"] = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100, every=0.1)
    bad = {
        "/gone": {"not_found"}, "/nowhere": {"not_found"}, "/fault": {"site_error"}, "/large": {"too_large"},
        "/bomb": {"too_large"}, "/circle": {"too_many_redirects"}, "/inward": {"blocked_address"},
        "/mail": {"site_error"}, "/drip": {"timed_out"},
    }  # fmt: skip
    lines: dict[str, set[str]] = {}
    for number, host in enumerate(HOSTS):
        site.page(f"/good{number}", article(f"lantern of number {number}"))
        lines[f"http://{host}/good{number}"] = set()
        if number % 2:
            lines[f"http://{host}/missing{number}"] = {"not_found"}
        else:
            site.page(f"/landed{number}", article(f"buoy of number {number}"))
            site.leads(f"/moved{number}", f"/landed{number}")
            lines[f"http://{host}/moved{number}"] = set()
        for path in [*bad, *bad][number % 9 : number % 9 + 3]:
            lines[f"http://{host}{path}"] = bad[path]
        nonsense = ("ftp://{}/x", "http://me:pw@{}/", "http://[{}/", "{} and words")[number % 4]
        lines[nonsense.format(host)] = {"invalid_url"}
    return lines


def test_every_line_of_a_hostile_list_ends_and_nobody_waits_behind_it(outside: Board, site: Site) -> None:
    lines = _lines(site)
    with outside.client() as client:
        invitation = client.post("/invitations").json()
        begun = client.post("/upload_batch_urls", json={"urls": list(lines)}).raise_for_status().json()
        assert (begun["total"], begun["queued"], len(begun["errors"])) == (120, 100, 20)
        token = outside.sign_up("grace", invitation=invitation["code"])
        with outside.client(token) as other:
            body = other.post(
                "/upload_text", json={"content": "A boat hook lies in the thwarts.", "title": "Hook"}
            ).json()
            status = f"/jobs/{body['job_id']}/status"
            eventually(lambda: other.get(status).json()["state"] == "SUCCESS", within=120)
        counts = client.get(f"/batches/{begun['batch_id']}").json()["counts"]
        assert counts["waiting"] > 30, counts
        ended = outside.finished(begun["job_id"], within=600)
        seen = client.get(f"/batches/{begun['batch_id']}", params={"limit": 200}).json()
    assert ended["state"] == "SUCCESS"
    assert (seen["state"], seen["counts"]["waiting"], seen["counts"]["running"]) == ("SUCCESS", 0, 0)
    assert [item["url"] for item in seen["items"]] == list(lines)
    for item in seen["items"]:
        ends = {item["error"]["code"]} if item["error"] else set()
        assert ends <= lines[item["url"]], item
        assert (item["state"] == "SUCCESS") == (not lines[item["url"]]), item


def test_a_video_is_read_by_its_captions_and_found_at_the_second(outside: Board, youtube: Tube) -> None:
    youtube.add(Clip("netsnetsnet", title="How nets are mended", tracks=[("en", False, VTT)]))
    added = add(outside, "https://youtu.be/netsnetsnet?si=who-told-me&t=3")
    assert added["url"] == "https://www.youtube.com/watch?v=netsnetsnet"
    ended = outside.finished(added["job_id"])
    assert ended["state"] == "SUCCESS", ended
    shown = document(outside, added["document_id"])
    assert (shown["title"], shown["filename"], shown["media_type"]) == (
        "How nets are mended", "How nets are mended [netsnetsnet].en.vtt", "text/vtt",
    )  # fmt: skip
    music = "https://music.youtube.com/watch?v=netsnetsnet&list=RDx"
    assert (shown["details"]["youtube"]["channel"], shown["details"]["youtube"]["uploaded"]) == (
        "Harbour",
        "2024-03-05",
    )
    for other in ("https://m.youtube.com/shorts/netsnetsnet", "youtube.com/embed/netsnetsnet", music):
        assert add(outside, other)["duplicate_of"] == added["document_id"], other
    with outside.client() as client:
        hits = client.get("/search", params={"q": "marlinspike splice"}).json()["items"]
    hit = next(item for item in hits if item["document_id"] == added["document_id"])
    second = int(hit["place"]["second"])
    with outside.client() as client:
        pieces = client.get(f"/documents/{added['document_id']}/passages").json()["items"]
    assert second in {1, 130, 300}
    assert hit["url"] == f"https://www.youtube.com/watch?v=netsnetsnet&t={second}s"
    assert hit["url"] in {piece["url"] for piece in pieces}


def test_a_playlist_becomes_a_batch_of_its_videos(outside: Board, youtube: Tube) -> None:
    ids = ["knotsknots1", "knotsknots2", "knotsknots3"]
    for number, one in enumerate(ids[:2]):
        captions = VTT.replace("herring", f"herring {number}")
        youtube.add(Clip(one, title=f"Knot {number}", tracks=[("en", True, captions)]))
    youtube.add(Clip(ids[2], status={"status": "LOGIN_REQUIRED", "reason": "Private video"}))
    youtube.playlists["PLknotsknotsknots"] = ("Knots", ids)
    ended = outside.finished(add(outside, "https://www.youtube.com/playlist?list=PLknotsknotsknots&si=x")["job_id"])
    assert (ended["state"], ended["result"]["total"]) == ("SUCCESS", 3), ended
    batch = ended["result"]["batch_id"]
    outside.finished(batch)
    with outside.client() as client:
        items = client.get(f"/batches/{batch}").json()["items"]
    assert [item["url"] for item in items] == [f"https://www.youtube.com/watch?v={one}" for one in ids]
    assert [item["state"] for item in items] == ["SUCCESS", "SUCCESS", "FAILURE"]
    assert items[2]["error"]["code"] == "video_private"


def test_a_video_without_captions_brings_its_sound(outside: Board, youtube: Tube) -> None:
    sound = b"\x1aE\xdf\xa3" + bytes(range(256)) * 200
    youtube.add(Clip("soundsounds", title="Only heard", sound=sound))
    added = add(outside, "https://www.youtube.com/watch?v=soundsounds")
    outside.finished(added["job_id"], within=120)
    with outside.client() as client:
        original = client.get(f"/documents/{added['document_id']}/file")
    assert original.content == sound
    assert document(outside, added["document_id"])["filename"] == "Only heard [soundsounds].webm"
