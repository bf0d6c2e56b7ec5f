"""From two readings of one page to its article: which of them to follow, and what is left out at its ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.providers.extractors.article_markdown import Block

_KEPT = 0.4
"""The strict reading counts unless it lost more than this leaves of what the lenient one found."""
_ALIKE, _LINKED = 0.9, 0.8
_SENTENCE = re.compile("[.!?\u2026\u3002\uff01\uff1f][\"'\u2019\u201d\xbb)\\]]*$")
"""Ends as a sentence does, in Latin or Chinese script, with or without closing quotes."""
_CALL = re.compile(
    r"\b(?:newsletters?|subscribe|sign(?:ing)? up|abonnieren|abonnez|inscrivez|suscr[ií]b\w*|assine|iscriviti)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:[#>*\s-]*)(?:tags?|tagged|filed under|categor(?:y|ies|ias?|ie|ías?)|schlagw[oö]rter|mots[- ]cl[ée]s"
    r"|posted (?:by|on)|published (?:by|on)|publicado|share this)\b\s*:?",
    re.IGNORECASE,
)
_WORD, _NUMBER = re.compile(r"\w+"), re.compile(r"\d+")
_SHORT, _LONG, _A_FEW, _HEAD = 60, 30, 3, 5
_FEWEST_PROSE_WORDS = 8
_LONGEST_BYLINE, _LONGEST_TITLE, _LONGEST_LABEL = 8, 40, 25


@dataclass(frozen=True)
class Known:
    """What is known of the article from elsewhere, so that its text need not repeat it."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    date: str | None = None


def choose(strict: Sequence[Block], lenient: Sequence[Block]) -> list[Block]:
    """The strict reading, with the prose that only the lenient one kept in its midst; or the lenient one alone."""
    if _size(strict) < _KEPT * _size(lenient):
        return list(lenient)
    known = {block.words for block in strict}
    shared = [at for at, block in enumerate(lenient) if block.words in known]
    if not shared:
        return list(strict)
    chosen: list[Block] = []
    left = list(strict)
    for block in lenient[shared[0] : shared[-1] + 1]:
        if block.words in known:
            while left:
                head = left.pop(0)
                chosen.append(head)
                if head.words == block.words:
                    break
        elif _is_prose(block) and not any(_holds(other, block) for other in strict):
            chosen.append(block)
    return chosen + left


def trim(found: Sequence[Block], known: Known) -> list[Block]:
    """Without title and byline at the head, calls to subscribe at both ends, and links onward at the foot."""
    whole = _without_repeats(found)
    head = [block for block in whole[:_HEAD] if not _is_told(block, known)]
    kept = head + whole[_HEAD:] or whole
    while len(kept) > 1 and _is_call(kept[0]):
        del kept[0]
    while len(kept) > 1 and (kept[-1].kind == "head" or _leads_on(kept[-1]) or _is_call(kept[-1])):
        del kept[-1]
    return kept


def _is_prose(block: Block) -> bool:
    return (
        block.kind in {"p", "quote"}
        and len(block.words) >= _FEWEST_PROSE_WORDS
        and bool(_SENTENCE.search(block.text.strip()))
    )


def _holds(outer: Block, inner: Block) -> bool:
    return " ".join(inner.words) in " ".join(outer.words)


def _size(found: Sequence[Block]) -> int:
    return sum(len(block.words) for block in found)


def _without_repeats(found: Sequence[Block]) -> list[Block]:
    """Each long block once: a print version, or a copy for small screens, says the same again."""
    kept: list[Block] = []
    seen: set[tuple[str, ...]] = set()
    for block in found:
        if len(block.words) < _LONG or block.words not in seen:
            kept.append(block)
        seen.add(block.words)
    return kept


def _is_told(block: Block, known: Known) -> bool:
    """Whether it says no more than the title, the author or the date."""
    if block.kind in {"table", "code"} or len(block.words) > _LONGEST_TITLE:
        return False
    said = _folded(block.words)
    if any(_is_title(said, _folded(_WORD.findall(title))) for title in known.titles):
        return True
    if _LABEL.match(block.text):
        return len(said) < _LONGEST_LABEL
    return not _SENTENCE.search(block.text) and _is_byline(said, known)


def _is_title(said: set[str], title: set[str]) -> bool:
    alike = len(said & title) >= _ALIKE * max(len(said), len(title))
    return bool(title) and (said == title or (len(said) > _A_FEW and alike))


def _is_byline(said: set[str], known: Known) -> bool:
    names = _folded(word for author in known.authors for word in _WORD.findall(author))
    numbers = {word.lstrip("0") for word in said if word.isdigit()}
    # the month may be a word: the year and the day are enough
    date = {number.lstrip("0") for number in _NUMBER.findall(known.date or "")[::2]}
    rest = [word for word in said - names if not word.isdigit()]
    return len(rest) <= _LONGEST_BYLINE and (bool(names and names <= said) or bool(date and date <= numbers))


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _is_call(block: Block) -> bool:
    return len(block.words) <= _SHORT and block.kind != "code" and bool(_CALL.search(block.text))


def _leads_on(block: Block) -> bool:
    """A list or line of links, or labels of the article, as they stand below one."""
    if _LABEL.match(block.text) and len(block.words) < _SHORT:
        return True
    return block.kind in {"list", "p", "table"} and block.linked >= _LINKED * len(block.words)
