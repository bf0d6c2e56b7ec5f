"""`syncboard models`: what is there, whether it is right, and fetching it from a server that may lie."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from backend import settings
from backend.domain.errors import BoardError
from backend.embedded.process import free_port
from backend.providers import model_hub, models
from tests.board import ROOT
from tests.worker.terminal import refused, said

SMALL = {urlsplit(one.hub).path: models.find(one) for one in models.REGISTRY if one.size < 1_000_000 and one.hub}
LIES = urlsplit(models.WHISPER_CONFIG.hub).path


class Hub(BaseHTTPRequestHandler):
    """Sends people on to where the small files are; lies about one of them, and has none of the large ones."""

    def do_GET(self) -> None:
        there = self.path.removeprefix("/elsewhere")
        if there not in SMALL:
            self.send_error(404)
        elif there == self.path:
            self.send_response(302)
            self.send_header("Location", "/elsewhere" + self.path)
            self.end_headers()
        else:
            content = SMALL[there].read_bytes()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content[::-1] if there == LIES else content)

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def syncboard(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "models", *arguments, "--json"],
        cwd=ROOT,
        env={"PATH": "", "DATA_DIR": str(folder / "data"), "MODELS_DIR": str(folder / "models")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_all_weights_are_listed_with_their_licence_and_are_the_right_bytes(tmp_path: Path) -> None:
    listed = said(syncboard(tmp_path, "list"))
    assert listed["total"] == len(models.REGISTRY)
    assert all(item["licence"] and item["found"] and len(item["sha256"]) == 64 for item in listed["items"])
    verified = said(syncboard(tmp_path, "verify"))
    assert (verified["failed"], verified["total"]) == (0, len(models.REGISTRY))
    assert said(syncboard(tmp_path, "fetch"))["items"] == [], "nothing is missing"


def test_what_is_fetched_is_kept_only_if_it_is_the_right_bytes(tmp_path: Path, hub: str) -> None:
    items = said(syncboard(tmp_path, "fetch", "--all", "--mirror", hub), 1)["items"]
    codes = {urlsplit(item["hub"]).path or item["name"]: (item["error"] or {}).get("code") for item in items}
    assert codes.pop(LIES) == "model_changed"
    assert codes.pop(models.MINILM_MODEL.name) == "model_missing", "it has no other home than its package"
    assert {codes.pop(path) for path in SMALL if path != LIES} == {None}
    assert set(codes.values()) == {"hub_unreachable"}
    right = {one.file for one in models.REGISTRY if urlsplit(one.hub).path in SMALL.keys() - {LIES}}
    assert {path.name for path in (tmp_path / "models").iterdir()} == right, "and nothing half done"


def test_weights_without_a_package_are_found_in_the_folder(
    tmp_path: Path, hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = replace(models.MINILM_TOKENIZER, package="no_such_package")
    monkeypatch.setenv("MODELS_DIR", str(tmp_path))
    settings.load.cache_clear()
    try:
        with pytest.raises(BoardError) as missing:
            models.verified(alone)
        assert missing.value.code == "model_missing"
        fetched = model_hub.fetch(alone, tmp_path, hub)
        assert models.verified(alone) == fetched
        parts = replace(alone, package="rapidocr", path="models/PP-OCRv6_det_small.onnx", rest=(("no_such", "x"),))
        assert models.find(replace(parts, path="tokenizer.json")) == fetched, "half of it in packages is none of it"
        fetched.write_bytes(b"other bytes")
        with pytest.raises(BoardError) as changed:
            models.verified(alone)
        assert changed.value.code == "model_changed"
    finally:
        settings.load.cache_clear()


def test_what_is_longer_than_it_may_be_and_a_hub_that_is_away_leave_nothing(tmp_path: Path, hub: str) -> None:
    with pytest.raises(BoardError) as long:
        model_hub.fetch(replace(models.MINILM_TOKENIZER, size=1000), tmp_path, hub)
    assert long.value.code == "too_large"
    with pytest.raises(BoardError) as away:
        model_hub.fetch(models.MINILM_TOKENIZER, tmp_path, f"http://127.0.0.1:{free_port()}")
    assert (away.value.code, away.value.retryable) == ("hub_unreachable", True)
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_to_put_them_nothing_is_fetched(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "models", "fetch", "--json"],
        cwd=ROOT, env={"PATH": "", "DATA_DIR": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "MODELS_DIR" in refused(done, 6)["message"]
