"""How what words say of passages and what their meaning says become one order of documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

MEANING = 0.5
"""The share of the meaning in the score; the words have the rest. `docs/decisions/0035` has how it was chosen."""


@dataclass(frozen=True)
class Scored:
    """A passage with what is known of it: BM25 (0 without a word of the query) and the cosine (None unknown)."""

    passage_id: int
    document_id: int
    words: float
    meaning: float | None


@dataclass(frozen=True)
class Ranked:
    """A passage in its place; `score` is from 0 to 1, and that of the first of a document is the document's own."""

    passage_id: int
    document_id: int
    score: float


def mixed(passages: Sequence[Scored]) -> list[Ranked]:
    """Passages, those of the best document first, and of each document the best first.

    Both scores are brought to 0 to 1 among all candidates (min-max), because only so can they be added. A document is
    as good as its best passage by words and its best passage by meaning, which need not be the same one: a long
    document says a thing in one place and names it in another.
    """
    words = _scaled([passage.words for passage in passages], low=0.0)
    known = [passage.meaning for passage in passages if passage.meaning is not None]
    low = min(known, default=0.0)
    meaning = _scaled([low if passage.meaning is None else passage.meaning for passage in passages], low=low)
    share = MEANING if known else 0.0
    rows = sorted(zip(passages, words, meaning, strict=True), key=lambda row: row[0].document_id)
    documents = []
    for _, group in groupby(rows, key=lambda row: row[0].document_id):
        mine = list(group)
        whole = _mix(max(row[1] for row in mine), max(row[2] for row in mine), share)
        each = sorted(((_mix(a, b, share), passage) for passage, a, b in mine), key=_best_first)
        first = Ranked(each[0][1].passage_id, each[0][1].document_id, whole)
        rest = [Ranked(passage.passage_id, passage.document_id, score) for score, passage in each[1:]]
        documents.append([first, *rest])
    documents.sort(key=lambda mine: (-mine[0].score, mine[0].document_id))
    return [passage for mine in documents for passage in mine]


def _mix(words: float, meaning: float, share: float) -> float:
    return (1 - share) * words + share * meaning


def _best_first(row: tuple[float, Scored]) -> tuple[float, int]:
    return -row[0], row[1].passage_id


def _scaled(scores: Iterable[float], *, low: float) -> list[float]:
    values = list(scores)
    span = max(values, default=low) - low
    return [(value - low) / span if span > 0 else 0.0 for value in values]
