"""Which words of one text are which words of another, in near-linear time.

Runs of words that stand once in either text are found by hashing and ordered by their longest rising chain (patience
diff, https://bramcohen.livejournal.com/73318.html); what lies between them is aligned with shorter runs, and word by
word once it is small. Nothing is compared with everything: what is too large to look into stays apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

from backend.domain.word_runs import Numbers, pairs, rising, runs

# a character of a script without spaces is a word, and so is a mark
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]"
)
Word = tuple[int, int]
"""One word of a text, as character offsets."""

RUNS = (8, 4, 2)
"""Lengths of the runs of words that are looked for, one after the other."""
SMALL = 40_000
"""Words of one side times words of the other, up to which a gap is aligned word by word."""
NARROW = 4_000
"""Words of the longer side up to which runs of two words are worth looking for: farther apart they meet by chance."""
BUDGET = 12_000_000
"""The sum of all such products for two texts; what is left after it stays apart."""

_REACH = 64


class Block(NamedTuple):
    """`size` words from `a` of the first text are those from `b` of the second."""

    a: int
    b: int
    size: int


@dataclass(frozen=True)
class Alignment:
    """The words of both texts and the blocks they share, rising in both; `complete` unless something was too large."""

    words_a: list[Word]
    words_b: list[Word]
    blocks: list[Block]
    complete: bool


class _Gap(NamedTuple):
    """Words `a` to `a_end` of the first and `b` to `b_end` of the second text, not aligned yet."""

    a: int
    a_end: int
    b: int
    b_end: int

    @property
    def work(self) -> int:
        return (self.a_end - self.a) * (self.b_end - self.b)

    @property
    def longer(self) -> int:
        return max(self.a_end - self.a, self.b_end - self.b)


def words_of(text: str) -> list[Word]:
    """Words and marks of a text, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def align(text_a: str, text_b: str) -> Alignment:
    """Align two texts word by word; white space does not count, case does."""
    words_a, words_b = words_of(text_a), words_of(text_b)
    numbers: dict[str, int] = {}
    a = _numbered(text_a, words_a, numbers)
    b = _numbered(text_b, words_b, numbers)
    aligner = _Aligner(a, b)
    blocks = aligner.run()
    return Alignment(words_a, words_b, blocks, aligner.complete)


def _numbered(text: str, words: Sequence[Word], numbers: dict[str, int]) -> Numbers:
    found = [numbers.setdefault(text[start:end], len(numbers)) for start, end in words]
    return np.array(found, dtype=np.int64)


class _Aligner:
    def __init__(self, a: Numbers, b: Numbers) -> None:
        self.a, self.b = a, b
        self.left = BUDGET
        self.complete = True

    def run(self) -> list[Block]:
        head = _edge(self.a, self.b)
        tail = _edge(self.a[head:][::-1], self.b[head:][::-1])
        gap = _Gap(head, len(self.a) - tail, head, len(self.b) - tail)
        found = [Block(0, 0, head), *self._within(gap, 0), Block(gap.a_end, gap.b_end, tail)]
        return _joined([block for block in found if block.size])

    def _within(self, gap: _Gap, level: int) -> list[Block]:
        """The blocks of a gap: by runs of the length of this level, and in what they leave by shorter ones."""
        if gap.work == 0:
            return []
        if gap.work <= SMALL or level == len(RUNS):
            return self._by_word(gap)
        if RUNS[level] == RUNS[-1] and gap.longer > NARROW:
            return []
        anchors = self._anchors(gap, RUNS[level])
        blocks: list[Block] = []
        for between in _between(gap, anchors):
            blocks += self._within(between, level + 1)
        return sorted([*anchors, *blocks])

    def _anchors(self, gap: _Gap, length: int) -> list[Block]:
        a, b = self.a[gap.a : gap.a_end], self.b[gap.b : gap.b_end]
        chain = rising(*pairs(runs(a, length), runs(b, length)))
        return _grown(self.a, self.b, gap, chain, length)

    def _by_word(self, gap: _Gap) -> list[Block]:
        if gap.work > SMALL or gap.work > self.left:
            self.complete = False
            return []
        self.left -= gap.work
        a, b = self.a[gap.a : gap.a_end].tolist(), self.b[gap.b : gap.b_end].tolist()
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        return [Block(gap.a + i, gap.b + j, size) for i, j, size in matcher.get_matching_blocks() if size]


def _common(a: Numbers, b: Numbers) -> int:
    """How many words both begin with."""
    size = min(len(a), len(b))
    differ = np.flatnonzero(a[:size] != b[:size])
    return int(differ[0]) if len(differ) else size


def _edge(a: Numbers, b: Numbers) -> int:
    """How many words both begin with; a few of them are chance."""
    found = _common(a, b)
    return found if found >= RUNS[0] else 0


def _grown(a: Numbers, b: Numbers, gap: _Gap, chain: Sequence[tuple[int, int]], length: int) -> list[Block]:
    """The runs of a chain as blocks that do not overlap, each as long as the texts agree."""
    blocks: list[Block] = []
    a_from, b_from = gap.a, gap.b
    for i, j in chain:
        at_a, at_b = gap.a + i, gap.b + j
        if at_a < a_from or at_b < b_from or not np.array_equal(a[at_a : at_a + length], b[at_b : at_b + length]):
            continue
        back = _common(a[a_from:at_a][::-1][:_REACH], b[b_from:at_b][::-1][:_REACH])
        ahead = _ahead(a[at_a : gap.a_end], b[at_b : gap.b_end])
        blocks.append(Block(at_a - back, at_b - back, back + ahead))
        a_from, b_from = at_a + ahead, at_b + ahead
    return blocks


def _ahead(a: Numbers, b: Numbers) -> int:
    """How many words both begin with, looking no farther than needed."""
    reach = _REACH
    while True:
        found = _common(a[:reach], b[:reach])
        if found < reach:
            return found
        reach *= 4


def _between(gap: _Gap, blocks: Sequence[Block]) -> list[_Gap]:
    gaps, a, b = [], gap.a, gap.b
    for block in blocks:
        gaps.append(_Gap(a, block.a, b, block.b))
        a, b = block.a + block.size, block.b + block.size
    return [*gaps, _Gap(a, gap.a_end, b, gap.b_end)]


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Blocks that touch in both texts as one."""
    joined: list[Block] = []
    for block in blocks:
        if joined and joined[-1].a + joined[-1].size == block.a and joined[-1].b + joined[-1].size == block.b:
            joined[-1] = Block(joined[-1].a, joined[-1].b, joined[-1].size + block.size)
        else:
            joined.append(block)
    return joined
