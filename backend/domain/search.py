"""What a query says, how its words are weighed, and what a person is shown of a passage."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.words import spaced

LONGEST_QUERY = 500
MOST_WORDS = 32
SNIPPET_CHARS = 240
NEAR_ENOUGH = 0.35
"""Cosine below which a passage is no answer to a query, only the least far one.

With the packaged model, the best of 500 news passages had .42 to .63 for queries on their subjects, .15 to .27 for
queries on other subjects, and .24 to .35 for random letters.
"""
K1, B = 1.2, 0.75
TITLE = 2
"""A word in the title counts as so many in the text."""
LONGEST_ENDING = 4
LEAST_MEANING = 3
LONGEST_MEANING = 200
"""A longer run of letters is no word: its vector means "unknown" and is near anything odd."""

_TOKEN = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_WORD = re.compile(r"\w+(?:[.'’@&/+-]\w+)*")  # noqa: RUF001  an apostrophe as people type it
_OPERATORS = frozenset({"or", "and", "not"})
_UPPER_OPERATORS = frozenset(word.upper() for word in _OPERATORS)


@dataclass(frozen=True)
class Query:
    """A query in websearch syntax: words to rank by, "phrases" that must be there, -words that must not.

    `typing` is the last word when it may be unfinished; `meaning` what is embedded.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    typing: str | None = None
    meaning: str = ""


@dataclass(frozen=True)
class Term:
    """One word of a query as the index knows it: `stems` by language, `words` as written, `prefix` while typing."""

    stems: frozenset[str]
    words: frozenset[str]
    prefix: str | None = None


@dataclass(frozen=True)
class Counted:
    """What BM25 needs of one passage: its length in characters and how often it has each term."""

    length: int
    counts: tuple[int, ...]


def parse(text: str) -> Query:
    """Read a query; anything at all is a query, though perhaps an empty one."""
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    last = ""
    clean = text.replace("\x00", " ")[:LONGEST_QUERY]
    for minus, quoted, bare in _TOKEN.findall(clean):
        last = ""
        if quoted or not bare:
            target = excluded if minus else phrases
            target.extend([phrase] if (phrase := " ".join(_words(quoted))) else [])
        elif bare in _UPPER_OPERATORS:
            continue
        elif bare.startswith("-") and len(bare) > 1:
            excluded.extend(_words(bare))
        else:
            found = _words(bare)
            words.extend(found)
            last = found[-1] if found else ""
    typing = last if last and clean[-1:].isalnum() else None
    # one or two letters of a word that is being typed mean nothing yet, and would pull the vector anywhere
    said = words[:-1] if typing and len(typing) < LEAST_MEANING and len(words) > 1 else words
    meaning = " ".join(word for word in [*said, *phrases] if len(word) <= LONGEST_MEANING)
    return Query(tuple(words[:MOST_WORDS]), tuple(phrases[:MOST_WORDS]), tuple(excluded[:MOST_WORDS]), typing, meaning)


def _words(text: str) -> list[str]:
    return _WORD.findall(spaced(text))


def weight(frequency: int, passages_in_all: int) -> float:
    """How much a term that `frequency` passages have tells: BM25's inverse document frequency."""
    return math.log(1 + max(passages_in_all - frequency + 0.5, 0.5) / (frequency + 0.5))


def bm25(passages: Sequence[Counted], weights: Sequence[float]) -> list[float]:
    """Okapi BM25 (Robertson, Zaragoza 2009) of each passage, `weights` being those of its terms."""
    average = sum(passage.length for passage in passages) / max(len(passages), 1) or 1.0
    return [
        sum(
            weight * count * (K1 + 1) / (count + K1 * (1 - B + B * passage.length / average))
            for weight, count in zip(weights, passage.counts, strict=True)
        )
        for passage in passages
    ]


def snippet(text: str, terms: Sequence[Term], phrases: Sequence[str]) -> tuple[str, list[list[int]]]:
    """The stretch of a passage that shows most of the query, on one line, and where in it the words stand."""
    flat = " ".join(text.split())
    hits = _hits(flat, terms, phrases)
    start = _best_start(hits)
    if start:
        start = flat.rfind(" ", 0, start) + 1
    end = min(len(flat), start + SNIPPET_CHARS)
    if end < len(flat):
        space = flat.rfind(" ", start, end)
        end = space if space > start else end
    shown = [[a - start, b - start] for a, b in hits if a >= start and b <= end]
    return flat[start:end], shown


def _hits(flat: str, terms: Sequence[Term], phrases: Sequence[str]) -> list[tuple[int, int]]:
    lower = flat.lower() if len(flat.lower()) == len(flat) else flat
    spans = [match.span() for match in re.finditer(r"\w+", lower) if _is_hit(match[0], terms)]
    wide = {word for term in terms for word in term.words if spaced(word) != word}
    for wanted in [*wide, *(phrase.lower() for phrase in phrases)]:
        spans.extend(match.span() for match in re.finditer(re.escape(wanted), lower))
    return _joined(spans)


def _is_hit(word: str, terms: Sequence[Term]) -> bool:
    for term in terms:
        if word in term.words or (term.prefix and word.startswith(term.prefix)):
            return True
        for stem in term.stems:
            root = stem.removesuffix("i")
            if word.startswith(root) and len(word) - len(root) <= LONGEST_ENDING:
                return True
    return False


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _best_start(hits: list[tuple[int, int]]) -> int:
    """Where a window of SNIPPET_CHARS holds most hits, a little before the first of them."""
    best, most, first = 0, 0, 0
    for last, (_, end) in enumerate(hits):
        while end - hits[first][0] > SNIPPET_CHARS - 40:
            first += 1
            if first > last:
                break
        if last - first + 1 > most:
            best, most = hits[min(first, last)][0], last - first + 1
    return max(0, best - 40)
