"""Clusters as they grow: which one a new document joins, where its centre then is, and where the document lies."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

JOIN = 0.3
"""A document is filed with those of its neighbours whose cosine to it is at least this, else it starts a cluster.

A round number: two unrelated documents are seldom this alike under the packaged model, two of one field mostly are.
"""
NEIGHBOURS = 15
"""Documents that vote on where a new one belongs."""
BESIDE = 0.004
"""How far from the middle of its neighbours a new document is put on the map, so that it does not hide them."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))

SHARE_TO_GROUP = 0.1
FEWEST_TO_GROUP = 5
FEWEST_TO_GROUP_AT_ONCE = 200

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Neighbour:
    """A filed document near a new one: its cosine, its cluster and sub-topic, and its place on the map."""

    similarity: float
    cluster_id: int
    subcluster_id: int | None
    x: float | None
    y: float | None


def mean(vectors: ArrayLike) -> Vector:
    """The unit mean of the rows, which stands for a document among documents; all zeros when there are none."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.size == 0:
        return np.zeros(rows.shape[-1] if rows.ndim > 1 else 0, dtype=np.float32)
    total = rows.mean(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)


def elected(neighbours: Sequence[Neighbour]) -> int | None:
    """The cluster that the near neighbours are in, each counted by its likeness; None when none is near enough."""
    votes: dict[int, float] = defaultdict(float)
    for neighbour in neighbours:
        if neighbour.similarity >= JOIN:
            votes[neighbour.cluster_id] += neighbour.similarity
    return max(votes, key=lambda cluster_id: (votes[cluster_id], -cluster_id), default=None)


def elected_subtopic(neighbours: Sequence[Neighbour], cluster_id: int) -> int | None:
    """The sub-topic that the neighbours within the cluster are in; None where most are in none."""
    votes: dict[int | None, float] = defaultdict(float)
    for neighbour in neighbours:
        if neighbour.cluster_id == cluster_id and neighbour.similarity >= JOIN:
            votes[neighbour.subcluster_id] += neighbour.similarity
    return max(votes, key=lambda subtopic: (votes[subtopic], -(subtopic or 0)), default=None)


def nearest_centres(vectors: ArrayLike, centres: ArrayLike) -> list[int | None]:
    """For each row of `vectors` the row of `centres` with the greatest cosine; None where that is less than JOIN."""
    rows, middles = np.asarray(vectors, dtype=np.float32), np.asarray(centres, dtype=np.float32)
    unit = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    likeness = rows @ unit.T
    best = likeness.argmax(axis=1)
    return [int(place) if likeness[row, place] >= JOIN else None for row, place in enumerate(best)]


def place_beside(neighbours: Sequence[Neighbour], cluster_id: int, number: int) -> tuple[float, float] | None:
    """Where a new document lies on the map: by its neighbours within the cluster; None when none of them has a place.

    `number` (its id) turns it a little around them, always the same way.
    """
    near = [one for one in neighbours if one.cluster_id == cluster_id and one.x is not None and one.y is not None]
    weight = sum(max(one.similarity, 1e-6) for one in near)
    if not near:
        return None
    x = sum(max(one.similarity, 1e-6) * (one.x or 0.0) for one in near) / weight
    y = sum(max(one.similarity, 1e-6) * (one.y or 0.0) for one in near) / weight
    angle = number * GOLDEN_ANGLE
    return _within(x + BESIDE * math.cos(angle)), _within(y + BESIDE * math.sin(angle))


def place_apart(number: int) -> tuple[float, float]:
    """Where a document without neighbours lies until the board is grouped: along the rim, each at another place."""
    angle = number * GOLDEN_ANGLE
    return _within(0.5 + 0.48 * math.cos(angle)), _within(0.5 + 0.48 * math.sin(angle))


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def ought_to_be_grouped(since: int, grouped: int) -> bool:
    """Whether the board should be grouped anew, `since` documents having come to the `grouped` of the last time."""
    return since >= max(FEWEST_TO_GROUP, SHARE_TO_GROUP * grouped)


def cannot_wait(since: int, grouped: int) -> bool:
    """Whether it should be grouped although documents still come: half of them were never grouped."""
    return since > grouped and since >= FEWEST_TO_GROUP_AT_ONCE


def with_one_more(centre: ArrayLike, count: int, vector: ArrayLike) -> Vector:
    """The mean of `count` documents around `centre` and one more.

    Not brought back to unit length: the cosine does not mind, and this way the running mean stays the true one.
    """
    old = np.asarray(centre, dtype=np.float32)
    return np.asarray(old + (np.asarray(vector, dtype=np.float32) - old) / (count + 1), dtype=np.float32)


def is_renamed_at(count: int) -> bool:
    """Whether an automatic name is looked at anew when the cluster has grown to `count`: while small, then rarely.

    Counting the concepts of a large cluster at every join would make filing a document slower the more there are.
    """
    return count <= 32 or count % 32 == 0  # noqa: PLR2004
