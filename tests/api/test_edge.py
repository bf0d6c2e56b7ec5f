"""What every answer carries, the page and its cookie, and errors nobody named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.embedded.process import free_port
from backend.jobs.services import Services
from backend.main import create_app
from backend.store.database import Database

PASSWORD = "correct horse battery"
OWN = {"Origin": "http://testserver"}


def code_of(response) -> str:
    return response.json()["error"]["code"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>SyncBoard</title>")
    (dist / "assets" / "index-3f9a.js").write_text("console.log('plain')")
    (dist / "assets" / "index-3f9a.js.br").write_bytes(b"brotli")
    (dist / "assets" / "index-3f9a.js.gz").write_bytes(b"gzip")
    (tmp_path / "secret.txt").write_text("not for you")
    return dist


@pytest.fixture
def reader(services: Services, page: Path, redis_url: str) -> TestClient:
    """A browser that looks at the built page."""
    return TestClient(create_app(services, dist=page), raise_server_exceptions=False)


@pytest.fixture
def browser(anyone: TestClient) -> TestClient:
    """A browser that signed in: it holds the cookie and no token."""
    anyone.post("/users", json={"username": "ada", "password": PASSWORD})
    signed_in = anyone.post(
        "/token", json={"username": "ada", "password": PASSWORD}, headers={"X-SyncBoard-Page": "1", **OWN}
    )
    assert signed_in.status_code == 200
    return anyone


@pytest.mark.parametrize("path", ["/", "/app/", "/setup", "/users/me", "/nowhere", "/openapi.json"])
def test_every_answer_is_hardened(anyone: TestClient, path: str) -> None:
    headers = anyone.get(path, follow_redirects=False).headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-ID"]


def test_the_reference_tells_of_every_route_without_a_script(anyone: TestClient) -> None:
    answer = anyone.get("/docs")
    for path in anyone.get("/openapi.json").json()["paths"]:
        assert path in answer.text
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_sane_request_id_is_kept_and_another_is_replaced(anyone: TestClient) -> None:
    assert anyone.get("/setup", headers={"X-Request-ID": "abc-12345678"}).headers["X-Request-ID"] == "abc-12345678"
    assert anyone.get("/setup", headers={"X-Request-ID": "a b\tc;evil"}).headers["X-Request-ID"] != "a b\tc;evil"


def test_an_error_nobody_named_is_told_as_internal_with_its_id(app: FastAPI) -> None:
    @app.get("/boom")
    def boom() -> None:
        raise ZeroDivisionError("the secret reason")

    answer = TestClient(app, raise_server_exceptions=False).get("/boom")
    assert answer.status_code == 500
    assert code_of(answer) == "internal"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert "secret" not in answer.text


def test_unknown_paths_and_methods_have_our_shape(anyone: TestClient) -> None:
    assert (anyone.get("/nowhere").status_code, code_of(anyone.get("/nowhere"))) == (404, "not_found")
    assert (anyone.put("/token").status_code, code_of(anyone.put("/token"))) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"", 422, "missing_field"),
        (b"{}", 422, "missing_field"),
        (b'{"username": 1, "password": "x"}', 422, "invalid_input"),
        (b'{"username": "\\ud800", "password": "correct horse"}', 422, "invalid_input"),
        (b'{"username": "a\\u0000b", "password": "correct horse"}', 400, "invalid_username"),
        (b"x" * 1_100_000, 413, "too_large"),
    ],
)
def test_requests_that_make_no_sense_are_told_why(anyone: TestClient, content: bytes, status: int, code: str) -> None:
    answer = anyone.post("/users", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.json()["error"]["message"].endswith(".")


def test_a_database_that_is_away_is_a_503_and_no_fault_of_the_request(services: Services, redis_url: str) -> None:
    nowhere = Database(f"postgresql://syncboard@127.0.0.1:{free_port()}/nothing")
    with TestClient(create_app(replace(services, database=nowhere))) as client:
        answer = client.get("/users/me", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, code_of(answer)) == (503, "database_away")
    assert answer.json()["error"]["retryable"] is True


def test_without_a_built_page_the_door_says_how_to_build_it(services: Services, tmp_path: Path, redis_url) -> None:
    client = TestClient(create_app(services, dist=tmp_path / "nothing"))
    assert client.get("/app/").text == "The page is not built: run `make web`."


def test_the_front_door_leads_to_the_page(reader: TestClient) -> None:
    assert "SyncBoard" in reader.get("/").text
    assert "SyncBoard" in reader.get("/app/documents/7").text, "the page makes up its own addresses"
    assert reader.get("/app/").headers["Cache-Control"] == "no-cache"


def test_built_files_come_compressed_and_may_be_kept_for_ever(reader: TestClient) -> None:
    path = "/app/assets/index-3f9a.js"
    for accept, coding, body in (
        ("br, gzip", "br", b"brotli"),
        ("gzip;q=0.5", "gzip", b"gzip"),
        ("identity", None, None),
    ):
        with reader.stream("GET", path, headers={"Accept-Encoding": accept}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("Content-Encoding") == coding
        assert raw == (body or b"console.log('plain')")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "assets/../../secret.txt"])
def test_the_page_serves_nothing_beside_itself(reader: TestClient, path: str) -> None:
    assert "not for you" not in reader.get(f"/app/{path}").text
    assert reader.get("/app/assets/old-1234.js").status_code == 404


def test_a_linked_file_outside_the_page_is_not_served(reader: TestClient, page: Path) -> None:
    (page / "link.txt").symlink_to(page.parent / "secret.txt")
    assert reader.get("/app/link.txt").status_code == 404


def test_the_page_signs_in_with_a_cookie_that_scripts_and_other_sites_cannot_use(browser: TestClient) -> None:
    cookie = browser.post(
        "/token", json={"username": "ada", "password": PASSWORD}, headers={"X-SyncBoard-Page": "1"}
    ).headers["set-cookie"]
    assert cookie.startswith("syncboard=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age="))
    assert browser.get("/users/me").json()["username"] == "ada"


def test_a_token_for_a_program_sets_no_cookie(browser: TestClient) -> None:
    answer = browser.post("/token", json={"username": "ada", "password": PASSWORD})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
        {"Referer": "http://testserver/app/"},
    ],
)
def test_with_the_cookie_only_our_own_page_may_change_things(browser: TestClient, headers: dict[str, str]) -> None:
    answer = browser.post("/upload_text", json={"content": "x"}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "cross_site")
    assert browser.post("/upload_text", json={"content": "x"}, headers=OWN).status_code == 202


def test_signing_out_ends_the_session_and_takes_the_cookie_back(browser: TestClient) -> None:
    stolen = browser.cookies["syncboard"]
    answer = browser.post("/token/revoke", headers=OWN)
    assert answer.json() == {"revoked": True}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert browser.get("/users/me", headers={"Authorization": f"Bearer {stolen}"}).status_code == 401


def test_over_https_the_cookie_is_bound_to_host_and_https(app: FastAPI) -> None:
    with TestClient(app, base_url="https://board.example") as client:
        client.post("/users", json={"username": "ada", "password": PASSWORD})
        given = {"username": "ada", "password": PASSWORD}
        answer = client.post("/token", json=given, headers={"X-SyncBoard-Page": "1"})
        assert answer.headers["set-cookie"].startswith("__Host-syncboard=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "Domain" not in answer.headers["set-cookie"]
        assert client.get("/users/me").status_code == 200
        assert "max-age" in client.get("/setup").headers["Strict-Transport-Security"]
        token = answer.json()["access_token"]
        client.cookies.clear()
        planted = {"Cookie": f"syncboard={token}"}
        assert client.get("/users/me", headers=planted).status_code == 401, "a cookie planted over http is not ours"


def test_in_production_the_cookie_does_not_go_over_plain_http(services: Services, redis_url: str) -> None:
    settings = services.settings.model_copy(update={"environment": "production"})
    app = create_app(replace(services, settings=settings))
    page = {"X-SyncBoard-Page": "1"}
    with TestClient(app, base_url="http://board.example") as client:
        client.post("/users", json={"username": "ada", "password": PASSWORD})
        answer = client.post("/token", json={"username": "ada", "password": PASSWORD}, headers=page)
        assert (answer.status_code, code_of(answer)) == (403, "needs_https")
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        answer = client.post("/token", json={"username": "ada", "password": PASSWORD}, headers=page)
        assert answer.status_code == 200
