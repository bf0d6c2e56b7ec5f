"""Reading a document again embeds only what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from backend.jobs.ingest import understand
from backend.jobs.job import Context


class Counting:
    """An embedder that remembers what it was asked for; a vector is the length of the text."""

    model = "counting/1/1"
    dimension = 1

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]


class Quiet:
    """A context that nobody watches."""

    def progress(self, share: float) -> None:
        assert 0 < share <= 1

    def check(self) -> None:
        return


def test_only_passages_that_changed_are_embedded_again() -> None:
    embedder = Counting()
    texts = ["same", "new one", "kept", "another"]
    known = {"same": np.array([40], dtype=np.float32), "kept": np.array([41], dtype=np.float32)}
    rows = understand._embedded(cast("Context", Quiet()), embedder, texts, known)
    assert rows.ravel().tolist() == [40, 7, 41, 7]
    assert embedder.asked == ["new one", "another"]


def test_a_document_without_passages_has_no_vectors() -> None:
    assert understand._embedded(cast("Context", Quiet()), Counting(), [], {}).shape == (0, 1)
