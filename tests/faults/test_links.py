"""A worker dies while it fetches: the address is fetched once more, and becomes one document."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import Board
from tests.conftest import new_database
from tests.web import OK_HEAD, Asked, Send, fixed, serving

PAGE = b"<html><body><article><h1>The capstan</h1>" + b"<p>The capstan weighs the anchor of the lugger.</p>" * 8


def test_an_address_whose_worker_is_killed_in_the_middle_becomes_one_document(
    postgres: Postgres, valkey: Valkey, tmp_path: Path
) -> None:
    begun = threading.Event()

    def page(asked: Asked, send: Send) -> None:
        if begun.is_set():
            return fixed(PAGE)(asked, send)
        send(OK_HEAD + b"Content-Type: text/html\r\nContent-Length: 100000\r\n\r\n" + PAGE)
        begun.set()
        threading.Event().wait(60)
        return None

    with serving() as site:
        site.pages["/capstan"] = page
        board = Board(
            new_database(postgres),
            valkey.url.replace("/0", "/6"),
            tmp_path,
            ALLOW_PRIVATE_ADDRESSES="true",
            FETCH_RESOLVE=f"site.example=127.0.0.1:{site.port}",
            FETCH_DELAY_SECONDS="0",
        )
        try:
            board.start_api()
            board.start_workers()
            board.sign_up()
            with board.client() as client:
                added = client.post("/upload_url", json={"url": "http://site.example/capstan"}).json()
                assert begun.wait(60)
                fetching = board.status(added["job_id"])
                [(worker,)] = board.sql("SELECT worker FROM jobs WHERE id = %s", added["job_id"])
                psutil.Process(int(worker.rsplit(":", 1)[1])).kill()
                ended = board.finished(added["job_id"], within=120)
                documents = client.get("/documents").json()
            [first, *_] = board.sql(
                "SELECT outcome FROM job_attempts WHERE job_id = %s ORDER BY fence", added["job_id"]
            )
        finally:
            board.stop()
    assert (fetching["state"], first, ended["state"]) == ("PROCESSING", ("LOST",), "SUCCESS"), ended
    assert (documents["total"], documents["items"][0]["title"]) == (1, "The capstan")
    assert site.paths() == ["/capstan", "/capstan"]
