"""Words of pictured pages become running text, and are found in it again."""

from __future__ import annotations

import pytest

from backend.domain import scans
from backend.domain.sources import Word

BOX = (0.0, 0.0, 1.0, 1.0)


def words(*lines: str, block: int = 0, first: int = 0) -> list[Word]:
    return [Word(word, BOX, first + at, block, 0.9) for at, line in enumerate(lines) for word in line.split()]


def test_lines_and_blocks_stay_what_they_were_on_the_page() -> None:
    page = words("Boats and", "nets") + words("Sails", block=1, first=2)
    assert scans.lines_of(page) == "Boats and\nnets\n\nSails"


def test_chinese_and_japanese_are_written_without_spaces() -> None:
    assert scans.lines_of(words("漁師 は 網 を Oslo で")) == "漁師は網を Oslo で"


def test_what_no_text_may_hold_is_left_out() -> None:
    assert scans.lines_of(words("Boats \u202e and\x00 \x07 nets")) == "Boats and nets"


def test_lines_of_a_page_are_put_back_into_paragraphs_with_their_words_whole() -> None:
    lines = ("The harbour was quiet in the morn-", "ing, and the fishers mended nets.")
    page = scans.lines_of(words(*lines) + words("Then rain.", block=1, first=2))
    text = "The harbour was quiet in the morning, and the fishers mended nets.\n\nThen rain."
    assert scans.running({7: page}) == {7: text}


def test_running_headers_of_a_scan_go() -> None:
    crews = ("Anna", "Bert", "Cora", "Dirk", "Elsa", "Finn")
    pages = {
        number: "\n".join(["Annual report", *(f"{crew} sails {'far ' * number}out." for crew in crews), str(number)])
        for number in range(1, 6)
    }
    texts = scans.running(pages)
    assert all("Annual report" not in text for text in texts.values())
    assert all(crew in text for text in texts.values() for crew in crews)


def test_words_are_found_in_the_text_of_their_page() -> None:
    text = "nets nets. The morning nets"
    places = scans.aligned(["The", "morn-", "ing", "nets", "lost"], text, 11, len(text))
    found = [
        text[start:end] if (start, end) != (0, 0) else None for start, end in (place or (0, 0) for place in places)
    ]
    assert found == ["The", "morn", "ing", "nets", None]
    assert places[3] == (23, 27)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([4], "4"),
        ([3, 1, 2, 7], "1-3, 7"),
        (list(range(1, 61, 2)), "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 18 more"),
    ],
)
def test_page_numbers_are_said_in_runs(numbers: list[int], said: str) -> None:
    assert scans.listed(numbers) == said
