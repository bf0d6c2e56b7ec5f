"""The API dies, is replaced or has no disk left: whoever was answered was told the truth."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.board import eventually
from tests.faults.arena import STANDARD, Arena, Load


def test_a_job_committed_by_an_api_that_died_before_it_rang_is_done_and_a_retry_finds_it(arena: Arena) -> None:
    for number in range(arena.scale(1, 10)):
        arena.board.kill("api")
        arena.board.start_api(DIE_INSTEAD_OF_RINGING="1")
        key = {"Idempotency-Key": f"killed-{number}"}
        body = {"kind": "probe", "input": {"seconds": 0.1}}
        before = arena.board.sql("SELECT count(*) FROM jobs")[0][0]
        with arena.board.client() as client, pytest.raises(httpx.TransportError):
            client.post("/probes", json=body, headers=key)
        arena.board.kill("api")
        arena.kills += 1
        assert arena.board.sql("SELECT count(*) FROM jobs")[0][0] == before + 1, "it was committed"
        arena.board.start_api()
        with arena.board.client() as client:
            answers = [client.post("/probes", json=body, headers=key) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["job_id"] for answer in answers}) == 1
        assert arena.board.sql("SELECT count(*) FROM jobs")[0][0] == before + 1, "a retry makes no second job"
        arena.auditor.promised(answers[0].json()["job_id"])
        arena.settle()


def test_an_api_killed_under_load_loses_nothing_and_makes_nothing_twice(arena: Arena) -> None:
    before = arena.board.sql("SELECT count(*) FROM jobs")[0][0]
    total = arena.scale(60, 400)
    with Load(arena, total) as load:
        for number in range(kills := arena.scale(1, 10)):
            load.wait_made((number + 0.5) / kills)
            arena.board.kill("api")
            arena.kills += 1
            arena.board.start_api()
    assert load.retries, "no client noticed"
    assert arena.board.sql("SELECT count(*) FROM jobs")[0][0] == before + total
    arena.settle()


def test_api_and_workers_replaced_one_after_the_other_under_load_lose_nothing(arena: Arena) -> None:
    arena.start_worker("beta")
    with Load(arena, arena.scale(60, 500)) as load:
        for share, name in ((0.2, STANDARD), (0.5, "beta"), (0.8, "api")):
            load.wait_made(share)
            arena.end(name)
            arena.kills += 1
            if name == "api":
                arena.board.start_api()
            else:
                arena.start_worker(name)
    arena.settle()
    lost = arena.board.sql(
        "SELECT job_id FROM job_attempts WHERE outcome = 'LOST' AND job_id = ANY(%s::uuid[])", load.made
    )
    assert not lost, "a worker told to stop finishes what it has begun"


@contextmanager
def small_disk(arena: Arena, kilobytes: int) -> Iterator[None]:
    """An API whose file store holds only so much: a small file system for root, a limit on files for others."""
    arena.board.kill("api")
    store: Path = arena.folder / "small"
    store.mkdir(exist_ok=True)
    env = {"STORAGE_URL": str(store), "DISK_FLOOR_BYTES": "0"}
    size = f"size={kilobytes}k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(store)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    uvicorn = [sys.executable, "-m", "uvicorn", "tests.faults.probe_api:app", "--port", str(arena.board.port)]
    limited = ["sh", "-c", f'ulimit -f {kilobytes * 2}; exec "$@"', "sh", *uvicorn]
    arena.board.start("api", uvicorn if mounted else limited, **env)
    try:
        eventually(arena.board.answers, within=90, why=arena.board.log("api"))
        yield
    finally:
        arena.board.kill("api")
        if mounted:
            subprocess.run(["umount", "-l", store], check=True)
        arena.board.start_api()


FORM = "multipart/form-data; boundary=between"


def big_form() -> Iterator[bytes]:
    """Four megabytes whose size nobody announced, so that they are found too many while they are written."""
    yield b'--between\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
    for _ in range(64):
        yield os.urandom(64 * 1024)
    yield b"\r\n--between--\r\n"


def test_a_full_disk_refuses_the_upload_and_leaves_no_job_no_document_and_no_rest(arena: Arena) -> None:
    counts = "SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM documents)"
    before = arena.board.sql(counts)
    with small_disk(arena, 1024), arena.board.client() as client:
        for _ in range(arena.scale(3, 20)):
            announced = client.post("/upload_file", files={"file": ("big.txt", os.urandom(4 * 1024 * 1024))})
            streamed = client.post("/upload_file", content=big_form(), headers={"Content-Type": FORM})
            for answer in (announced, streamed):
                assert answer.status_code == 507, answer.text
                assert answer.json()["error"]["code"] == "disk_full"
        assert arena.board.sql(counts) == before
        assert not list((arena.folder / "small" / "incoming").iterdir()), "half a file was left behind"
        small = client.post("/upload_file", files={"file": ("small.txt", b"room enough for this one")})
        assert small.status_code == 202, small.text
        job_id = small.json()["job_id"]
        # the workers look for originals in another folder than this API: the job ends, with a sentence
        arena.auditor.promised(job_id)
    arena.settle()
    assert arena.row(job_id)["error"]["code"] == "blob_missing"
