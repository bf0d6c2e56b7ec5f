"""Which new group is which old cluster."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import overlap

OLD = st.lists(st.sampled_from([None, 10, 11, 12, 13]), min_size=1, max_size=40)


def labels(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_a_group_of_the_same_documents_is_the_same_cluster() -> None:
    assert overlap.matched([7, 7, 9, 9], labels(1, 1, 0, 0), {}) == {1: 7, 0: 9}


def test_a_cluster_that_fell_apart_is_its_larger_part() -> None:
    assert overlap.matched([7] * 5, labels(0, 0, 0, 1, 1), {}) == {0: 7}


def test_the_matching_is_the_best_of_all_and_not_the_first_found() -> None:
    old = [1] * 5 + [2] * 4
    groups = labels(0, 0, 0, 1, 1, 0, 0, 0, 0)
    # group 0 shares 3 with cluster 1 and 4 with cluster 2; group 1 shares 2 with cluster 1 only
    assert overlap.matched(old, groups, {}) == {0: 2, 1: 1}


def test_what_a_person_chose_is_matched_before_what_is_larger() -> None:
    old = [1] * 9 + [2] * 3
    groups = labels(*([0] * 12))
    assert overlap.matched(old, groups, {}) == {0: 1}
    assert overlap.matched(old, groups, {2: True}) == {0: 2}


def test_a_few_shared_documents_do_not_make_another_cluster_the_same() -> None:
    assert overlap.matched([1] * 10 + [None] * 8, labels(*([0] * 2 + [5] * 8 + [0] * 8)), {1: True}) == {5: 1}


@given(OLD, st.randoms(use_true_random=False))
def test_no_cluster_is_two_groups_and_no_group_two_clusters(old: list[int | None], random: object) -> None:
    groups = labels(*(random.randrange(-1, 5) for _ in old))  # type: ignore[attr-defined]
    found = overlap.matched(old, groups, {11: True})
    assert len(set(found.values())) == len(found)
    assert overlap.NONE not in found


def test_ten_thousand_single_documents_keep_their_clusters() -> None:
    old = list(range(1, 10_001))
    assert overlap.matched(old, np.arange(10_000), {}) == {number: number + 1 for number in range(10_000)}
