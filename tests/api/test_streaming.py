"""Large, broken-off and unwanted uploads against a server that is a process of its own."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator

import anyio
import httpx
import psutil
import pytest
from starlette.requests import Request
from starlette.types import Message

from backend.api import receiving
from backend.domain.errors import InvalidInput, Unavailable
from backend.embedded.valkey import Valkey
from tests.board import Board, eventually

MB = 1024 * 1024
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
LINE = b"The quick brown fox jumps over the lazy dog, again and again and again.\n"
PIECE = (LINE * (MB // len(LINE) + 1))[:MB]


def form_of(megabytes: int, first: bytes = b"") -> Iterator[bytes]:
    yield HEAD + first
    for _ in range(megabytes):
        yield PIECE
    yield TAIL


def incoming(board: Board) -> list[str]:
    folder = board.folder / "blobs" / "incoming"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def blobs(board: Board) -> int:
    return sum(1 for path in (board.folder / "blobs").rglob("*") if path.is_file())


def test_two_hundred_megabytes_go_through_in_flat_memory_and_others_are_served_meanwhile(served: Board) -> None:
    process = psutil.Process(served.processes["api"].pid)
    with served.client() as client:
        client.post("/upload_file", content=form_of(8, b"warm up"), headers=FORM)
        before, peak, waits, done = process.memory_info().rss, [0], [], threading.Event()

        def watch() -> None:
            while not done.is_set():
                peak[0] = max(peak[0], process.memory_info().rss)
                started = time.monotonic()
                httpx.get(f"{served.url}/setup", timeout=30).raise_for_status()
                waits.append(time.monotonic() - started)
                time.sleep(0.02)

        watcher = threading.Thread(target=watch)
        watcher.start()
        answer = client.post("/upload_file", content=form_of(200), headers=FORM, timeout=300)
        done.set()
        watcher.join()
    assert answer.status_code == 202, answer.text
    whole = hashlib.sha256(PIECE * 200).hexdigest()
    assert served.sql("SELECT size_bytes FROM documents WHERE blob_sha256 = %s", whole) == [(200 * MB,)]
    assert peak[0] - before < 48 * MB
    assert max(waits) < 5, "the event loop was held up"
    assert incoming(served) == []


def raw_upload(board: Board, *pieces: bytes, token: str | None = None, length: int = 50 * MB) -> socket.socket:
    """A connection on which an upload has begun."""
    connection = socket.create_connection(("127.0.0.1", board.port), timeout=30)
    lines = [
        "POST /upload_file HTTP/1.1", f"Host: 127.0.0.1:{board.port}", f"Authorization: Bearer {token or board.token}",
        f"Content-Type: {FORM['Content-Type']}", f"Content-Length: {length}",
        "Connection: close", "", "",  # as a proxy asks: the server may not read on for the next request's sake
    ]  # fmt: skip
    connection.sendall("\r\n".join(lines).encode())
    for piece in pieces:
        connection.sendall(piece)
    return connection


def answer_on(connection: socket.socket) -> bytes:
    """Everything the server says until it closes or has said all it announced."""
    answer = b""
    connection.settimeout(30)
    while piece := connection.recv(65_536):
        answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        announced = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if announced and len(body) >= int(announced[0].split(b":")[1]):
            break
    connection.close()
    return answer


def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(served: Board) -> None:
    kept, documents = blobs(served), served.sql("SELECT count(*) FROM documents")
    connection = raw_upload(served, HEAD, *[PIECE] * 5)
    eventually(lambda: incoming(served), why="the upload did not begin")
    connection.close()
    eventually(lambda: not incoming(served), why="something was left behind")
    assert blobs(served) == kept
    assert served.sql("SELECT count(*) FROM documents") == documents
    assert "Traceback" not in served.log("api")


def test_a_body_that_says_it_is_over_too_early_leaves_nothing_behind(served: Board) -> None:
    body = HEAD + PIECE
    connection = raw_upload(served, body, length=len(body))
    answer = answer_on(connection)
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"invalid_multipart" in answer
    assert incoming(served) == []


@pytest.mark.parametrize("refusal", ["unknown token", "no form"])
def test_a_client_that_sends_everything_before_it_reads_gets_to_read_why_it_was_refused(
    served: Board, refusal: str
) -> None:
    token, start = ("unknown", HEAD) if refusal == "unknown token" else (served.token, b"this is no form")
    connection = raw_upload(served, start, token=token, length=len(start) + 24 * MB)
    for _ in range(24):
        connection.sendall(PIECE)
    answer = answer_on(connection)
    assert b"not_authenticated" in answer or b"invalid_multipart" in answer
    assert incoming(served) == []


def test_an_announced_size_over_the_limit_is_refused_before_it_is_sent(served: Board) -> None:
    connection = raw_upload(served, length=2**42)
    answer = answer_on(connection)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_large"


def test_a_frozen_redis_holds_up_no_upload_but_closes_the_sign_in(served: Board, own_valkey: Valkey) -> None:
    broker = psutil.Process(own_valkey.pid)
    broker.suspend()
    try:
        waits = []
        with served.client() as client:
            for n in range(6):
                started = time.monotonic()
                answer = client.post("/upload_text", json={"content": f"while redis sleeps {n}"})
                waits.append(time.monotonic() - started)
                assert answer.status_code == 202, answer.text
            given = {"username": "ada", "password": "correct horse battery"}
            closed = client.post("/token", json=given)
        assert (closed.status_code, closed.json()["error"]["code"]) == (503, "unavailable")
        assert sorted(waits)[3] < 1.5, waits
        assert max(waits) < 5, waits
    finally:
        broker.resume()


def test_an_upload_that_falls_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "STALLED_SECONDS", 0.2)

    async def silent() -> Message:
        await anyio.sleep(30)
        raise AssertionError

    async def whole() -> None:
        request = Request({"type": "http", "headers": [], "method": "POST"}, silent)
        with pytest.raises(InvalidInput) as refused:
            await receiving.pump(request, bytes)
        assert refused.value.code == "upload_stalled"

    anyio.run(whole)


def test_only_a_few_large_json_bodies_are_in_memory_at_one_moment() -> None:
    async def read_one(started: list[int], refused: list[str]) -> None:
        calls = 0

        async def some() -> Message:
            nonlocal calls
            calls += 1
            if calls == 7:
                started.append(1)
            await anyio.sleep(0.01 if calls < 8 else 1)
            return {"type": "http.request", "body": PIECE, "more_body": calls < 8}

        try:
            async with receiving.body_within(Request({"type": "http", "headers": [], "method": "POST"}, some), 2**40):
                pass
        except Unavailable as error:
            refused.append(error.code)

    async def whole() -> tuple[int, list[str]]:
        started: list[int] = []
        refused: list[str] = []
        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(read_one, started, refused)
        return len(started), refused

    started, refused = anyio.run(whole)
    assert (started, refused) == (8, ["busy"] * 4)
    assert anyio.run(whole)[0] == 8, "a turn is given back"
