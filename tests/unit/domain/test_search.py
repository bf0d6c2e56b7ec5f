"""What a query says, how rankings are joined, what is shown of a passage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import search
from backend.domain.search import Counted, Query, Term


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("heat pump", Query(("heat", "pump"), (), (), "pump", "heat pump")),
        ("heat pump ", Query(("heat", "pump"), (), (), None, "heat pump")),
        ('"floor heating" cost', Query(("cost",), ("floor heating",), (), "cost", "cost floor heating")),
        ("bread -flour", Query(("bread",), (), ("flour",), None, "bread")),
        ('bread -"rye flour"', Query(("bread",), (), ("rye flour",), None, "bread")),
        ('"never closed', Query((), ("never closed",), (), None, "never closed")),
        ("cats OR dogs", Query(("cats", "dogs"), (), (), "dogs", "cats dogs")),
        ("-", Query()),
        ("", Query()),
    ],
)
def test_a_query_is_read_as_people_write_it(text: str, expected: Query) -> None:
    assert search.parse(text) == expected


@given(st.text())
def test_anything_at_all_is_a_query(text: str) -> None:
    query = search.parse(text)
    assert len(query.words) <= search.MOST_WORDS
    assert all(query.words)


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weights = [search.weight(2, 1000), search.weight(900, 1000)]
    rare, common = search.bm25([Counted(100, (1, 0)), Counted(100, (0, 1))], weights)
    assert rare > common > 0


def test_more_of_a_word_and_a_shorter_passage_rank_higher() -> None:
    twice, once, long = search.bm25(
        [Counted(100, (2,)), Counted(100, (1,)), Counted(300, (1,))], [search.weight(3, 1000)]
    )
    assert twice > once > long


def test_a_word_of_which_two_letters_are_typed_means_nothing_yet() -> None:
    assert search.parse("heat pu").meaning == "heat"
    assert search.parse("heat pum").meaning == "heat pum"
    assert search.parse("heat pu ").meaning == "heat pu"
    assert search.parse("pu").meaning == "pu"


def term(*words: str, stems: tuple[str, ...] = (), prefix: str | None = None) -> Term:
    return Term(frozenset(stems or words), frozenset(words), prefix)


def test_a_snippet_shows_where_the_words_are() -> None:
    text = "Nothing here. " * 60 + "The cities of the north  have\nold libraries. " + "Nothing more. " * 60
    snippet, highlights = search.snippet(text, [term("city", stems=("citi",)), term("librar", prefix="librar")], ())
    assert [snippet[start:end] for start, end in highlights] == ["cities", "libraries"]
    assert len(snippet) <= search.SNIPPET_CHARS
    assert "\n" not in snippet


@given(st.text(max_size=500), st.lists(st.text(min_size=1, max_size=8), max_size=4))
def test_highlights_lie_within_the_snippet(text: str, words: list[str]) -> None:
    snippet, highlights = search.snippet(text, [term(word.lower()) for word in words], ())
    assert len(snippet) <= search.SNIPPET_CHARS
    last = 0
    for start, end in highlights:
        assert last <= start < end <= len(snippet)
        last = end
