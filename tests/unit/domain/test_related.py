"""The sentence that says why two documents belong together."""

from __future__ import annotations

from backend.domain.related import Ties, reason


def test_shared_concepts_are_named_and_further_ones_are_counted() -> None:
    assert reason(Ties(0.5, ["heat pump"])) == "Both are about heat pump."
    assert reason(Ties(0.5, list("abcde"))) == "Both are about a, b, c and 2 more."


def test_where_both_came_from_is_told_beside_what_they_share() -> None:
    assert reason(Ties(0.5, ["a", "b"], site="example.org")) == "Both are about a and b; both are from example.org."
    assert reason(Ties(0.4, together=True)) == "Both came in the same archive or mail."


def test_documents_of_one_meaning_say_so_first() -> None:
    assert reason(Ties(0.9, ["a"])) == "Nearly the same in meaning; both are about a."


def test_without_anything_in_common_only_the_nearness_is_told() -> None:
    assert reason(Ties(0.7)) == "Near in meaning (70%), without a concept in common."
    assert reason(Ties(0.42, topic="Energy")) == "Alike in meaning (42%), and both filed under Energy."
