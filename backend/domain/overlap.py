"""Which new group is which old cluster: by the members they share, so that a cluster keeps its id while it lives on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

NONE = -1
SAME = 0.25
"""A group is the old cluster when they share at least this part of the smaller of the two."""
CHOSEN = 1e6
"""What a cluster that a person named or pinned counts more than any other, when two could be the same group."""
LARGEST = 2_000
"""More clusters than this that all hang together are matched greedily: an exact matching would take minutes."""


def matched(old: Sequence[int | None], groups: NDArray[np.int64], chosen: Mapping[int, bool]) -> dict[int, int]:
    """The old cluster of each group that is one, by group. One entry per document in both lists; NONE is no group.

    A maximum-weight matching over shared members; `chosen` says of each old cluster whether a person named or pinned
    it, and such a one goes before any other.
    """
    shared = Counter(
        (cluster, int(group))
        for cluster, group in zip(old, groups, strict=True)
        if cluster is not None and group != NONE
    )
    if not shared:
        return {}
    sizes_old = Counter(cluster for cluster in old if cluster is not None)
    sizes_new = Counter(int(group) for group in groups if group != NONE)
    weights = {
        (cluster, group): count + (CHOSEN if chosen.get(cluster) else 0.0)
        for (cluster, group), count in shared.items()
        if count >= SAME * min(sizes_old[cluster], sizes_new[group])
    }
    return {group: cluster for cluster, group in _heaviest(weights)}


def _heaviest(weights: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Pairs, none with an end in common, of the greatest weight in sum: part by part of what hangs together."""
    if not weights:
        return []
    left = sorted({cluster for cluster, _ in weights})
    right = sorted({group for _, group in weights})
    place_left = {cluster: place for place, cluster in enumerate(left)}
    place_right = {group: len(left) + place for place, group in enumerate(right)}
    ends = np.array([(place_left[cluster], place_right[group]) for cluster, group in weights])
    size = len(left) + len(right)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    count, part = connected_components(graph, directed=False)
    parts: list[dict[tuple[int, int], float]] = [{} for _ in range(count)]
    for (cluster, group), weight in weights.items():
        parts[part[place_left[cluster]]][cluster, group] = weight
    return [pair for some in parts for pair in (_exact(some) if _is_small(some) else _greedy(some))]


def _is_small(weights: Mapping[tuple[int, int], float]) -> bool:
    return max(len({pair[side] for pair in weights}) for side in (0, 1)) <= LARGEST


def _exact(weights: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
    left = sorted({cluster for cluster, _ in weights})
    right = sorted({group for _, group in weights})
    row_of = {cluster: row for row, cluster in enumerate(left)}
    column_of = {group: column for column, group in enumerate(right)}
    table = np.zeros((len(left), len(right)))
    for (cluster, group), weight in weights.items():
        table[row_of[cluster], column_of[group]] = weight
    rows, columns = linear_sum_assignment(table, maximize=True)
    pairs = ((left[row], right[column]) for row, column in zip(rows, columns, strict=True))
    return [pair for pair in pairs if pair in weights]


def _greedy(weights: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    used_left: set[int] = set()
    used_right: set[int] = set()
    for cluster, group in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if cluster not in used_left and group not in used_right:
            used_left.add(cluster)
            used_right.add(group)
            pairs.append((cluster, group))
    return pairs
