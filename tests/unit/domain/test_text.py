"""Extracted text is cleaned in one way, and its parts point at the right characters."""

from __future__ import annotations

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.text import Piece, assemble, clean


@given(st.text(alphabet=st.characters(), max_size=300))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(), max_size=300))
def test_cleaned_text_is_composed_and_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert "\x00" not in cleaned
    assert "\n\n\n" not in cleaned
    cleaned.encode("utf-8")


def test_letters_that_meet_when_something_invisible_goes_are_composed() -> None:
    assert clean("e\u200b\u0301") == "\u00e9"


def test_line_ends_of_all_kinds_become_one() -> None:
    assert clean("a\r\nb\rc\x0cd\u2028e") == "a\nb\nc\n\nd\ne"


def test_marks_that_make_text_read_otherwise_are_removed() -> None:
    assert clean("pay\u202etxe.exe\u2066\u200b\ufeff\u00ad") == "paytxe.exe"


def test_tabs_and_joiners_of_scripts_and_emoji_stay() -> None:
    text = "a\tb می‌خواهم 👩‍🔬 क्‍ष"
    assert clean(text) == text


@given(st.lists(st.tuples(st.text(max_size=40), st.booleans()), max_size=8))
def test_parts_are_in_order_and_hold_the_text_of_their_piece(pieces: list[tuple[str, bool]]) -> None:
    text, parts = assemble(Piece(words, {"page": at} if placed else {}) for at, (words, placed) in enumerate(pieces))
    assert [text[part.start : part.end] for part in parts] == [
        clean(words) for words, placed in pieces if placed and clean(words).strip()
    ]
    assert all(one.end <= two.start for one, two in itertools.pairwise(parts))


def test_pieces_without_text_leave_no_trace() -> None:
    assert assemble([Piece("a"), Piece(" \n\x00", {"page": 2}), Piece("b", {"page": 3})])[0] == "a\n\nb"
