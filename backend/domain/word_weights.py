"""Documents as weighted words (TF-IDF), counted in batches: a large board's texts are never in memory at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from backend.domain import words

BUCKETS = 2**20
"""Words are told apart by their hash: two in one bucket are one in some thousands on a large board."""
MOST_COUNTED = 400
"""Different words of one document that are counted, the most frequent."""
MOST_KEPT = 64
"""Words that a document is likened by, the heaviest: on two collections as good as all of them, and faster."""
COMMON = 0.3
"""A word in more than this share of the documents tells nothing."""
RARE = 2

_WORD = re.compile(r"\b[^\W\d_]\w+\b")


class WordCounts:
    """Counts of words: `add` batches of texts, then `weights` for all of them, in the order they were added."""

    def __init__(self) -> None:
        # heavy to import, and only a grouping of the board needs it
        from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415

        self._hashing = HashingVectorizer(
            n_features=BUCKETS, alternate_sign=False, norm=None, dtype=np.float32, tokenizer=_words, token_pattern=None
        )
        self._counted = [sparse.csr_array((0, BUCKETS), dtype=np.float32)]

    def add(self, texts: Sequence[str]) -> None:
        """Count the words of more texts; stop words need no list, they are those that are COMMON."""
        if not texts:
            return
        self._counted.append(_heaviest(sparse.csr_array(self._hashing.transform(texts)), MOST_COUNTED))

    def weights(self) -> sparse.csr_array:
        """Sublinear TF-IDF of the words that are neither rare nor common on this board."""
        counts = sparse.csr_array(sparse.vstack(self._counted, format="csr"))
        rows = counts.shape[0]
        if counts.nnz == 0:
            return counts
        frequency = np.bincount(counts.indices, minlength=BUCKETS)
        rarity = np.log((1 + rows) / (1 + frequency)) + 1
        rarity[(frequency < RARE) | (frequency > max(COMMON * rows, RARE))] = 0
        counts.data = ((1 + np.log(counts.data)) * rarity[counts.indices]).astype(np.float32)
        counts.eliminate_zeros()
        return _of_norm_one(_heaviest(counts, MOST_KEPT))


def _words(text: str) -> list[str]:
    return _WORD.findall(words.spaced(text).casefold())


def _heaviest(matrix: sparse.csr_array, most: int) -> sparse.csr_array:
    """Each row with its `most` largest entries only."""
    for row in np.flatnonzero(np.diff(matrix.indptr) > most):
        values = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
        values[np.argpartition(-values, most)[most:]] = 0
    matrix.eliminate_zeros()
    return matrix


def _of_norm_one(matrix: sparse.csr_array) -> sparse.csr_array:
    norms: NDArray[np.float32] = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    matrix.data /= np.repeat(np.maximum(norms, 1e-12), np.diff(matrix.indptr)).astype(np.float32)
    return matrix
