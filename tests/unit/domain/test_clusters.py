"""How clusters grow and what they are called."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backend.domain import clusters
from backend.domain.clusters import Neighbour


def test_a_document_stands_where_its_passages_do() -> None:
    mean = clusters.mean([[3.0, 0.0], [0.0, 3.0]])
    assert np.allclose(mean, [2**-0.5, 2**-0.5])
    assert clusters.mean(np.zeros((0, 384))).shape == (384,)
    assert not clusters.mean(np.zeros((0, 384))).any()


@given(arrays.arrays(np.float32, (6, 4), elements=st.floats(-1, 1, width=32)))
def test_a_running_centre_is_the_mean(vectors: np.ndarray) -> None:
    centre = vectors[0]
    for count, vector in enumerate(vectors[1:], start=1):
        centre = clusters.with_one_more(centre, count, vector)
    assert np.allclose(centre, vectors.mean(axis=0), atol=1e-5)


def neighbour(similarity: float, cluster_id: int, subtopic: int | None = None) -> Neighbour:
    return Neighbour(similarity, cluster_id, subtopic, None, None)


def test_neighbours_elect_the_cluster_by_their_likeness() -> None:
    assert clusters.elected([neighbour(0.9, 1), neighbour(0.5, 2), neighbour(0.5, 2)]) == 2
    assert clusters.elected([neighbour(0.9, 1), neighbour(0.29, 2), neighbour(0.29, 2), neighbour(0.29, 2)]) == 1
    assert clusters.elected([neighbour(0.29, 2)]) is None
    assert clusters.elected([]) is None


def test_a_subtopic_is_elected_within_the_cluster_only() -> None:
    near = [neighbour(0.9, 1, 11), neighbour(0.8, 2, 22), neighbour(0.8, 2, 22), neighbour(0.4, 1, None)]
    assert clusters.elected_subtopic(near, 1) == 11
    assert clusters.elected_subtopic([neighbour(0.9, 1), neighbour(0.4, 1, 11)], 1) is None


def test_a_board_is_grouped_when_a_tenth_of_it_is_new() -> None:
    assert not clusters.ought_to_be_grouped(4, 0)
    assert clusters.ought_to_be_grouped(5, 0)
    assert not clusters.ought_to_be_grouped(99, 1000)
    assert clusters.ought_to_be_grouped(100, 1000)
    assert not clusters.cannot_wait(100, 1000)
    assert clusters.cannot_wait(1001, 1000)


def test_names_of_large_clusters_are_seldom_made_anew() -> None:
    renamed = [count for count in range(1, 1000) if clusters.is_renamed_at(count)]
    assert renamed[:32] == list(range(1, 33))
    assert len(renamed) < 70
