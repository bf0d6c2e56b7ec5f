"""Printed pages become running text again, and nothing but furniture is lost on the way."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import pages


def report(count: int) -> list[str]:
    words = ["ships", "nets", "gulls", "ropes", "tides", "masts", "sails", "crews"]
    return [
        "\n".join(["Annual report", *[f"{word} of {words[at]} number {at}" for word in words], f"Page {at + 1} of 9"])
        for at in range(count)
    ]


def test_headers_footers_and_page_numbers_go() -> None:
    for page in pages.drop_furniture(report(4)):
        assert "Annual report" not in page
        assert "Page" not in page
        assert page.count("\n") == 7


def test_two_pages_are_too_few_to_tell_furniture() -> None:
    assert pages.drop_furniture(report(2)) == report(2)


def test_headers_that_take_turns_on_left_and_right_pages_go() -> None:
    taken = [page.replace("Annual report", "Left" if at % 2 else "Right") for at, page in enumerate(report(8))]
    assert not any("Left" in page or "Right" in page for page in pages.drop_furniture(taken))


def test_what_repeats_in_the_middle_of_the_page_stays() -> None:
    taken = [page.replace("gulls of", "Total: 12\ngulls of") for page in report(5)]
    assert all("Total: 12" in page for page in pages.drop_furniture(taken))


def test_pages_that_are_mostly_alike_are_left_alone() -> None:
    cards = ["Name\nStreet\nTown\nCountry\nPhone\nMail"] * 5
    assert pages.drop_furniture(cards) == cards


def test_short_pages_are_left_alone() -> None:
    slides = [f"Title\nPoint {at}\nFooter" for at in range(6)]
    assert pages.drop_furniture(slides) == slides


@pytest.mark.parametrize(
    ("page", "known", "mended"),
    [
        ("the fisher-\nmen came", {}, "the fishermen\ncame"),
        ("a state-of-\nthe-art boat", {}, "a state-of-the-art\nboat"),
        ("the Anglo-\nSaxon boat", {}, "the Anglo-Saxon\nboat"),
        ("a well-\nknown boat", {"well-known": 2}, "a well-known\nboat"),
        ("a chat-\noptimized boat", {"chat": 3, "optimized": 2}, "a chat-optimized\nboat"),
        ("there-\nfore it", {"there": 9, "fore": 3, "therefore": 1}, "therefore\nit"),
        ("from 1990-\n1995 on", {}, "from 1990-\n1995 on"),
    ],
)
def test_broken_words_are_joined_unless_the_hyphen_belongs(page: str, known: dict[str, int], mended: str) -> None:
    assert pages.mend_hyphens(page, known) == mended


def test_the_one_mark_for_a_broken_word_is_a_hyphen_and_a_line_end() -> None:
    assert pages.with_lines("con\x02firm\r\nnext") == "con-\nfirm\nnext"


def test_lines_of_a_column_become_paragraphs() -> None:
    page = (
        "The harbour was quiet in the early morning, and\nthe fishermen mended their nets without a word\n"
        "until noon.\nThen the wind rose and everybody went out to sea\nagain."
    )
    assert pages.unwrap(page) == (
        "The harbour was quiet in the early morning, and the fishermen mended their nets without a word until noon."
        "\n\nThen the wind rose and everybody went out to sea again."
    )


def test_list_items_keep_their_lines() -> None:
    page = "Bring what is needed for the whole long journey:\n1. nets and ropes and lamps for the whole crew\n2. bread"
    assert pages.unwrap(page).split("\n")[1:] == ["1. nets and ropes and lamps for the whole crew", "2. bread"]


def test_a_heading_is_marked_where_it_stands_alone_and_not_in_a_sentence() -> None:
    headings = {pages.squeeze("2 Method"): "##", pages.squeeze("of the nets"): "##", pages.squeeze("x = y"): "##"}
    page = "so it ended.\n2 Method\nWe measured the length and breadth and the weight\nof the nets\nx = y"
    text = pages.unwrap(page, headings)
    assert "\n\n## 2 Method\n\nWe measured" in text
    assert text.count("##") == 1


@given(st.text(alphabet="abc -.\nAB12", max_size=200))
def test_unwrapping_loses_no_word(page: str) -> None:
    assert pages.unwrap(page).split() == page.split()


@given(st.lists(st.text(alphabet="abcdef -\n", max_size=120), max_size=6))
def test_mending_keeps_every_letter(texts: list[str]) -> None:
    for text in texts:
        mended = pages.mend_hyphens(text, pages.count_words(texts))
        assert Counter(mended.replace("-", "").replace("\n", "").replace(" ", "")) == Counter(
            text.replace("-", "").replace("\n", "").replace(" ", "")
        )


def test_arabic_given_from_left_to_right_is_turned_and_the_latin_in_it_is_not() -> None:
    line = "REST API لغة تعتبر ،وعليه"
    assert pages.in_reading_order([line]) == ["وعليه، تعتبر لغة REST API"]


@pytest.mark.parametrize("line", ["وعليه، فإن الحكومة تضع.", "Plain English, of course.", "مرحبا بكم"])
def test_lines_in_reading_order_stay(line: str) -> None:
    assert pages.in_reading_order([line]) == [line]
