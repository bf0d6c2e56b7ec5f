"""The map: kin beside kin, steady, and always the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from backend.domain import clusters, layout
from backend.domain.clusters import Neighbour
from tests import topical


def laid_out(board: topical.Topical, former: np.ndarray | None = None, centres: dict | None = None) -> layout.Layout:
    before = np.full((len(board.vectors), 2), np.nan) if former is None else former
    keys = [int(topic) + 1 for topic in board.topics]
    return layout.lay_out(board.vectors, keys, [None] * len(keys), before, centres or {})


def test_clusters_lie_apart_within_the_square() -> None:
    board = topical.made([80, 60, 40, 20, 10])
    found = laid_out(board)
    assert found.places.min() >= 0
    assert found.places.max() <= 1
    assert silhouette_score(found.places, board.topics) > 0.4
    assert len(np.unique(found.places.round(5), axis=0)) == len(board.vectors), "none hides another"


def test_the_same_board_is_drawn_the_same() -> None:
    board = topical.made([30, 30, 30])
    assert (laid_out(board).places == laid_out(board).places).all()


def test_what_had_a_place_stays_near_it_when_more_comes() -> None:
    first = topical.made([60, 50, 40, 30])
    drawn = laid_out(first)
    more = topical.made([6, 5, 4, 3], seed=5)
    both = topical.Topical(
        np.vstack([first.vectors, more.vectors]), first.texts + more.texts, np.concatenate([first.topics, more.topics])
    )
    former = np.vstack([drawn.places, np.full((18, 2), np.nan)])
    again = laid_out(both, former, drawn.centres)
    moved = np.linalg.norm(again.places[:180] - drawn.places, axis=1)
    assert np.median(moved) < 0.05
    afresh = np.linalg.norm(laid_out(both).places[:180] - drawn.places, axis=1)
    assert np.median(moved) <= np.median(afresh)


def test_subtopics_are_discs_within_their_topic() -> None:
    board = topical.made([100])
    inner = [5 if number % 2 else 6 for number in range(100)]
    found = layout.lay_out(board.vectors, [1] * 100, inner, np.full((100, 2), np.nan), {})
    assert silhouette_score(found.places, inner) > 0.3
    assert set(found.centres) == {1, 5, 6}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_map_of_hardly_anything_is_drawn_too(count: int) -> None:
    vectors = np.eye(384, dtype=np.float32)[:count]
    found = layout.lay_out(vectors, list(range(1, count + 1)), [None] * count, np.full((count, 2), np.nan), {})
    assert found.places.shape == (count, 2)
    assert not np.isnan(found.places).any()


def test_thousands_of_single_documents_are_drawn_in_the_gaps() -> None:
    rows = np.random.default_rng(1).normal(size=(2500, 384)).astype(np.float32)
    keys = [1] * 300 + list(range(2, 2202))
    found = layout.lay_out(rows, keys, [None] * 2500, np.full((2500, 2), np.nan), {})
    middle = np.array(found.centres[1])
    reach = np.linalg.norm(found.places[:300] - middle, axis=1).max()
    outside = np.linalg.norm(found.places[300:] - middle, axis=1)
    assert (outside > reach * 0.95).mean() > 0.95


def test_a_new_document_is_put_beside_its_neighbours() -> None:
    near = [Neighbour(0.9, 1, None, 0.2, 0.2), Neighbour(0.8, 1, None, 0.3, 0.2), Neighbour(0.9, 2, None, 0.9, 0.9)]
    place = clusters.place_beside(near, 1, 7)
    assert place is not None
    assert np.hypot(place[0] - 0.25, place[1] - 0.2) < 0.02
    assert clusters.place_beside(near, 3, 7) is None
    assert clusters.place_apart(7) != clusters.place_apart(8)
