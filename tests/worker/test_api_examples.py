"""Every example of `docs/api.md`, in its order, against a board that nobody has an account on yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import ROOT, Board, eventually
from tests.conftest import new_database

ENDED = ("SUCCESS", "FAILURE", "REVOKED")
MORE = "…"
"""As a key: the real answer has further fields. As a string: any string."""


@dataclass(frozen=True)
class Example:
    """One block: a request line with headers and a body, an empty line, a status with what comes back."""

    line: int
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    media_type: str
    answer: Any


def examples() -> list[Example]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    found = []
    for block in re.finditer(r"```http\n(.*?)```", text, re.DOTALL):
        asked, _, answered = block[1].partition("\n\n")
        (method, path), *rest = asked.split("\n")[0].split(" ", 1), *asked.split("\n")[1:]
        headers = dict(line.split(": ", 1) for line in rest if re.match(r"^[A-Z][\w-]+: ", line))
        body = "\n".join(line for line in rest if not re.match(r"^[A-Z][\w-]+: ", line))
        first, _, said = answered.partition("\n")
        status, _, media_type = first.partition(" ")
        answer = json.loads(said) if said.strip() else None
        line = text[: block.start()].count("\n") + 2
        found.append(Example(line, method, path, headers, body, int(status), media_type, answer))
    return found


class Reader:
    """Does what the page shows, as somebody who reads it from the top: ids come from the answers before."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.known: dict[str, str] = {"name": "uploads", "page": "1"}
        self.client = httpx.Client(base_url=board.url, timeout=60)
        self.held = False

    def do(self, example: Example) -> None:
        path = self.filled(example.path)
        with self.client.stream(example.method, path, **self.content(example)) as answer:
            assert answer.status_code == example.status, answer.read().decode()
            expected = example.media_type or ("application/json" if example.answer is not None else "")
            assert answer.headers.get("content-type", "").startswith(expected)
            if answer.headers.get("content-type") != "application/json":
                return
            answer.read()
        assert alike(example.answer, answer.json()), (example.answer, answer.json())
        self.remember(example.path, answer.json())

    def filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.known[found[1]], text)

    def content(self, example: Example) -> dict[str, Any]:
        headers = dict(example.headers)
        if "octet-stream" in headers.get("Content-Type", ""):
            return {"headers": headers, "content": example.body}
        if "multipart" in headers.pop("Content-Type", ""):
            return {
                "headers": headers,
                "files": {"file": ("tea.md", b"# Tea\n\nGreen tea is brewed at seventy degrees.")},
            }
        return (
            {"headers": headers, "json": json.loads(self.filled(example.body))}
            if example.body
            else {"headers": headers}
        )

    def remember(self, path: str, answer: dict[str, Any]) -> None:
        self.sign_in(answer.get("access_token"))
        if "paused" in answer and path.startswith("/admin/queues"):
            self.held = answer["paused"]
        first = (answer.get("items") or [{}])[0]
        self.remember_pair(answer.get("document_id"))
        for name in ("job_id", "document_id", "cluster_id", "code", "upload_id", "batch_id", "merge_id"):
            if value := answer.get(name) or first.get(name):
                self.known[name] = str(value)
        for start, name in (("/invitations", "invitation_id"), ("/api-keys", "key_id"), ("/clusters", "cluster_id")):
            if path.startswith(start) and "changes" not in path and (value := answer.get("id") or first.get("id")):
                self.known[name] = str(value)
        for word, name in (
            ("/tags", "tag_id"),
            ("/notes", "note_id"),
            ("/highlights", "highlight_id"),
            ("/saved-searches", "search_id"),
        ):
            if word in path and (value := answer.get("id") or first.get("id")):
                self.known.setdefault(f"first_{name}", str(value))
                self.known[name] = str(value)
        if path.startswith("/concepts?"):
            self.known["concept_id"], self.known["other_concept_id"] = (str(item["id"]) for item in answer["items"])
        if answer.get("job_id") and not self.held:
            self.wait(answer["job_id"])

    def sign_in(self, token: str | None) -> None:
        """From a token on, ask with it."""
        if token:
            self.client.headers["Authorization"] = f"Bearer {token}"

    def remember_pair(self, document_id: int | None) -> None:
        """A document and the one that was spoken of before it."""
        before = self.known.get("document_id")
        if document_id and before and str(document_id) != before:
            self.known["a"], self.known["b"] = before, str(document_id)

    def wait(self, job_id: str) -> None:
        eventually(lambda: self.client.get(f"/jobs/{job_id}/status").json()["state"] in ENDED, within=120, every=0.5)


def alike(shown: Any, real: Any) -> bool:
    """Whether a real answer has the shape of the one that is shown: the same fields, each of the same type."""
    if shown is None or real is None:
        return True
    if isinstance(shown, dict):
        more = MORE in shown
        keys = set(shown) - {MORE}
        right = isinstance(real, dict) and keys <= set(real) and (more or keys == set(real))
        return right and all(alike(shown[key], real[key]) for key in keys)
    if isinstance(shown, list):
        return isinstance(real, list) and (not shown or (bool(real) and alike(shown[0], real[0])))
    if isinstance(shown, float) or isinstance(real, float):
        return isinstance(real, int | float)
    return type(shown) is type(real)


@pytest.fixture(scope="module")
def reader(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    board = Board(new_database(postgres), valkey.url.replace("/0", "/2"), tmp_path_factory.mktemp("board"))
    try:
        board.start_api()
        board.start_workers()
        yield Reader(board)
    finally:
        board.stop()


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.line}: {example.method} {example.path}")
def test_an_example_of_the_documentation_is_true(reader: Reader, example: Example) -> None:
    reader.do(example)
    assert example.status < 300 or example.answer["error"]["code"]
