"""Grouping a whole board: communities of the graph of who is near whom, by meaning and by words, in two levels.

The number of groups is not told. Louvain (Blondel et al. 2008, as scikit-network has it) finds the communities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from backend.domain.neighbourhood import Tick, graph
from backend.domain.overlap import NONE

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]

MOST_NEIGHBOURS = 60
WORDS = 0.3
"""What neighbours by words count in the graph, beside neighbours by meaning."""
TOPICS, SUBTOPICS = 0.9, 1.0
"""Resolutions of the modularity: higher finds more and smaller communities."""
SEEDS = 5
"""Runs of Louvain, which depends on the order of the documents; the best by modularity is taken."""
AS_GOOD = 0.005
"""Of runs whose modularity is within this of the best, the one most like the grouping before is taken."""
TOO_SMALL = 24
"""A topic with fewer documents has no sub-topics."""
FEWEST = 5
"""A sub-topic has at least this many documents."""


@dataclass(frozen=True)
class Grouping:
    """A label for each document: its topic, and its sub-topic or NONE; sub-topic labels are unique on the board."""

    topics: Labels
    subtopics: Labels


def group(
    vectors: Vectors,
    words: sparse.csr_array,
    former: Sequence[int | None],
    tick: Tick,
    former_parts: Sequence[int | None] = (),
) -> Grouping:
    """Group documents, given as rows of norm 1 in both.

    `former` and `former_parts` are the topic and sub-topic of each: of groupings as good the one like them is taken.
    """
    size = len(vectors)
    near = neighbours_for(size)
    by_meaning = graph(vectors, near, lambda done: tick(0.5 * done))
    by_words = graph(words, near, lambda done: tick(0.5 + 0.3 * done))
    both = _joined(by_meaning, by_words)
    topics = _communities(both, TOPICS, _numbers(former))
    tick(0.9)
    subtopics = np.full(size, NONE, dtype=np.int64)
    parts = _numbers(former_parts)
    for topic in np.unique(topics):
        members = np.flatnonzero(topics == topic)
        if len(members) >= TOO_SMALL:
            before = None if parts is None else parts[members]
            subtopics[members] = _parts(both[members][:, members], int(subtopics.max()) + 1, before)
    tick(1.0)
    return Grouping(topics, subtopics)


def neighbours_for(size: int) -> int:
    """How many neighbours each of `size` documents has: as the root, so that a part is grouped like the whole."""
    return max(2, min(MOST_NEIGHBOURS, round(math.sqrt(size))))


def _joined(by_meaning: sparse.csr_array, by_words: sparse.csr_array) -> sparse.csr_array:
    """Both graphs as one, in which each has its share whatever the size of its cosines."""
    meaning, said = float(by_meaning.sum()), float(by_words.sum())
    if said == 0.0 or meaning == 0.0:
        return by_meaning if said == 0.0 else by_words
    return sparse.csr_array(by_meaning * ((1 - WORDS) / meaning) + by_words * (WORDS / said))


def _communities(edges: sparse.csr_array, resolution: float, former: Labels | None) -> Labels:
    """The best of several runs of Louvain; each vertex without edges is a community of its own."""
    # heavy to import, and only a grouping of the board needs it
    from sknetwork.clustering import Louvain, get_modularity  # noqa: PLC0415

    size = edges.shape[0]
    if edges.nnz == 0:
        return np.arange(size, dtype=np.int64)
    adjacency = sparse.csr_matrix(edges)
    runs: list[tuple[float, Labels]] = []
    for seed in range(SEEDS):
        louvain = Louvain(resolution=resolution, shuffle_nodes=True, random_state=seed)
        labels = np.asarray(louvain.fit_predict(adjacency), dtype=np.int64)
        runs.append((float(get_modularity(adjacency, labels, resolution=resolution)), labels))
    best = max(quality for quality, _ in runs)
    good = [labels for quality, labels in runs if quality >= best - AS_GOOD]
    if former is None:
        return next(labels for quality, labels in runs if quality == best)
    return max(good, key=lambda labels: likeness(former, labels))


def likeness(one: Labels, other: Labels) -> float:
    """The adjusted Rand index of two groupings; NONE in the first says nothing."""
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415

    told = one != NONE
    return float(adjusted_rand_score(one[told], other[told])) if told.any() else 0.0


def _numbers(former: Sequence[int | None]) -> Labels | None:
    if all(one is None for one in former):
        return None
    return np.array([NONE if one is None else one for one in former], dtype=np.int64)


def _parts(edges: sparse.csr_array, first: int, former: Labels | None) -> Labels:
    """Labels from `first` on for the communities of a topic that are large enough, if there are two or more."""
    labels = _communities(edges, SUBTOPICS, former)
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= FEWEST)
    if len(large) < 2:  # noqa: PLR2004 - one part is the whole
        return np.full(len(labels), NONE, dtype=np.int64)
    renamed = np.full(len(sizes), NONE, dtype=np.int64)
    renamed[large] = np.arange(first, first + len(large))
    return np.asarray(renamed[labels])
