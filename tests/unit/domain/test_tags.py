"""Rules of tags, as pure functions."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.domain import tags, words
from backend.domain.errors import InvalidInput
from backend.domain.tags import Condition, Facts, Rule

FIELDS = get_args(tags.Field_)
WORDS = st.text(st.characters(categories=("L", "N", "Zs"), max_codepoint=0x2FF), min_size=1, max_size=8)
CONDITIONS = st.builds(
    Condition,
    field=st.sampled_from(FIELDS),
    op=st.sampled_from(get_args(tags.Op)),
    value=WORDS.filter(lambda value: bool(words.folded(value))),
)
FACTS = st.fixed_dictionaries({field: st.lists(WORDS, max_size=3) for field in FIELDS}).map(
    lambda values: tags.facts(**values)
)


def rule(how: str, *conditions: tuple[str, str, str]) -> Rule:
    return Rule.model_validate({how: [{"field": f, "op": op, "value": value} for f, op, value in conditions]})


def said_plainly(condition: Condition, given_values: dict[str, list[str]]) -> bool:
    """What a condition says, in other words than the code's."""
    wanted = words.folded(condition.value)
    for value in map(words.folded, given_values[condition.field]):
        at = value.find(wanted)
        if {"is": value == wanted, "starts": at == 0, "contains": at >= 0}[condition.op]:
            return True
    return False


@given(
    st.lists(CONDITIONS, min_size=1, max_size=4),
    st.fixed_dictionaries({field: st.lists(WORDS, max_size=3) for field in FIELDS}),
)
def test_any_and_all_are_what_the_words_say(conditions: list[Condition], values: dict[str, list[str]]) -> None:
    of = tags.facts(**values)
    said = [said_plainly(condition, values) for condition in conditions]
    assert tags.matches(Rule(any=conditions), of) == any(said)
    assert tags.matches(Rule(all=conditions), of) == all(said)


@given(st.lists(CONDITIONS, min_size=1, max_size=4), FACTS)
def test_a_rule_does_not_see_capitals_or_runs_of_space(conditions: list[Condition], of: Facts) -> None:
    shouted = [c.model_copy(update={"value": f"  {c.value.upper()} "}) for c in conditions]
    same = [words.folded(a.value) == words.folded(b.value) for a, b in zip(conditions, shouted, strict=True)]
    if all(same):  # a letter like ß has another capital
        assert tags.matches(Rule(any=conditions), of) == tags.matches(Rule(any=shouted), of)


@given(CONDITIONS)
def test_a_document_that_nothing_is_known_of_matches_nothing(condition: Condition) -> None:
    assert not tags.matches(Rule(any=[condition]), Facts())


def test_a_condition_holds_when_one_value_of_its_field_does() -> None:
    of = tags.facts(concept=["Green Tea", "Water"], title="About tea", language=None)
    assert tags.matches(rule("any", ("concept", "is", "green  tea")), of)
    assert tags.matches(rule("all", ("concept", "starts", "WAT"), ("title", "contains", "tea")), of)
    assert not tags.matches(rule("all", ("concept", "is", "tea"), ("title", "contains", "tea")), of)
    assert not tags.matches(rule("any", ("language", "is", "en")), of)


@pytest.mark.parametrize("bad", [Rule(), rule("any", ("title", "is", "  "))])
def test_a_rule_that_says_nothing_is_refused(bad: Rule) -> None:
    with pytest.raises(InvalidInput) as refused:
        tags.checked_rule(bad)
    assert refused.value.code == "invalid_rule"


def test_a_rule_that_says_both_is_refused() -> None:
    both = Rule(any=rule("any", ("title", "is", "a")).any, all=rule("all", ("title", "is", "a")).all)
    with pytest.raises(InvalidInput):
        tags.checked_rule(both)


@pytest.mark.parametrize(
    "given_rule",
    [
        {"any": []},
        {"any": [{"field": "colour", "op": "is", "value": "x"}]},
        {"any": [{"field": "title", "op": "matches", "value": "x"}]},
        {"any": [{"field": "title", "op": "is", "value": ""}]},
        {"any": [{"field": "title", "op": "is", "value": "x"}] * (tags.MOST_CONDITIONS + 1)},
        {"none": [{"field": "title", "op": "is", "value": "x"}]},
    ],
)
def test_a_rule_of_another_shape_cannot_be_made(given_rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(given_rule)


def test_two_spellings_of_a_name_are_compared_alike() -> None:
    assert tags.checked_name(" To  Read ") == ("To Read", "to read")
    assert tags.checked_name("TO READ")[1] == tags.checked_name("to read")[1]
    for bad in ("", "   ", "x" * (tags.LONGEST_NAME + 1)):
        with pytest.raises(InvalidInput):
            tags.checked_name(bad)


@given(st.text(min_size=1, max_size=60))
def test_the_colour_of_a_name_is_one_of_the_palette_and_stays(key: str) -> None:
    assert tags.colour_for(key) in tags.COLOURS
    assert tags.colour_for(key) == tags.colour_for(key)


def test_only_a_rule_about_the_text_has_to_read_it() -> None:
    assert tags.asks_for_text(rule("any", ("title", "is", "a"), ("text", "contains", "b")))
    assert not tags.asks_for_text(rule("all", ("title", "is", "a")))
