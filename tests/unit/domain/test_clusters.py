"""How clusters grow and what they are called."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backend.domain import clusters
from backend.domain.clusters import Shown


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


def test_a_name_is_what_most_documents_show() -> None:
    shown = [Shown("rain", 1, 0.9), Shown("solar panels", 5, 2.0), Shown("solar power", 4, 2.0), Shown("grid", 3, 1.0)]
    assert clusters.names(shown)[0] == "solar panels, grid"
    assert clusters.names([]) == []
    assert all(len(name) <= clusters.LONGEST_NAME for name in clusters.names([Shown("x" * 300, 2, 1.0), *shown]))


def test_names_of_large_clusters_are_seldom_made_anew() -> None:
    renamed = [count for count in range(1, 1000) if clusters.is_renamed_at(count)]
    assert renamed[:32] == list(range(1, 33))
    assert len(renamed) < 70
