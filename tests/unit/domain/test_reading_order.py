"""Lines of a page are put into the order in which a person reads them."""

from __future__ import annotations

from backend.domain.reading_order import Box, blocks

HIGH = 20.0
"""A line of print; the next stands one and a half lower."""


def column(left: float, right: float, lines: int, top: float = 0.0) -> list[Box]:
    return [(left, top + 30 * line, right, top + 30 * line + HIGH) for line in range(lines)]


def order(boxes: list[Box]) -> list[int]:
    return [index for block in blocks(boxes) for row in block for index in row]


def shuffled(boxes: list[Box]) -> tuple[list[Box], list[int]]:
    """By their height on the page, as engines find them; and where each was before."""
    places = sorted(range(len(boxes)), key=lambda index: (boxes[index][1], boxes[index][0]))
    return [boxes[index] for index in places], places


def assert_read_as_given(boxes: list[Box]) -> None:
    found, places = shuffled(boxes)
    assert [places[index] for index in order(found)] == list(range(len(boxes)))


def test_a_page_without_lines_has_no_blocks() -> None:
    assert blocks([]) == []


def test_lines_are_read_from_top_to_bottom() -> None:
    assert_read_as_given(column(0, 400, 6))


def test_columns_are_read_one_after_the_other() -> None:
    assert_read_as_given(column(0, 300, 8) + column(340, 640, 8))
    assert_read_as_given(column(0, 300, 8) + column(340, 640, 8) + column(680, 980, 8))


def test_columns_need_not_stand_at_one_height() -> None:
    assert_read_as_given(column(0, 300, 9) + column(340, 640, 8, top=11))


def test_a_heading_is_read_before_the_columns_and_a_footing_after_them() -> None:
    heading, footing = [(0.0, 0.0, 640.0, 30.0)], [(0.0, 400.0, 640.0, 420.0)]
    assert_read_as_given(heading + column(0, 300, 8, top=60) + column(340, 640, 8, top=60) + footing)


def test_a_heading_parts_columns_above_it_from_those_below() -> None:
    above = column(0, 300, 5) + column(340, 640, 5)
    below = column(0, 300, 5, top=260) + column(340, 640, 5, top=260)
    assert_read_as_given([*above, (0.0, 200.0, 640.0, 230.0), *below])


def test_a_picture_between_columns_makes_them_slim_and_leaves_them_columns() -> None:
    left = column(0, 300, 4) + column(0, 200, 9, top=120) + column(0, 300, 4, top=390)
    right = column(340, 640, 4) + column(440, 640, 9, top=120) + column(340, 640, 4, top=390)
    assert_read_as_given(left + right)


def test_prices_stay_beside_what_they_are_for() -> None:
    rows = [
        box
        for line in range(8)
        for box in (
            (0.0, 30.0 * line, 200.0, 30.0 * line + HIGH),
            (420.0, 30.0 * line + 2, 480.0, 30.0 * line + HIGH + 2),
        )
    ]
    assert_read_as_given(rows)
    assert [len(row) for block in blocks(rows) for row in block] == [2] * 8


def test_a_wider_gap_begins_a_new_block() -> None:
    found = blocks(column(0, 400, 3) + column(0, 400, 2, top=130))
    assert [len(block) for block in found] == [3, 2]


def test_a_line_that_leans_is_one_row() -> None:
    leaning = [(120.0 * word, 4.0 * word, 120.0 * word + 100, 4.0 * word + HIGH) for word in range(6)]
    assert [len(row) for block in blocks(leaning) for row in block] == [6]
