"""Clusters as they grow: which one a new document joins, where its centre then is, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

JOIN = 0.3
"""A document joins the nearest cluster when their cosine is at least this, else it starts one.

A round number: two unrelated documents are seldom this alike under the packaged model, two of one field mostly are.
`docs/quality.md` says what it gives on two collections it was not tuned to, which is less than grouping the whole
board at once; filing one document at a time cannot take back an early mistake.
"""
LONGEST_NAME = 80

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Shown:
    """A concept within a cluster: how many of its documents show it, and how strongly in sum."""

    name: str
    documents: int
    strength: float


def mean(vectors: ArrayLike) -> Vector:
    """The unit mean of the rows, which stands for a document among documents; all zeros when there are none."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.size == 0:
        return np.zeros(rows.shape[-1] if rows.ndim > 1 else 0, dtype=np.float32)
    total = rows.mean(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)


def joins(similarity: float) -> bool:
    """Whether a document this like the nearest cluster belongs to it."""
    return similarity >= JOIN


def with_one_more(centre: ArrayLike, count: int, vector: ArrayLike) -> Vector:
    """The mean of `count` documents around `centre` and one more.

    Not brought back to unit length: the cosine does not mind, and this way the running mean stays the true one.
    """
    old = np.asarray(centre, dtype=np.float32)
    return np.asarray(old + (np.asarray(vector, dtype=np.float32) - old) / (count + 1), dtype=np.float32)


def is_renamed_at(count: int) -> bool:
    """Whether an automatic name is made anew when the cluster has grown to `count`: always while small, then rarely.

    Counting the concepts of a large cluster at every join would make filing a document slower the more there are.
    """
    return count <= 32 or count % 32 == 0  # noqa: PLR2004


def names(concepts: Sequence[Shown]) -> list[str]:
    """Possible names, the best first, each of one or two concepts that many of the documents show."""
    ranked = sorted(concepts, key=lambda shown: (-shown.documents, -shown.strength, shown.name))
    ordered = [shown.name for shown in ranked]
    return [_pair(ordered[first:]) for first in range(len(ordered))]


def _pair(names: Sequence[str]) -> str:
    """The first name and the next that shares no word with it, while both fit."""
    first = names[0][:LONGEST_NAME]
    words = set(first.lower().split())
    for other in names[1:]:
        pair = f"{first}, {other}"
        if not words & set(other.lower().split()) and len(pair) <= LONGEST_NAME:
            return pair
    return first
