"""A whole board of its own for measures: what they give is what a person who adds the file gets."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import Board, eventually
from tests.conftest import migrate

_PATIENCE_SECONDS = 1200.0


@dataclass(frozen=True)
class Ended:
    """How the way of a file ended: "read", or the code of the error; `seconds` are those from its first answer on."""

    code: str
    seconds: float
    document_id: int | None = None

    @property
    def read(self) -> bool:
        return self.code == "read"


@contextmanager
def running(**env: str) -> Iterator[Board]:
    """All processes of a board in a folder of their own; `env` are settings. An owner is signed in."""
    with tempfile.TemporaryDirectory(prefix="syncboard-quality-") as folder:
        database, broker = Postgres(Path(folder, "postgres")), Valkey(Path(folder, "valkey"))
        try:
            url = database.start()
            migrate(url)
            broker.start()
            Path(folder, "data").mkdir()
            board = Board(url, broker.url, Path(folder, "data"), LEASE_SECONDS="30", HEARTBEAT_SECONDS="7", **env)
            try:
                board.start_api()
                board.start_workers()
                board.sign_up()
                yield board
            finally:
                board.stop()
        finally:
            broker.stop()
            database.stop()


def added(board: Board, path: Path, **fields: str) -> Ended:
    """Upload a file and follow it, and all that comes out of it, to the end."""
    began = time.monotonic()
    with board.client() as client:
        client.timeout = 120
        with path.open("rb") as file:
            answer = client.post("/upload_file", files={"file": (path.name, file)}, data=fields)
    body = answer.json()
    if answer.status_code != 202:
        return Ended(str(body["error"]["code"]), time.monotonic() - began)
    document_id = int(body["document_id"])
    status = board.finished(body["job_id"], within=_PATIENCE_SECONDS)
    _settled(board, document_id)
    return Ended(_code(status), time.monotonic() - began, document_id)


def texts(board: Board, document_id: int) -> list[str]:
    """The title, what is known of the document, and its text; then the same of all that came out of it."""
    with board.client() as client:
        found = client.get(f"/documents/{document_id}").raise_for_status().json()
        text = client.get(f"/documents/{document_id}/text")
    told = [str(found["title"] or ""), *_lines(found["details"])]
    told.append(text.json()["text"] if text.is_success else "")
    for child in found.get("children") or []:
        if child["document_id"] is not None:
            told += texts(board, child["document_id"])
    return told


def _code(status: dict[str, Any]) -> str:
    return "read" if status["state"] == "SUCCESS" else str((status["error"] or {"code": status["state"]})["code"])


def _settled(board: Board, document_id: int) -> None:
    query = """WITH RECURSIVE below(id) AS (SELECT %s::bigint UNION ALL SELECT documents.id FROM documents
               JOIN below ON parent_id = below.id) SELECT 1 FROM jobs JOIN below ON document_id = below.id
               WHERE finished_at IS NULL LIMIT 1"""
    eventually(lambda: not board.sql(query, document_id), within=_PATIENCE_SECONDS, every=0.5)


def _lines(details: dict[str, Any]) -> list[str]:
    """What is known of a document, as the page shows it."""
    told = []
    for name, value in details.items():
        values = value if isinstance(value, list) else [value]
        told.append(f"{name.replace('_', ' ').capitalize()}: {', '.join(map(str, values))}")
    return told
