"""The packaged model as it is, and an OpenAI-compatible server that is really asked."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from backend.domain.errors import Unavailable
from backend.providers import models
from backend.providers.embedding import MAX_TOKENS, PackagedEmbedder, RemoteEmbedder

PACKAGED = PackagedEmbedder()
TEXTS = [
    "A heat pump heats the house.",
    "The warm house has a heat pump.",
    "Chess is played on sixty-four squares.",
    "",
]


def test_vectors_have_length_one_and_meaning() -> None:
    vectors = PACKAGED.embed(TEXTS)
    assert vectors.shape == (4, PACKAGED.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.7
    assert vectors[0] @ vectors[2] < 0.3


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    many = ["word " * length for length in (1, 300, 7, 120, 3)]
    together = PACKAGED.embed(many)
    alone = np.vstack([PACKAGED.embed([text]) for text in many])
    assert np.allclose(together, alone, atol=1e-4)


def test_the_model_reads_256_tokens_not_128() -> None:
    start = "word " * 140
    assert PACKAGED.count_tokens([start]) == [140]
    early, late = PACKAGED.embed([start + "chess " * 100, start + "bread " * 100])
    assert early @ late < 0.98, "what comes after token 128 counts"
    beyond = "word " * (MAX_TOKENS - 2)
    assert np.allclose(PACKAGED.embed([beyond]), PACKAGED.embed([beyond + "chess " * 50]), atol=1e-5)


def test_nothing_embeds_to_nothing() -> None:
    assert PACKAGED.embed([]).shape == (0, 384)
    assert PACKAGED.count_tokens([]) == []


def _embed_in_child(queue: Any) -> None:
    queue.put(PACKAGED.embed(TEXTS[:1]).tolist())


def test_a_forked_child_loads_its_own() -> None:
    expected = PACKAGED.embed(TEXTS[:1])
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    child = context.Process(target=_embed_in_child, args=(queue,))
    child.start()
    assert np.allclose(queue.get(timeout=60), expected, atol=1e-5)
    child.join(60)
    assert child.exitcode == 0


def test_threads_may_share_it() -> None:
    expected = PACKAGED.embed(TEXTS)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(PACKAGED.embed(TEXTS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.allclose(vectors, expected, atol=1e-5) for vectors in found)


@pytest.mark.parametrize("weights", models.REGISTRY, ids=lambda weights: weights.path)
def test_the_packages_carry_the_bytes_of_the_registry(weights: models.Weights) -> None:
    rest = [models.find(replace(weights, package=package, path=path)) for package, path in weights.rest]
    assert sum(path.stat().st_size for path in (models.verified(weights), *rest)) == weights.size


def test_changed_and_missing_weights_are_refused() -> None:
    with pytest.raises(Unavailable) as changed:
        models.verified(replace(models.MINILM_TOKENIZER, sha256="0" * 64))
    assert (changed.value.code, changed.value.retryable) == ("model_changed", False)
    with pytest.raises(Unavailable) as missing:
        models.find(replace(models.MINILM_TOKENIZER, package="no_such_package"))
    assert missing.value.code == "model_missing"


class Handler(BaseHTTPRequestHandler):
    """OpenAI's embeddings endpoint over the packaged model; keeps what it was asked."""

    asked: list[dict[str, Any]]
    answer: tuple[int, bytes] | None

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
        # out of order and not of length one, as servers may
        rows = [
            {"object": "embedding", "index": index, "embedding": (vector * 3).tolist()}
            for index, vector in enumerate(PACKAGED.embed(body["input"]))
        ][::-1]
        status, data = self.answer or (200, json.dumps({"object": "list", "data": rows}).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[Handler]]]:
    handler = type("OwnHandler", (Handler,), {"asked": [], "answer": None})
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}/v1", handler
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_server_gives_the_vectors_of_its_model(server: tuple[str, type[Handler]]) -> None:
    url, handler = server
    remote = RemoteEmbedder(url, "minilm", "secret", 384)
    texts = [f"text number {number}" for number in range(70)]
    assert np.allclose(remote.embed(texts), PACKAGED.embed(texts), atol=1e-4)
    assert len(handler.asked) == 2, "many texts go in batches"
    assert handler.asked[0]["path"] == "/v1/embeddings"
    assert (handler.asked[0]["model"], handler.asked[0]["key"]) == ("minilm", "Bearer secret")
    assert remote.model != PACKAGED.model, "vectors of two models never mix"
    assert remote.embed([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("answer", "retryable"),
    [
        ((500, b"{}"), True),
        ((429, b"{}"), True),
        ((401, b"{}"), False),
        ((404, b"{}"), False),
        ((200, b"not json"), True),
        ((200, b'{"data": []}'), False),
        ((200, b'{"data": [{"index": 0, "embedding": [1, 2]}]}'), False),
        ((200, b'{"data": [{"index": 0, "embedding": "AAAA"}]}'), True),
        ((200, b"[]"), True),
    ],
)
def test_a_server_that_fails_is_unavailable(
    server: tuple[str, type[Handler]], answer: tuple[int, bytes], retryable: bool
) -> None:
    url, handler = server
    handler.answer = answer
    with pytest.raises(Unavailable) as away:
        RemoteEmbedder(url, "minilm", "", 384).embed(["text"])
    assert away.value.retryable == retryable
    assert away.value.message.startswith("The embedding server")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as away:
        RemoteEmbedder("http://127.0.0.1:9/v1", "minilm", "", 384).embed(["text"])
    assert away.value.retryable


def test_tokens_of_an_unknown_model_are_rather_overestimated() -> None:
    remote = RemoteEmbedder("http://127.0.0.1:9/v1", "minilm", "", 384)
    texts = ["The coefficient of performance falls with the temperature.", "\u4eba\u5de5\u667a\u80fd" * 10, ""]
    for estimate, exact in zip(remote.count_tokens(texts), PACKAGED.count_tokens(texts), strict=True):
        assert estimate >= exact * 0.9
