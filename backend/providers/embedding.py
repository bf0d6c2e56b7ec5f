"""Text into unit vectors: the packaged MiniLM on this machine, or any OpenAI-compatible `/v1/embeddings`."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import Unavailable
from backend.providers import models

MAX_TOKENS = 256
"""What the model reads at once, with its two special tokens. The tokenizer file says 128, which is half of it."""
CLS, SEP = 101, 102
BATCH_TOKENS = 256
"""Padded tokens per run of the model: one core is twice as fast on what fits its cache as on big batches."""
COUNT_BATCH = 1000

REMOTE_BATCH = 64
REMOTE_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
CHARS_PER_TOKEN = 3
"""For a model whose tokenizer we do not have: rather too many tokens than too few."""


class PackagedEmbedder:
    """all-MiniLM-L6-v2 with int8 weights on ONNX Runtime: 384 dimensions, English, offline.

    Loads at first use and again after a fork, because the runtime's threads do not survive one. `threads` is what one
    process may use: as many workers as cores with one thread each beats the reverse.
    """

    model = "minilm-l6-v2-int8/384/1"
    dimension = 384

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[int, Any, Any] | None = None

    def load(self) -> tuple[Any, Any]:
        """The session and the tokenizer of this process. Raises Unavailable when the weights are missing or changed."""
        with self._lock:
            if self._loaded is None or self._loaded[0] != os.getpid():
                self._loaded = (os.getpid(), *self._read())
            return self._loaded[1], self._loaded[2]

    def _read(self) -> tuple[Any, Any]:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is imported; nothing here tells others what it does
        import onnxruntime  # noqa: PLC0415  imported here: a second and 60 MB that a process without embeddings spares
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(models.verified(models.MINILM_MODEL)), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(models.verified(models.MINILM_TOKENIZER)))
        tokenizer.no_padding()
        tokenizer.no_truncation()  # we cut at MAX_TOKENS ourselves, so that the same tokenizer also counts
        return session, tokenizer

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), 384), rows of norm 1: the mean of the token vectors. Reads 254 tokens of each text."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        session, _ = self.load()
        tokens = [[CLS, *ids[: MAX_TOKENS - 2], SEP] for ids in self._token_ids(texts)]
        for batch in _batches([len(ids) for ids in tokens]):
            vectors[batch] = _run(session, [tokens[index] for index in batch])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones."""
        return [len(ids) for ids in self._token_ids(texts)]

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        _, tokenizer = self.load()
        ids: list[list[int]] = []
        for first in range(0, len(texts), COUNT_BATCH):
            batch = list(texts[first : first + COUNT_BATCH])
            ids.extend(encoding.ids for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False))
        return ids


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices in batches of like length, each at most BATCH_TOKENS when padded to its longest."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= BATCH_TOKENS:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def _run(session: Any, tokens: list[list[int]]) -> NDArray[np.float32]:
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, token_ids in enumerate(tokens):
        ids[row, : len(token_ids)] = token_ids
        mask[row, : len(token_ids)] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    wanted = {node.name for node in session.get_inputs()}
    hidden = session.run(None, {name: value for name, value in inputs.items() if name in wanted})[0]
    summed = (hidden * mask[:, :, None]).sum(axis=1)
    return _unit(summed)


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


class RemoteEmbedder:
    """Any server that speaks OpenAI's `POST /v1/embeddings` (OpenAI, Ollama, llama.cpp, vLLM, TEI).

    `url` is the base (`http://host:port/v1`); `key` may be empty. What cannot be had raises Unavailable.
    """

    def __init__(self, url: str, model: str, key: str, dimension: int) -> None:
        self.model = f"{model}/{dimension}/1"
        self.dimension = dimension
        self._name = model
        self._url = url.rstrip("/") + "/embeddings"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimension), rows of norm 1. Raises Unavailable."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # a client per call: nothing to close after a fork, and the handshake is small beside the model's work
        with httpx.Client(headers=self._headers, timeout=REMOTE_TIMEOUT, trust_env=False) as client:
            for first in range(0, len(texts), REMOTE_BATCH):
                batch = list(texts[first : first + REMOTE_BATCH])
                vectors[first : first + len(batch)] = self._ask(client, batch)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """A careful estimate: one per three characters of a word, one per character beyond Latin scripts."""
        return [_estimate(text) for text in texts]

    def _ask(self, client: httpx.Client, batch: list[str]) -> NDArray[np.float32]:
        # an empty text is an error for most servers; a space is not
        body = {"model": self._name, "input": [text or " " for text in batch], "encoding_format": "float"}
        try:
            response = client.post(self._url, json=body)
            response.raise_for_status()
            rows = sorted(response.json()["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except httpx.HTTPStatusError as error:
            raise self._away(f"answered {error.response.status_code}", error.response.status_code) from error
        except httpx.HTTPError as error:
            raise self._away(f"could not be reached ({type(error).__name__})") from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._away("answered something that is not a list of embeddings") from error
        if vectors.shape != (len(batch), self.dimension):
            raise self._away(f"answered vectors of shape {vectors.shape}, not {(len(batch), self.dimension)}", 400)
        return _unit(vectors)

    def _away(self, what: str, status: int = 503) -> Unavailable:
        wrong_settings = status in {400, 401, 403, 404, 422}
        return Unavailable(
            f"The embedding server {what}.",
            code="embedder_unavailable",
            hint="See that it runs and that EMBEDDING_URL, _MODEL, _KEY and _DIMENSION are right.",
            retryable=not wrong_settings,
        )


def _estimate(text: str) -> int:
    wide = sum(1 for char in text if ord(char) > 0x2E7F)  # noqa: PLR2004  CJK and beyond: about a token each
    return wide + sum(-(-len(word) // CHARS_PER_TOKEN) for word in text.split()) - wide // CHARS_PER_TOKEN
