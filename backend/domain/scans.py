"""Words that were read on pictures of pages, put back into running text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from backend.domain import pages
from backend.domain.sources import Word
from backend.domain.text import clean

_WITHOUT_SPACES = re.compile("[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Chinese and Japanese, which are written without spaces (Unicode 15, blocks of CJK and kana)."""
_HYPHENS = "-\u2010\u00ad"
_LISTED = 12
_LOOK_AHEAD = 200
"""Characters: what follows later is another word that is spelled the same."""


def lines_of(words: Sequence[Word]) -> str:
    """The words as they stand on the page: a line each, an empty line between blocks."""
    blocks = itertools.groupby(words, lambda word: word.block)
    return "\n\n".join("\n".join(_lines(list(block))) for _, block in blocks)


def _lines(block: Sequence[Word]) -> Iterator[str]:
    for _, line in itertools.groupby(block, lambda word: word.line):
        written = ""
        for word in filter(None, (clean(word.text).strip() for word in line)):
            written += word if not written or _touching(written, word) else f" {word}"
        if written:
            yield written


def _touching(before: str, after: str) -> bool:
    return bool(_WITHOUT_SPACES.match(before[-1]) and _WITHOUT_SPACES.match(after[0]))


def running(texts: Mapping[int, str]) -> dict[int, str]:
    """Pages given by number, as `lines_of` has them, with paragraphs for lines and without running headers."""
    numbers = sorted(texts)
    plain = pages.drop_furniture([texts[number] for number in numbers])
    words = pages.count_words(plain)
    return {number: pages.unwrap(pages.mend_hyphens(text, words)) for number, text in zip(numbers, plain, strict=True)}


def aligned(words: Sequence[str], text: str, start: int, end: int) -> list[tuple[int, int] | None]:
    """Where each word of a page stands in `text[start:end]`, the running text of that page; None where it does not.

    A word that was broken at the end of a line is found by its first half.
    """
    places: list[tuple[int, int] | None] = []
    at = start
    for word in (clean(word).strip() for word in words):
        place = _found(word, text, at, end) or _found(word.rstrip(_HYPHENS), text, at, end)
        places.append(place)
        at = place[1] if place else at
    return places


def _found(word: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    at = text.find(word, start, min(start + _LOOK_AHEAD + len(word), end)) if word else -1
    return (at, at + len(word)) if at >= 0 else None


def listed(numbers: Sequence[int]) -> str:
    """Page numbers for a sentence: "1-3, 7 and 12 more"."""
    runs = [
        [number for _, number in group]
        for _, group in itertools.groupby(enumerate(sorted(numbers)), lambda entry: entry[1] - entry[0])
    ]
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:_LISTED]]
    left = sum(len(run) for run in runs[_LISTED:])
    return ", ".join(shown) + (f" and {left} more" if left else "")
