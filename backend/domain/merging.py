"""Rules for merging documents: how many, how long it can be undone, and where a quote stands in another text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from backend.domain.errors import InvalidInput

UNDO_DAYS = 30
MOST_AT_ONCE = 100
_LONGEST_QUOTE = 400
_WORDS_AROUND = re.compile(r"[^.!?\n]*")


class Anchor(NamedTuple):
    """Where a quote stands in a text, as character offsets, and the quote as it is written there."""

    start: int
    end: int
    quote: str


def chosen(keep_id: int, merged_ids: Sequence[int]) -> list[int]:
    """The documents to merge, each once. Raises InvalidInput (`nothing_to_merge`, `merge_with_itself`)."""
    ids = list(dict.fromkeys(merged_ids))
    if not ids:
        raise InvalidInput(
            "There is nothing to merge.", code="nothing_to_merge", hint="Name the documents to merge in delete_doc_ids."
        )
    if keep_id in ids:
        raise InvalidInput(
            "A document cannot be merged into itself.",
            code="merge_with_itself",
            hint="Leave keep_doc_id out of delete_doc_ids.",
        )
    return ids


def anchor(text: str, quote: str, *, near: float = 0.0) -> Anchor | None:
    """Where `quote` stands in `text`, blanks and line ends apart; of several places the one nearest to `near`.

    `near` is where it stood in its own text, from 0 to 1.
    """
    words = quote.split()
    if not words:
        return None
    wanted = near * len(text)
    found = re.finditer(r"\s+".join(re.escape(word) for word in words), text)
    best = min(found, key=lambda match: abs(match.start() - wanted), default=None)
    return None if best is None else Anchor(best.start(), best.end(), best[0])


def mention(text: str, name: str) -> Anchor | None:
    """The first sentence of `text`, or the part of its line, that names something as a word of its own."""
    words = name.split()
    if not words:
        return None
    spelled = r"\s+".join(re.escape(word) for word in words)
    found = re.search(rf"(?<!\w){spelled}(?!\w)", text, re.IGNORECASE)
    if found is None:
        return None
    line = text.rfind("\n", max(0, found.start() - _LONGEST_QUOTE), found.start())
    before = text[max(line + 1, found.start() - _LONGEST_QUOTE // 2) : found.start()]
    begin = found.start() - len(re.split(r"[.!?]\s+", before)[-1])
    rest = _WORDS_AROUND.match(text, found.end(), found.end() + _LONGEST_QUOTE // 2)
    end = rest.end() if rest else found.end()
    begin += len(text[begin:end]) - len(text[begin:end].lstrip())
    return Anchor(begin, begin + len(text[begin:end].rstrip()), text[begin:end].rstrip())
