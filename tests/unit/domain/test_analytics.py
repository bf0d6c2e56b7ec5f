"""How the numbers of a board are put together, and when they are out of date."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.domain import analytics
from backend.domain.analytics import Typed

NUMBERS = st.floats(0, 10 * analytics.OLD_SECONDS)


def test_types_of_one_family_are_counted_together() -> None:
    rows = [Typed("text/plain", 2, 20), Typed("text/markdown", 3, 5), Typed("application/x-odd", 9, 1)]
    families = {"text/plain": ["text"], "text/markdown": ["text"]}
    assert analytics.by_type(rows, lambda media_type: families.get(media_type, [])) == [
        {"name": "application/x-odd", "documents": 9, "bytes": 1},
        {"name": "text", "documents": 5, "bytes": 25},
    ]


def test_reading_takes_at_least_a_minute_where_there_is_anything() -> None:
    assert [analytics.reading_minutes(words) for words in (0, 1, 238, 2380)] == [0, 1, 1, 10]


@given(st.dictionaries(st.text(max_size=5), st.integers()))
def test_the_tag_of_numbers_depends_on_nothing_but_the_numbers(numbers: dict[str, int]) -> None:
    turned = dict(reversed(numbers.items()))
    assert analytics.etag(numbers) == analytics.etag(turned)
    assert analytics.etag(numbers) != analytics.etag({**numbers, "one more": 1})


@given(st.booleans(), NUMBERS)
def test_whatever_changed_or_is_old_is_stale(changed: bool, age: float) -> None:
    assert analytics.is_stale(changed=changed, age_seconds=age) == (changed or age > 3600)


@given(st.booleans(), NUMBERS)
def test_nothing_is_counted_twice_within_a_minute(changed: bool, age: float) -> None:
    due = analytics.is_due(changed=changed, age_seconds=age)
    assert not (due and age < 60)
    assert not (due and not analytics.is_stale(changed=changed, age_seconds=age))


def test_a_board_without_numbers_is_counted_once_something_is_on_it() -> None:
    assert analytics.is_due(changed=True, age_seconds=None)
    assert not analytics.is_due(changed=False, age_seconds=None)
