"""The order in which a person reads what stands on a page: columns before rows where the page is set in columns."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; any unit, the same in both directions."""

LINES_OF_A_COLUMN = 4
PROSE_WIDTH = 8.0
"""Heights of a line: what is narrower, like the prices of a receipt, is a cell of a row and no column of prose."""
FULL_SHARE = 0.6
"""Of its column's width that the middle one of its lines fills."""
GUTTER = 0.5
SAME_ROW = 0.5
NEW_BLOCK = 0.8
"""Heights of a line that a gap has at least: between columns, and between paragraphs."""


def blocks(boxes: Sequence[Box]) -> list[list[list[int]]]:
    """Blocks of lines of indices into `boxes`, which are runs of words on one line each.

    Columns are looked for as the tallest band of the page through which a white gap runs from top to bottom, with
    prose on either side; what is above is read first, then the columns from left to right, then what is below. (A
    bottom-up relative of the recursive X-Y cut of Nagy and Seth, 1984, which cannot see columns under a heading.)
    """
    if not boxes:
        return []
    height = median(bottom - top for _, top, _, bottom in boxes) or 1.0
    return _ordered(list(range(len(boxes))), boxes, height)


def _ordered(indices: list[int], boxes: Sequence[Box], height: float) -> list[list[list[int]]]:
    indices = sorted(indices, key=lambda index: boxes[index][1])
    found = _columns(indices, boxes, height)
    if found is None:
        return _paragraphs(_rows(indices, boxes), boxes, height)
    first, last, x = found
    band = indices[first:last]
    left = [index for index in band if _middle(boxes[index]) < x]
    right = [index for index in band if _middle(boxes[index]) >= x]
    return [
        block
        for part in (indices[:first], left, right, indices[last:])
        if part
        for block in _ordered(part, boxes, height)
    ]


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _columns(indices: Sequence[int], boxes: Sequence[Box], height: float) -> tuple[int, int, float] | None:
    """The band (from, to) of `indices` with most lines that a gutter at x divides into columns of prose."""
    best: tuple[int, int, int, float] | None = None
    for x in sorted({boxes[index][0] - GUTTER * height / 2 for index in indices}):
        start = 0
        for at in range(len(indices) + 1):
            if at < len(indices) and not _crosses(boxes[indices[at]], x, height):
                continue
            size = at - start
            if size >= 2 * LINES_OF_A_COLUMN and (best is None or size > best[0]):
                band = [boxes[index] for index in indices[start:at]]
                sides = [box for box in band if _middle(box) < x], [box for box in band if _middle(box) >= x]
                if all(_is_prose(side, height) for side in sides):
                    best = (size, start, at, x)
            start = at + 1
    return best[1:] if best else None


def _crosses(box: Box, x: float, height: float) -> bool:
    """Whether the box reaches into the gutter, whose right edge is at x + half a gutter."""
    margin = GUTTER * height / 2
    return box[0] < x + margin - 1e-9 and box[2] > x - margin


def _is_prose(side: Sequence[Box], height: float) -> bool:
    if len(side) < LINES_OF_A_COLUMN:
        return False
    width = max(box[2] for box in side) - min(box[0] for box in side)
    usual = median(box[2] - box[0] for box in side)
    return usual >= PROSE_WIDTH * height and usual >= FULL_SHARE * width


def _rows(indices: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """Runs that stand side by side, from left to right, in rows from top to bottom."""
    rows: list[list[int]] = []
    for index in sorted(indices, key=lambda index: boxes[index][1] + boxes[index][3]):
        if rows and _beside(boxes[rows[-1][-1]], boxes[index]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [sorted(row, key=lambda index: boxes[index][0]) for row in rows]


def _beside(one: Box, other: Box) -> bool:
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    return overlap >= SAME_ROW * min(one[3] - one[1], other[3] - other[1])


def _paragraphs(rows: Sequence[list[int]], boxes: Sequence[Box], height: float) -> list[list[list[int]]]:
    found: list[list[list[int]]] = []
    bottom = 0.0
    for row in rows:
        top = min(boxes[index][1] for index in row)
        if not found or top - bottom > NEW_BLOCK * height:
            found.append([])
        found[-1].append(row)
        bottom = max(boxes[index][3] for index in row)
    return found
