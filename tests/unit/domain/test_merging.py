"""Where a quote stands in another text, and what may be merged."""

from __future__ import annotations

import pytest

from backend.domain import merging
from backend.domain.errors import InvalidInput

TEXT = (
    "# Tea\n\nGreen tea is brewed hot. Water matters.\n\n"
    "Soft water makes better\ntea than hard water does. Green tea again."
)


def test_a_quote_is_found_whatever_its_lines() -> None:
    found = merging.anchor(TEXT, "Soft water makes better tea than\n hard water does.")
    assert found is not None
    assert TEXT[found.start : found.end] == found.quote == "Soft water makes better\ntea than hard water does."


def test_of_two_places_the_one_nearest_to_the_old_one_is_taken() -> None:
    places = [merging.anchor(TEXT, "Green tea", near=near) for near in (0.0, 1.0)]
    assert [found.start for found in places if found] == [TEXT.index("Green tea"), TEXT.rindex("Green tea")]


def test_what_is_not_there_is_not_found() -> None:
    assert merging.anchor(TEXT, "Black tea") is None
    assert merging.anchor(TEXT, "  ") is None
    assert merging.mention(TEXT, "eat") is None, "only whole words count"
    assert merging.mention(TEXT, "") is None


def test_a_mention_is_quoted_with_its_sentence() -> None:
    found = merging.mention(TEXT, "hard water")
    assert found is not None
    assert TEXT[found.start : found.end] == found.quote == "tea than hard water does"
    first = merging.mention(TEXT, "water")
    assert first is not None
    assert first.quote == "Water matters"


def test_a_pattern_in_a_quote_is_only_letters() -> None:
    assert merging.anchor("a (b) [c] .*", "(b) [c] .*") is not None
    assert merging.anchor("a b c", ".*") is None


def test_each_document_is_merged_once() -> None:
    assert merging.chosen(1, [3, 2, 3]) == [3, 2]
    for ids, code in (([], "nothing_to_merge"), ([2, 1], "merge_with_itself")):
        with pytest.raises(InvalidInput) as refused:
            merging.chosen(1, ids)
        assert refused.value.code == code
