"""From buckets to candidate pairs: never all pairs, however many documents share a bucket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 32
"""Up to so many documents of one bucket are paired each with each; of more, each only with its neighbours by id.

Versions of one text still hang together that way; a phrase that thousands share costs thousands of pairs, not millions.
"""
NEIGHBOURS = 2

Pairs = NDArray[np.int64]
"""Shape (n, 2): document ids, the smaller first, without repeats, in order."""


@dataclass(frozen=True)
class Candidates:
    """`crowded` counts the buckets that were too large to be paired in full."""

    pairs: Pairs
    crowded: int


def candidates(buckets: Iterable[Sequence[int]]) -> Candidates:
    """The pairs to be compared: of each bucket, given as ascending ids without repeats."""
    by_size: defaultdict[int, set[tuple[int, ...]]] = defaultdict(set)
    crowds: set[tuple[int, ...]] = set()
    for bucket in buckets:
        ids = tuple(bucket)
        if len(ids) > LARGEST:
            crowds.add(ids)
        elif len(ids) > 1:
            by_size[len(ids)].add(ids)
    found = [_each_with_each(np.array(list(alike), np.int64)) for alike in by_size.values()]
    found += [_with_neighbours(np.array(ids, np.int64)) for ids in crowds]
    return Candidates(_distinct(found), len(crowds))


def without(pairs: Pairs, known: Pairs) -> Pairs:
    """`pairs` less those in `known`."""
    if not len(pairs) or not len(known):
        return pairs
    both = np.concatenate((known, pairs))
    _, first = np.unique(both, axis=0, return_index=True)
    return np.asarray(both[np.sort(first[first >= len(known)])])


def among_others(pairs: Pairs, gone: Sequence[int]) -> Pairs:
    """`pairs` less those with a document that is gone."""
    if not len(pairs) or not gone:
        return pairs
    return np.asarray(pairs[~np.isin(pairs, np.array(gone, np.int64)).any(axis=1)])


def _each_with_each(buckets: Pairs) -> Pairs:
    left, right = np.triu_indices(buckets.shape[1], 1)
    return np.stack((buckets[:, left].ravel(), buckets[:, right].ravel()), axis=1)


def _with_neighbours(ids: Pairs) -> Pairs:
    steps = [np.stack((ids[:-step], ids[step:]), axis=1) for step in range(1, NEIGHBOURS + 1)]
    return np.concatenate([*steps, np.stack((np.full(len(ids) - 1, ids[0]), ids[1:]), axis=1)])


def _distinct(found: Sequence[Pairs]) -> Pairs:
    if not found:
        return np.zeros((0, 2), np.int64)
    return np.unique(np.concatenate(found), axis=0)
