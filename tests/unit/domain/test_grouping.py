"""Communities, their words, their names."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from backend.domain import cluster_changes, cluster_names, grouping, neighbourhood, word_weights
from backend.domain.cluster_names import Shown
from tests import topical


def quiet(_done: float) -> None:
    """Progress that nobody looks at."""


def test_topics_are_found_without_being_told_how_many() -> None:
    board = topical.made([60, 50, 40, 30])
    found = grouping.group(board.vectors, topical.words(board.texts), [None] * 180, quiet)
    assert adjusted_rand_score(board.topics, found.topics) > 0.95


@pytest.mark.parametrize("sizes", [[2, 2], [4, 3, 3], [8, 7], [10, 10, 10, 10, 10]])
def test_small_boards_are_grouped_as_well(sizes: list[int]) -> None:
    board = topical.made(sizes)
    found = grouping.group(board.vectors, topical.words(board.texts), [None] * sum(sizes), quiet)
    assert adjusted_rand_score(board.topics, found.topics) > 0.6


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_hardly_any_documents_are_no_error(size: int) -> None:
    board = topical.made([size])
    vectors = board.vectors if size else np.zeros((0, 384), np.float32)
    found = grouping.group(vectors, topical.words(board.texts), [None] * size, quiet)
    assert len(found.topics) == len(found.subtopics) == size


def test_what_is_like_nothing_is_not_forced_into_a_group() -> None:
    board = topical.made([30, 30])
    odd = np.zeros((1, 384), np.float32)
    odd[0, 383] = 1.0
    vectors = np.vstack([board.vectors * [1] * 1, odd]).astype(np.float32)
    vectors[:60, 383] = 0.0
    found = grouping.group(vectors, topical.words([*board.texts, "nothing whatsoever"]), [None] * 61, quiet)
    assert (found.topics == found.topics[60]).sum() == 1


def test_large_topics_are_parted_into_subtopics() -> None:
    board = topical.made([120, 100], aspects=2)
    found = grouping.group(board.vectors, topical.words(board.texts), [None] * 220, quiet)
    for topic in np.unique(found.topics):
        inner = found.subtopics[found.topics == topic]
        assert len(set(inner[inner >= 0])) >= 2
    label_of = {}
    for topic, inner in zip(found.topics, found.subtopics, strict=True):
        if inner >= 0:
            assert label_of.setdefault(inner, topic) == topic, "a sub-topic lies within one topic"


def test_the_same_board_is_always_grouped_the_same() -> None:
    board = topical.made([40, 40, 40])
    said = topical.words(board.texts)
    runs = [grouping.group(board.vectors, said, [None] * 120, quiet).topics for _ in range(2)]
    assert (runs[0] == runs[1]).all()


def test_the_graph_is_the_same_in_blocks_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = topical.made([50, 40]).vectors
    whole = neighbourhood.graph(rows, 5, quiet)
    monkeypatch.setattr(neighbourhood, "CELLS", 90 * 7)
    parts = neighbourhood.graph(sparse.csr_array(rows), 5, quiet)
    assert np.allclose(whole.toarray(), parts.toarray(), atol=1e-5)
    assert (whole.toarray() == whole.toarray().T).all()


def test_words_that_all_or_only_one_document_have_say_nothing() -> None:
    said = topical.words(
        [f"common {'tea pot' if number < 5 else 'rain cloud'} u{'x' * number}" for number in range(20)]
    )
    assert said.shape == (20, word_weights.BUCKETS)
    assert said[[0]].nnz == 2
    assert (said[[0]] @ said[[1]].T).toarray()[0, 0] == pytest.approx(1.0, abs=1e-5)
    assert (said[[0]] @ said[[9]].T).nnz == 0


def test_a_name_is_what_the_cluster_shows_and_the_board_does_not() -> None:
    shown = [Shown("news", 10, 9.0, 100), Shown("solar panels", 9, 8.0, 9), Shown("grid", 7, 3.0, 8)]
    ranked = cluster_names.ranked(shown, size=10, board=100)
    assert cluster_names.candidates(ranked)[0] == "solar panels, grid"
    assert cluster_names.candidates([]) == []


def test_a_name_of_another_cluster_is_never_taken() -> None:
    names = cluster_names.candidates(["Tea", "Water"])
    assert cluster_names.chosen(names, taken={"tea, water"}) == "Water"
    assert cluster_names.chosen(names, taken={"tea, water", "water", "tea"}) == "Tea 2"


def test_a_name_that_still_says_it_well_stays() -> None:
    ranked = ["kettle", "tea", "water"]
    assert cluster_names.candidates(ranked, current="tea, milk")[0] == "tea, milk"
    assert cluster_names.candidates(ranked, current="chess")[0] == "kettle, tea"
    assert all(len(name) <= cluster_names.LONGEST for name in cluster_names.candidates(["x" * 300, "y" * 300]))


@pytest.mark.parametrize("kind", sorted(cluster_changes.SENTENCES))
def test_every_change_is_a_sentence(kind: str) -> None:
    parts = [{"id": 1, "name": f"N{number}", "documents": 2} for number in range(5)]
    details = {"from": "Old" if kind == "renamed" else parts, "into": parts, "title": "A letter"}
    said = cluster_changes.message(kind, "Tea", 3, details)
    assert said.endswith(".")
    assert "{" not in said
    assert cluster_changes.message(kind, "Tea", 1, {}).endswith(".")
