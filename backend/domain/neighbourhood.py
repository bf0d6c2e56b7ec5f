"""Who is near whom on a board: exact nearest neighbours by blocks, and the graph they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

Tick = Callable[[float], None]
"""Is told how far the work is, 0 to 1; it may raise to end it."""

CELLS = 24_000_000
"""Cosines held at a time: 100 MB."""


def graph(rows: Any, count: int, tick: Tick) -> sparse.csr_array:
    """The symmetric graph of each row's `count` nearest others, weighed by their cosine.

    Rows, dense or sparse, have norm 1 or 0. An edge that two rows see in each other counts twice. Exact, in memory that
    grows with the rows, not their square.
    """
    size = rows.shape[0]
    count = min(count, size - 1)
    if count < 1:
        return sparse.csr_array((size, size), dtype=np.float32)
    step = max(1, min(4096, CELLS // size))
    transposed = rows.T.tocsr() if sparse.issparse(rows) else rows.T
    ends, weights = np.empty((size, count), np.int32), np.empty((size, count), np.float32)
    for first in range(0, size, step):
        likeness = rows[first : first + step] @ transposed
        block = np.asarray(likeness.toarray() if sparse.issparse(likeness) else likeness)
        block[np.arange(len(block)), np.arange(first, first + len(block))] = -1.0
        near = np.argpartition(block, size - count, axis=1)[:, size - count :]
        ends[first : first + step] = near
        weights[first : first + step] = np.take_along_axis(block, near, axis=1)
        tick(min(1.0, (first + step) / size))
    starts = np.repeat(np.arange(size, dtype=np.int32), count)
    found = sparse.csr_array((np.maximum(weights, 0.0).ravel(), (starts, ends.ravel())), shape=(size, size))
    found.eliminate_zeros()
    return sparse.csr_array(found + found.T)
