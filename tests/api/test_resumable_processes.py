"""Resumable uploads against servers that are processes: killed in the middle, two at a time, large."""

from __future__ import annotations

import base64
import hashlib
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.process import free_port
from backend.embedded.valkey import Valkey
from tests.board import Board, eventually
from tests.conftest import new_database

MB = 1024 * 1024
LINE = b"The quick brown fox jumps over the lazy dog, again and again and again.\n"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Original:
    """A file made as it is read: every megabyte is another one."""

    def __init__(self, megabytes: int, salt: str) -> None:
        self.size, self.salt = megabytes * MB, salt.encode()

    def piece(self, number: int) -> bytes:
        head = b"%s %d\n" % (self.salt, number)
        return (head + LINE * (MB // len(LINE) + 1))[:MB]

    def since(self, offset: int) -> Iterator[bytes]:
        for number in range(offset // MB, self.size // MB):
            yield self.piece(number)[max(0, offset - number * MB) :]

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.since(0):
            digest.update(piece)
        return digest.hexdigest()


@pytest.fixture(scope="module")
def killable(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board of this file's own, whose API is killed."""
    board = Board(new_database(postgres), valkey.url.replace("/0", "/4"), tmp_path_factory.mktemp("resumable"))
    try:
        board.start_api()
        board.sign_up()
        yield board
    finally:
        board.stop()


def begin(board: Board, size: int, name: str = "big.txt") -> str:
    given = f"filename {base64.b64encode(name.encode()).decode()}"
    with board.client() as client:
        answer = client.post("/uploads/", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": given})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def send(board: Board, place: str, original: Original, offset: int, url: str = "") -> httpx.Response:
    headers = {**BYTES, "Upload-Offset": str(offset), "Content-Length": str(original.size - offset)}
    with board.client() as client:
        return client.patch(url + place, content=original.since(offset), headers=headers, timeout=300)


def offset_of(board: Board, place: str) -> int:
    with board.client() as client:
        return int(client.head(place, headers=TUS).raise_for_status().headers["Upload-Offset"])


def partial(board: Board, place: str) -> Path:
    return board.folder / "blobs" / "resumable" / place.rpartition("/")[2].replace("-", "")


def broken_off(board: Board, place: str, original: Original, offset: int, after: int, end: str) -> None:
    """Send on from `offset`, and end it once `after` more bytes are on the disk: the server is killed, or we go."""

    def there() -> bool:
        return partial(board, place).stat().st_size >= offset + after

    def until_then() -> Iterator[bytes]:
        for number, piece in enumerate(original.since(offset)):
            if number * MB > after + 2 * MB:  # all that is wanted is on its way: a busy server is waited for
                eventually(there)
            if there():
                if end == "kill":
                    board.kill("api")
                else:
                    raise ConnectionAbortedError
            yield piece

    headers = {**BYTES, "Upload-Offset": str(offset), "Content-Length": str(original.size - offset)}
    with board.client() as client, pytest.raises((httpx.TransportError, ConnectionAbortedError)):
        client.patch(place, content=until_then(), headers=headers)


def documents_of(board: Board, sha256: str) -> list[tuple[int, int]]:
    """The sizes of the documents of those bytes, and how many jobs each has."""
    return board.sql(
        """SELECT d.size_bytes, count(*) FROM documents d JOIN jobs j ON j.document_id = d.id
           WHERE d.blob_sha256 = %s GROUP BY d.id""",
        sha256,
    )


def check_kept(board: Board, original: Original, done: httpx.Response) -> None:
    name = original.sha256
    assert documents_of(board, name) == [(original.size, 1)]
    blob = board.folder / "blobs" / name[:2] / name[2:4] / name
    with blob.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == name
    assert blob.stat().st_nlink == 1
    assert str(board.status(done.headers["SyncBoard-Job-Id"])["document_id"]) == done.headers["SyncBoard-Document-Id"]


def test_an_upload_goes_on_after_the_server_was_killed_and_after_the_client_went_away(killable: Board) -> None:
    original = Original(64, "broken off twice")
    place = begin(killable, original.size)
    broken_off(killable, place, original, 0, 20 * MB, "kill")
    killable.start_api()
    reached = offset_of(killable, place)
    assert 20 * MB <= reached < original.size
    broken_off(killable, place, original, reached, 15 * MB, "leave")
    again = eventually(lambda: offset_of(killable, place) >= reached + 15 * MB and offset_of(killable, place))

    def sent() -> httpx.Response | None:
        answer = send(killable, place, original, offset_of(killable, place))
        return answer if answer.status_code == 204 else None

    done = eventually(sent, why="the broken connection still held the upload")
    assert again >= reached + 15 * MB
    check_kept(killable, original, done)
    assert not partial(killable, place).exists()
    assert "Traceback" not in killable.log("api")


def test_a_server_killed_between_the_last_byte_and_the_answer_makes_one_job(killable: Board) -> None:
    original = Original(8, "killed at the end")
    place = begin(killable, original.size)
    broken_off(killable, place, original, 0, 3 * MB, "kill")
    with partial(killable, place).open("ab") as file:  # what a server had written that was killed after the last byte
        for piece in original.since(file.tell()):
            file.write(piece)
    killable.start_api()
    with killable.client() as client, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.head(place, headers=TUS), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 423}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.headers["SyncBoard-Job-Id"] for answer in done}) == 1
    check_kept(killable, original, done[0])


def test_two_clients_at_once_cannot_mix_their_bytes(killable: Board) -> None:
    port = free_port()
    other = f"http://127.0.0.1:{port}"
    killable.start("api2", [sys.executable, "-m", "uvicorn", "backend.main:app", "--port", str(port)])
    try:
        eventually(lambda: answers(other), within=60)
        original = Original(48, "two at once")
        place = begin(killable, original.size)
        barrier = threading.Barrier(4)

        def one(url: str) -> httpx.Response:
            barrier.wait()
            return send(killable, place, original, 0, url)

        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(one, [killable.url, other, other, killable.url]))
        statuses = sorted(answer.status_code for answer in got)
        assert statuses[0] == 204, statuses
        assert set(statuses[1:]) <= {409, 423}, statuses
        done = next(answer for answer in got if answer.status_code == 204)
        check_kept(killable, original, done)
        with killable.client() as client:
            seen = client.head(other + place, headers=TUS)
        assert seen.headers["SyncBoard-Job-Id"] == done.headers["SyncBoard-Job-Id"]
    finally:
        killable.kill("api2")


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_memory_of_the_server_stays_flat(killable: Board) -> None:
    process = psutil.Process(killable.processes["api"].pid)
    warm = Original(4, "warm")
    send(killable, begin(killable, warm.size), warm, 0)
    before, peak, over = process.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    original = Original(128, "flat")
    done = send(killable, begin(killable, original.size), original, 0)
    over.set()
    watcher.join()
    check_kept(killable, original, done)
    assert peak[0] - before < 48 * MB
