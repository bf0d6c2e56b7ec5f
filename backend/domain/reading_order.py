"""The order in which a person reads what stands on a page: columns before rows where the page is set in columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; any unit, the same in both directions."""
Block = list[int]

LINES_OF_A_COLUMN = 4
PROSE_WIDTH = 8.0
"""Heights of a line: what is narrower, like the prices of a receipt, is a cell of a row and no column of prose."""
FULL_SHARE = 0.6
NEARBY = 2
"""Of the longest of so many lines above and below that a usual line of prose fills: a picture makes a column slim."""
SAME_ROW = 0.5
SAME_COLUMN = 0.5
"""Shares of the smaller of two lines that the other one covers."""
NEW_BLOCK = 0.8
"""Heights of a line that a gap between paragraphs has at least."""
MOST_BLOCKS = 300
"""A page in more pieces than that is no page in columns."""


def blocks(boxes: Sequence[Box]) -> list[list[list[int]]]:
    """Blocks of rows of indices into `boxes`, which are runs of words on one line each.

    Lines below each other are gathered into blocks. Where two blocks of prose stand side by side the page has columns,
    and the blocks are sorted by the two rules of Breuel (High performance document layout analysis, 2003): one comes
    before another that it stands above, and before one to its right if nothing spans both in between. Other pages,
    and tables and receipts, are read row by row.
    """
    if not boxes:
        return []
    height = median(bottom - top for _, top, _, bottom in boxes) or 1.0
    found = _gathered(boxes, height)
    prose = [_is_prose([boxes[index] for index in block], height) for block in found]
    outlines = [_outline([boxes[index] for index in block]) for block in found]
    written = [outline for outline, is_prose in zip(outlines, prose, strict=True) if is_prose]
    in_columns = any(_overlap_y(one, other) and not _overlap_x(one, other) for one, other in combinations(written, 2))
    if not in_columns or len(found) > MOST_BLOCKS:
        return _paragraphs(_rows(range(len(boxes)), boxes), boxes, height)
    order = _sorted(np.array(outlines), np.array(prose))
    return [block for number in order for block in _paragraphs(_rows(found[number], boxes), boxes, height)]


def _gathered(boxes: Sequence[Box], height: float) -> list[Block]:
    """Lines that follow each other downwards, with nothing beside one of them in the way of the other."""
    found: list[Block] = []
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index][1]):
        fits = [block for block in found if _continues(boxes, block, index, height)]
        if fits:
            shared = [_overlap_x(boxes[block[-1]], boxes[index]) for block in fits]
            fits[shared.index(max(shared))].append(index)
        else:
            found.append([index])
    return found


def _continues(boxes: Sequence[Box], block: Block, index: int, height: float) -> bool:
    last, line = boxes[block[-1]], boxes[index]
    if not -SAME_ROW * height < line[1] - last[3] < NEW_BLOCK * height:
        return False
    outline = _outline([boxes[one] for one in block])
    narrower = min(outline[2] - outline[0], line[2] - line[0])
    if _overlap_x(outline, line) < SAME_COLUMN * narrower:
        return False
    return not any(
        (number != index and _beside(line, other) and _overlap_x(outline, other))
        or (number not in block and _beside(last, other) and _overlap_x(line, other))
        for number, other in enumerate(boxes)
    )


def _outline(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return (min(left), min(top), max(right), max(bottom))


def _overlap_x(one: Box, other: Box) -> float:
    return max(0.0, min(one[2], other[2]) - max(one[0], other[0]))


def _overlap_y(one: Box, other: Box) -> float:
    return max(0.0, min(one[3], other[3]) - max(one[1], other[1]))


def _is_prose(lines: Sequence[Box], height: float) -> bool:
    widths = [line[2] - line[0] for line in lines]
    shares = [width / max(widths[max(0, at - NEARBY) : at + NEARBY + 1]) for at, width in enumerate(widths)]
    return len(lines) >= LINES_OF_A_COLUMN and median(widths) >= PROSE_WIDTH * height and median(shares) >= FULL_SHARE


def _sorted(outlines: NDArray[np.float64], prose: NDArray[np.bool_]) -> list[int]:
    left, top, right, bottom = outlines.T
    middle = (top + bottom) / 2
    above = middle[:, None] < middle[None, :]
    shared = np.minimum(right[:, None], right) > np.maximum(left[:, None], left)
    level = np.minimum(bottom[:, None], bottom) > np.maximum(top[:, None], top)
    before = shared & above
    # a line that stands alone, such as a page number, waits for nothing but what is on its own level
    for one, other in np.argwhere((right[:, None] <= left[None, :]) & (level | (prose[:, None] & prose[None, :]))):
        between = shared[one] & shared[other] & (above[one] != above[other])
        before[one, other] = not between.any()
    np.fill_diagonal(before, val=False)
    waiting, order = list(np.lexsort((left, top))), []
    while waiting:
        ready = (number for number in waiting if not before[waiting, number].any())
        chosen = next(ready, waiting[0])  # two that wait for each other: the upper one
        waiting.remove(chosen)
        order.append(int(chosen))
    return order


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
    return _overlap_y(one, other) >= SAME_ROW * min(one[3] - one[1], other[3] - other[1])


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
