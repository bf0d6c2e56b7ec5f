"""The same in other words: near in meaning, passage by passage, with some of the phrases left."""

from __future__ import annotations

import numpy as np

from backend.domain import rewording
from tests.factories import direction
from tests.twins import changed, prose


def test_a_text_of_the_same_subject_is_not_a_reworded_one() -> None:
    vectors = np.stack([direction(1, 0.1), direction(0.2, 1)])
    mine = rewording.passages([prose(1, 80), prose(2, 80)], vectors)
    theirs = rewording.passages([prose(3, 80), prose(4, 80)], vectors + 0.02)
    assert rewording.reworded(mine, theirs) == (1.0, 1.0), "vectors as good as identical say enough"
    apart = np.stack([direction(1, 0.9), direction(0.9, 1)])
    assert rewording.reworded(mine, rewording.passages([prose(3, 80), prose(4, 80)], apart)) == (0.0, 0.0)


def test_a_reworded_passage_counts_by_its_length() -> None:
    mine = rewording.passages([prose(1, 90), prose(2, 10)], np.stack([direction(1, 0.5), direction(0, 0, 1)]))
    other = rewording.passages([changed(prose(1, 90), 3, 0.3)], np.stack([direction(1, 0.1)]))
    said, back = rewording.reworded(mine, other)
    assert 0.85 < said < 0.95
    assert back == 1.0


def test_what_shares_no_phrase_is_not_looked_into() -> None:
    assert not rewording.is_hinted(0.01, 0.9)
    assert not rewording.is_hinted(0.5, 0.5)
    assert rewording.is_hinted(0.06, 0.75)
    assert rewording.is_hinted(0.0, 0.97)


def test_a_few_words_on_two_pictures_are_not_one_text_reworded() -> None:
    vectors = np.stack([direction(1, 0.1)])
    short = [rewording.passages([text], vectors) for text in ("hopper usn 1944", "hopper usa 1949")]
    assert rewording.reworded(*short) == (0.0, 0.0)
