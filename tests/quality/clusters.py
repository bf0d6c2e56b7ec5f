"""Groups of whole boards, their number not told, beside k-means that is told it; and how steady they are."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from backend.domain import chunks, clusters, grouping, overlap
from backend.domain.overlap import NONE
from backend.domain.word_weights import WordCounts
from backend.providers.embedding import PackagedEmbedder
from backend.store.board_reading import FIRST_CHARS
from tests.quality.measure import Measure

KEPT = Path(__file__).parents[2] / "build/quality-vectors"
"""Vectors of documents, so that a second run does not embed for half an hour: one file for each collection."""
REACH = {"bbc": "NMI .83, the number of groups not told", "20news": "NMI .63 with the same setting"}
FILES = {"bbc": "bbc_news", "20news": "20news_bydate_test"}
MOST = int(os.environ.get("QUALITY_20NEWS_DOCUMENTS", "7532"))
BATCH = 128


@dataclass(frozen=True)
class Collection:
    """Labelled documents as the board has them: the unit mean of their passages, and their words."""

    labels: NDArray[Any]
    texts: list[str]
    vectors: NDArray[np.float32]

    def part(self, rows: NDArray[np.int64]) -> Collection:
        return Collection(self.labels[rows], [self.texts[row] for row in rows], self.vectors[rows])

    def words(self) -> sparse.csr_array:
        counts = WordCounts()
        for first in range(0, len(self.texts), 500):
            counts.add([text[:FIRST_CHARS] for text in self.texts[first : first + 500]])
        return counts.weights()


def measure(corpus: Path) -> Iterator[Measure]:
    """NMI and ARI of both collections, whole and by halves; then what a tenth more documents changes."""
    boards = {name: read(corpus, name) for name in FILES}
    for name, board in boards.items():
        yield from _figures(name, board)
    yield _steadiness(boards["bbc"])


def _figures(name: str, board: Collection) -> Iterator[Measure]:
    grouped = grouping.group(board.vectors, board.words(), [None] * len(board.labels), _quiet)
    told = _told(board)
    # the settings were chosen while looking at the first half alone
    half = {str(number): _scores(board.part(rows)) for number, rows in enumerate(halves(len(board.labels)))}
    data = {
        "documents": len(board.labels),
        "classes": len(set(board.labels)),
        "topics": np.bincount(grouped.topics).tolist(),
        "subtopics": len(set(grouped.subtopics.tolist()) - {NONE}),
        "halves": half,
        "k_means_told_k": told,
        "seeds_alike": _alike(board),
    }
    for figure, score in (("nmi", normalized_mutual_info_score), ("ari", adjusted_rand_score)):
        best = max(method[figure] for method in told.values())
        reach = REACH[name] if figure == "nmi" else "shown beside"
        yield Measure(f"clusters_{name}_{figure}", float(score(board.labels, grouped.topics)), best, reach, data)


def halves(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every second document, and the others."""
    rows = np.random.default_rng(7).permutation(size)
    return np.sort(rows[::2]), np.sort(rows[1::2])


def _scores(board: Collection) -> dict[str, float]:
    found = grouping.group(board.vectors, board.words(), [None] * len(board.labels), _quiet).topics
    return _both(board.labels, found)


def _both(labels: Sequence[Any] | NDArray[Any], found: NDArray[Any]) -> dict[str, float]:
    nmi, ari = normalized_mutual_info_score(labels, found), adjusted_rand_score(labels, found)
    return {"nmi": round(float(nmi), 4), "ari": round(float(ari), 4)}


def _told(board: Collection) -> dict[str, dict[str, float]]:
    """k-means with the true number of classes, on words and on the vectors."""
    count = len(set(board.labels))
    weighed = TfidfVectorizer(sublinear_tf=True, min_df=2, max_df=0.5, stop_words="english").fit_transform(board.texts)
    rows = {"tfidf": weighed, "minilm": board.vectors}
    return {
        name: _both(board.labels, KMeans(count, n_init=4, random_state=0).fit_predict(these))
        for name, these in rows.items()
    }


def _alike(board: Collection) -> float:
    """The mean ARI between groupings of the same documents in three different orders."""
    runs = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(board.labels))
        shuffled = board.part(order)
        found = grouping.group(shuffled.vectors, shuffled.words(), [None] * len(order), _quiet).topics
        back = np.empty(len(order), dtype=np.int64)
        back[order] = found
        runs.append(back)
    return round(float(np.mean([adjusted_rand_score(one, other) for one, other in combinations(runs, 2)])), 4)


def _steadiness(board: Collection) -> Measure:
    """Group nine tenths, let the last tenth come, group again: the share of clusters that keep their ids."""
    order = np.random.default_rng(3).permutation(len(board.labels))
    most = len(order) * 10 // 11
    first, whole = board.part(order[:most]), board.part(order)
    before = grouping.group(first.vectors, first.words(), [None] * most, _quiet)
    new: list[int | None] = [None] * (len(order) - most)
    former = [*map(int, before.topics), *new]
    parts = [*(None if part == NONE else int(part) for part in before.subtopics), *new]
    after = grouping.group(whole.vectors, whole.words(), former, _quiet, parts)
    shares, data = [], {}
    for level, ids, groups in (("topics", former, after.topics), ("subtopics", parts, after.subtopics)):
        kept = set(overlap.matched(ids, groups, {}).values())
        clusters_before = {one for one in ids if one is not None}
        data[level] = {"before": len(clusters_before), "kept": len(kept)}
        shares.append((len(kept), len(clusters_before)))
    share = sum(kept for kept, _ in shares) / max(sum(count for _, count in shares), 1)
    return Measure("clusters_ids_kept", share, None, "at least .95 after a tenth more documents", data)


def read(corpus: Path, name: str) -> Collection:
    """The collection with its vectors, embedded once as an ingest does it and kept beside the results."""
    with gzip.open(corpus / "topics" / f"{FILES[name]}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    order = np.random.default_rng(42).permutation(len(rows)) if name == "20news" else np.arange(len(rows))
    vectors = _vectors(name, [rows[row]["text"] for row in order[:MOST]])
    chosen = [rows[row] for row in order[: len(vectors)]]
    return Collection(np.array([row["label"] for row in chosen]), [row["text"] for row in chosen], vectors)


def _vectors(name: str, texts: list[str]) -> NDArray[np.float32]:
    """Those that are kept, and the rest made now."""
    kept = KEPT / f"{name}.npy"
    found = np.load(kept) if kept.exists() else np.zeros((0, 384), dtype=np.float32)
    embedder = PackagedEmbedder()
    for first in range(len(found), len(texts), BATCH):
        cut = [chunks.split(text, (), count_tokens=embedder.count_tokens) for text in texts[first : first + BATCH]]
        rows = embedder.embed([chunk.text for document in cut for chunk in document])
        ends = np.cumsum([len(document) for document in cut])
        made = [clusters.mean(part) for part in np.split(rows, ends[:-1])]
        found = np.vstack([found, np.stack([row if row.size else np.zeros(384, np.float32) for row in made])])
        KEPT.mkdir(parents=True, exist_ok=True)
        np.save(kept, found)
    return found[: len(texts)]


def _quiet(_done: float) -> None:
    """Nobody looks at the progress."""
