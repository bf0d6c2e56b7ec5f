"""The numbers of a board: how they are put together and when they are out of date."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

VERSION = 1
"""Of the way of counting: numbers of another version are computed anew."""

WORDS_A_MINUTE = 238
"""Silent reading of non-fiction by adults, the mean of 190 studies: Brysbaert, "How many words do we read per minute?"
(Journal of Memory and Language, 2019)."""

CHARACTERS_OF_A_WORD = 6
"""With the space behind it; for documents that were read before words were counted."""

LONGEST_LIST = 50
"""Clusters, concepts, sources and tags that are listed."""

OLD_SECONDS = 3600.0
"""Numbers older than this are out of date even when nothing is known to have changed: their weeks and days move on."""

LEAST_SECONDS = 60.0
"""Between two computations that nobody asked for."""


class Typed(NamedTuple):
    """Documents of one media type."""

    media_type: str
    documents: int
    bytes: int


def reading_minutes(words: int) -> int:
    """Minutes to read so many words, at least one where there are any."""
    return max(1, round(words / WORDS_A_MINUTE)) if words else 0


def by_type(rows: Iterable[Typed], families: Callable[[str], list[str]]) -> list[dict[str, Any]]:
    """Documents and bytes by family of media type ("pdf"), the most first; a type of no family stands for itself."""
    documents: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for row in rows:
        name = next(iter(families(row.media_type)), row.media_type)
        documents[name] += row.documents
        size[name] += row.bytes
    ordered = sorted(documents, key=lambda name: (-documents[name], name))
    return [{"name": name, "documents": documents[name], "bytes": size[name]} for name in ordered]


def etag(numbers: dict[str, Any]) -> str:
    """The same for the same numbers, 32 hex digits."""
    packed = json.dumps(numbers, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(packed.encode()).hexdigest()[:32]


def is_stale(*, changed: bool, age_seconds: float) -> bool:
    """Whether numbers may no longer be right: something changed since, or they are old."""
    return changed or age_seconds > OLD_SECONDS


def is_due(*, changed: bool, age_seconds: float | None) -> bool:
    """Whether the clock has them computed anew; `age_seconds` None when they never were.

    A board that somebody works on all day costs one computation a minute, however much happens on it.
    """
    if age_seconds is None:
        return changed
    return age_seconds >= LEAST_SECONDS and is_stale(changed=changed, age_seconds=age_seconds)
