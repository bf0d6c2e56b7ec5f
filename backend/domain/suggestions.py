"""Suggestions while somebody types: which words of a name are looked up, and which suggestion comes first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["saved_search", "tag", "cluster", "concept", "document", "word"]
NAMED: tuple[Kind, ...] = ("saved_search", "tag", "cluster", "concept", "document")
"""What has a name that may be suggested, in the order of equals: what people made before what was found."""
KINDS: tuple[Kind, ...] = (*NAMED, "word")
LONGEST_WORD = 60
MOST_WORDS = 8

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Suggestion:
    """Something of the board whose name has what was typed; `count` is how many documents it stands for."""

    kind: Kind
    id: int | None
    text: str
    detail: str
    count: int


def words(text: str) -> tuple[str, ...]:
    """The words of what was typed as the table `suggestion_words` has them: small letters without accents."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()
    return tuple(word[:LONGEST_WORD] for word in _WORD.findall(plain)[:MOST_WORDS])


def detail(suggestion: Suggestion) -> str:
    """What is shown beside the text: what it is about, or how many documents it stands for."""
    if suggestion.kind == "document":
        return suggestion.detail if suggestion.detail != suggestion.text else ""
    if suggestion.kind == "saved_search":
        return suggestion.detail
    unit = "name" if suggestion.kind == "word" else "document"
    counted = f"{suggestion.count} {unit}{'' if suggestion.count == 1 else 's'}"
    return ", ".join(part for part in (suggestion.detail, counted) if part)


def ordered(typed: Sequence[str], found: Sequence[Suggestion], limit: int) -> list[Suggestion]:
    """The best `limit`: names that begin as typed first, then the more used; no kind takes all the room."""
    beginning = " ".join(typed)

    def key(suggestion: Suggestion) -> tuple[bool, int, int, int]:
        begins = " ".join(words(suggestion.text)).startswith(beginning)
        return (not begins, -suggestion.count, KINDS.index(suggestion.kind), len(suggestion.text))

    by_kind: dict[str, list[Suggestion]] = {}
    for suggestion in sorted(found, key=key):
        by_kind.setdefault(suggestion.kind, []).append(suggestion)
    chosen: list[Suggestion] = []
    while len(chosen) < limit and any(by_kind.values()):
        chosen.extend(by_kind[kind].pop(0) for kind in KINDS if by_kind.get(kind))
    return sorted(chosen[:limit], key=key)
