"""How two scores become one order of documents."""

from __future__ import annotations

import pytest

from backend.domain.ranking import MEANING, Scored, mixed


def order(*passages: Scored) -> list[int]:
    return [passage.passage_id for passage in mixed(passages)]


def test_what_words_and_meaning_both_praise_comes_first() -> None:
    assert order(Scored(1, 1, 9.0, 0.2), Scored(2, 2, 8.0, 0.7), Scored(3, 3, 0.0, 0.75))[0] == 2


def test_without_any_meaning_the_words_alone_decide() -> None:
    passages = mixed([Scored(1, 1, 2.0, None), Scored(2, 2, 4.0, None)])
    assert [(passage.passage_id, passage.score) for passage in passages] == [(2, 1.0), (1, 0.5)]


def test_without_any_words_the_meaning_alone_decides() -> None:
    passages = mixed([Scored(1, 1, 0.0, 0.4), Scored(2, 2, 0.0, 0.6)])
    assert [(passage.passage_id, passage.score) for passage in passages] == [(2, MEANING), (1, 0.0)]


def test_a_document_is_as_good_as_its_best_passage_by_each() -> None:
    spread = [Scored(1, 1, 9.0, 0.2), Scored(2, 1, 0.0, 0.8)]
    single = [Scored(3, 2, 8.0, 0.7)]
    passages = mixed([*spread, *single])
    assert [passage.document_id for passage in passages] == [1, 1, 2]
    assert passages[0].score == pytest.approx(1.0)
    assert passages[0].score > passages[1].score, "only the first stands for the document"


def test_passages_of_one_document_stay_together_the_best_first() -> None:
    assert order(Scored(1, 1, 1.0, 0.1), Scored(2, 2, 5.0, 0.5), Scored(3, 1, 9.0, 0.9)) == [3, 1, 2]


def test_nothing_found_is_an_empty_order() -> None:
    assert mixed([]) == []


def test_equal_passages_have_an_order_that_stays() -> None:
    assert order(Scored(2, 2, 1.0, 0.5), Scored(1, 1, 1.0, 0.5)) == [1, 2]
