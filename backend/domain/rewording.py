"""Whether two texts say the same in other words: passage by passage, by meaning and by the phrases that are left.

Meaning alone does not tell: two answers to one question are as near each other as an answer and its copy. What was
reworded keeps some phrases of what it was made from, passage by passage; two texts of one subject share only a few.
`docs/quality.md` says on what this was chosen and what it gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain import shingles
from backend.domain.shingles import Shingles

CLOSE = 0.7
"""Cosine of two documents from which their passages are compared."""
SIMILAR = 0.6
"""Cosine of two passages from which one may be made from the other."""
PHRASES = 0.1
"""The part of a passage's shingles that must be in the passages similar to it."""
IDENTICAL = 0.95
"""Cosine of two passages that say the same, whatever their words."""
REWORDED = 0.6
"""The part of a text that must be so, by length."""
FEWEST_SHINGLES = 12
"""A text of fewer says too little to be told in other words: the few letters on pictures are all near each other."""
MOST_PASSAGES = 60
"""Longer texts are compared by their words only."""
HINT = 0.05
"""The part of all shingles without which no passage is looked at, unless the documents are as good as IDENTICAL."""


@dataclass(frozen=True)
class Passages:
    """The passages of a text: unit vectors (rows), lengths in characters, shingles."""

    vectors: NDArray[np.float32]
    lengths: NDArray[np.int64]
    shingles: Sequence[Shingles]


def passages(texts: Sequence[str], vectors: NDArray[np.float32]) -> Passages:
    """The passages with these texts and vectors."""
    sets = [shingles.sets_of(shingles.hashes(shingles.tokens(text)))[1] for text in texts]
    return Passages(vectors, np.array([len(text) for text in texts], np.int64), sets)


def is_hinted(share: float, cosine: float) -> bool:
    """Whether it is worth to compare two documents passage by passage."""
    return cosine >= CLOSE and (share >= HINT or cosine >= IDENTICAL)


def reworded(a: Passages, b: Passages) -> tuple[float, float]:
    """The part of `a` that `b` says as well, in the same or in other words, and the part of `b` that `a` says."""
    if min(sum(map(len, text.shingles)) for text in (a, b)) < FEWEST_SHINGLES:
        return 0.0, 0.0
    cosines = a.vectors @ b.vectors.T
    return _said(a, b, cosines), _said(b, a, cosines.T)


def _said(one: Passages, other: Passages, cosines: NDArray[np.float32]) -> float:
    said = 0
    for number, length in enumerate(one.lengths.tolist()):
        similar = np.flatnonzero(cosines[number] >= SIMILAR)
        if len(similar) == 0:
            continue
        theirs = np.concatenate([other.shingles[index] for index in similar.tolist()])
        share = float(np.isin(one.shingles[number], theirs).mean()) if len(one.shingles[number]) else 0.0
        if share >= PHRASES or float(cosines[number].max()) >= IDENTICAL:
            said += length
    return said / max(int(one.lengths.sum()), 1)
