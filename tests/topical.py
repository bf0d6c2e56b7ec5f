"""Documents that belong to known topics: vectors around a direction each, and texts of that topic's words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert

from backend.domain.word_weights import WordCounts
from backend.store import clusters
from backend.store.database import Database
from backend.store.documents import DocumentText
from tests.factories import new_document

SPREAD = 0.85
"""How far documents are from the middle of their topic: cosines within one are about 0.55, between two about 0."""


@dataclass(frozen=True)
class Topical:
    """Made documents: rows of norm 1, texts, and the number of the topic of each."""

    vectors: NDArray[np.float32]
    texts: list[str]
    topics: NDArray[np.int64]


def made(sizes: list[int], *, seed: int = 0, aspects: int = 1) -> Topical:
    """So many documents of each topic, in a mixed order; `aspects` parts every topic into as many kinds."""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(50, 384))
    topics = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows, texts = [], []
    for number, topic in enumerate(topics):
        aspect = int(rng.integers(aspects))
        side = middles[20 + topic * 5 + aspect] * (0.6 if aspects > 1 else 0.0)
        row = middles[topic] + side + rng.normal(size=384) * SPREAD
        rows.append(row / np.linalg.norm(row))
        said = [f"{_name(int(topic))}{_name(int(word))}" for word in rng.integers(20, size=25)]
        texts.append(" ".join([*said, f"only{_name(number)}x{seed}"]))
    return Topical(np.array(rows, dtype=np.float32), texts, topics)


def words(texts: list[str]):  # type: ignore[no-untyped-def]  # a sparse array
    """The texts as weighted words."""
    counts = WordCounts()
    counts.add(texts)
    return counts.weights()


def file_all(database: Database, owner_id: int, documents: Topical, model: str, *, name: str = "d") -> list[int]:
    """Put the documents onto a board one by one, as they would come; their ids in order."""
    ids = []
    for number, (vector, text) in enumerate(zip(documents.vectors, documents.texts, strict=True)):
        title = f"{name}{number}.txt"
        document_id = new_document(database, owner_id, title, body=hashlib.sha256(text.encode()).digest())
        with database.session(owner_id) as session:
            row = {"document_id": document_id, "owner_id": owner_id, "text": text, "parts": [], "extractor": "test"}
            session.execute(insert(DocumentText).values(**row))
            clusters.assign(session, owner_id, document_id, vector, model, (f"topic {documents.topics[number]}",))
        ids.append(document_id)
    return ids


def _name(number: int) -> str:
    """A word for a number: letters only."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "q"
