"""What a cluster is called: by concepts that many of its documents show and few others do."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from backend.domain import words

LONGEST = 80
SHORT = 48
"""Two concepts make a name together when they are no longer than this."""
KEPT_AMONG = 3
"""A name stays while the concept it begins with is among the first this many: names that flicker are no names."""
CONSIDERED = 24
"""Concepts of a cluster that are considered for its name, those that most of its documents show."""
NUMBERED = 100
"""Clusters whose concepts are all taken are told apart by a number below this."""
FEW = 4
"""In a cluster of at least this many documents a concept of a single one is no name for it."""


@dataclass(frozen=True)
class Shown:
    """A concept within a cluster: how many of its documents show it, how strongly in sum, and how many on the board."""

    name: str
    documents: int
    strength: float
    on_board: int


class Tally:
    """Which concepts the documents of many groups show; a group is any key, the whole board is one as well."""

    def __init__(self) -> None:
        self._documents: dict[int, Counter[int]] = defaultdict(Counter)
        self._strengths: dict[int, Counter[int]] = defaultdict(Counter)

    def add(self, group: int, concept: int, confidence: float) -> None:
        """A document of the group shows the concept."""
        self._documents[group][concept] += 1
        self._strengths[group][concept] += confidence  # type: ignore[assignment]  # a sum of parts, counted like any

    def most_shown(self, group: int) -> list[int]:
        """The concepts that most documents of the group show."""
        strengths = self._strengths[group]
        shown = sorted(self._documents[group].items(), key=lambda one: (-one[1], -strengths[one[0]], one[0]))
        return [concept for concept, _ in shown[:CONSIDERED]]

    def shown(self, group: int, within: int, names: Mapping[int, str]) -> list[Shown]:
        """Those of the group, beside how many documents of the larger group `within` show them."""
        mine, strengths, all_of_them = self._documents[group], self._strengths[group], self._documents[within]
        return [
            Shown(names[concept], mine[concept], float(strengths[concept]), all_of_them[concept])
            for concept in self.most_shown(group)
            if concept in names
        ]


def ranked(concepts: Sequence[Shown], *, size: int, board: int) -> list[str]:
    """The names of the concepts, the most telling first, for a cluster of `size` documents on a board of `board`.

    Class-based TF-IDF (Grootendorst 2022) with documents in the place of words: the share of the cluster that shows the
    concept, weighed by how rare it is on the board.
    """
    fewest = 2 if size >= FEW else 1
    telling = [shown for shown in concepts if shown.documents >= fewest] or list(concepts)

    def weight(shown: Shown) -> float:
        rarity = math.log1p(board / max(shown.on_board, shown.documents, 1))
        return shown.documents / max(size, 1) * rarity

    return [shown.name for shown in sorted(telling, key=lambda one: (-weight(one), -one.strength, one.name))]


def candidates(concepts: Sequence[str], *, current: str = "") -> list[str]:
    """Names out of ranked concepts, the best first; `current` comes first while it still says it well."""
    if not concepts:
        return []
    names = [_pair(concepts[first:]) for first in range(len(concepts))]
    names += [concept[:LONGEST] for concept in concepts]
    names += [f"{concepts[0][: LONGEST - 4]} {number}" for number in range(2, NUMBERED)]
    leads = {words.folded(concept) for concept in concepts[:KEPT_AMONG]}
    if words.folded(current.partition(", ")[0]) in leads:
        names.insert(0, current)
    return list(dict.fromkeys(names))


def chosen(names: Sequence[str], *, taken: Collection[str]) -> str | None:
    """The first of the names that no other cluster has, the first of all when all are taken.

    `taken` are the folded names of the others: how a name is spelled does not tell it apart.
    """
    return next((name for name in names if words.folded(name) not in taken), names[0] if names else None)


def _pair(concepts: Sequence[str]) -> str:
    """The first concept and the next that shares no word with it, while both are short enough."""
    first = concepts[0][:LONGEST]
    used = set(words.folded(first).split())
    for other in concepts[1:]:
        pair = f"{first}, {other}"
        if not used & set(words.folded(other).split()) and len(pair) <= SHORT:
            return pair
    return first
