"""Runs of words: where they stand in two texts, and the longest chain of those that stand in both."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_FACTOR, _MIXER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


def runs(words: Numbers, length: int) -> Hashes:
    """A hash of the `length` words from each place on. Equal hashes are checked by whoever uses them."""
    count = len(words) - length + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    hashed = np.zeros(count, dtype=np.uint64)
    for offset in range(length):
        hashed = (
            hashed * np.uint64(0x9E3779B97F4A7C15) + words[offset : offset + count].astype(np.uint64) + np.uint64(1)
        )
    return hashed


def pairs(a: Hashes, b: Hashes) -> tuple[Numbers, Numbers]:
    """The places of the runs that stand once in either text; where there are none, of those as frequent in both.

    The n-th time of the one is then taken for the n-th time of the other: a list that repeats itself has no other hold.
    """
    ranked = _once(a), _once(b)
    shared, at_a, at_b = np.intersect1d(ranked[0][0], ranked[1][0], assume_unique=True, return_indices=True)
    if not len(shared):
        ranked = _ranked(a), _ranked(b)
        _, at_a, at_b = np.intersect1d(ranked[0][0], ranked[1][0], assume_unique=True, return_indices=True)
    at_a, at_b = ranked[0][1][at_a], ranked[1][1][at_b]
    order = np.argsort(at_a)
    return at_a[order], at_b[order]


def _once(hashed: Hashes) -> tuple[Hashes, Numbers]:
    values, first, counts = np.unique(hashed, return_index=True, return_counts=True)
    return values[counts == 1], first[counts == 1]


def _ranked(hashed: Hashes) -> tuple[Hashes, Numbers]:
    """Each run with the number of times it was there before mixed in, so that none stands twice."""
    order = np.argsort(hashed, kind="stable")
    ordered = hashed[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    mixed = ordered ^ (rank.astype(np.uint64) * _MIXER)
    values, first = np.unique(mixed, return_index=True)
    return values, order[first]


def rising(a: Numbers, b: Numbers) -> list[tuple[int, int]]:
    """The longest chain of pairs that rises in `b`, of pairs in the order of `a`."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(b)
    for at, value in enumerate(b.tolist()):
        place = bisect_left(tails, value)
        before[at] = ends[place - 1] if place else -1
        if place == len(tails):
            tails.append(value)
            ends.append(at)
        else:
            tails[place], ends[place] = value, at
    chain = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append((int(a[at]), int(b[at])))
        at = before[at]
    return chain[::-1]
