"""Groups of duplicates: which documents belong together, which of them to keep, and what sets them apart."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.domain.likeness import LAYERS

Role = Literal["primary", "copy", "contained"]

_VERSIONS = ("exact", "near")
"""Both say that two documents are one text, so they make one group."""
_AS_LONG = 0.98
"""A text that has at least this share of the longest is as complete."""
_PREFERRED = ("application/pdf", "application/vnd", "application/msword", "application/epub", "text/html", "text/")
"""Of texts that are equally complete the one that says most of how it looked is kept."""


@dataclass(frozen=True)
class Pair:
    """Two documents, `a` < `b`, by the strongest layer they were found in; the numbers as in `duplicate_pairs`."""

    a: int
    b: int
    layer: str
    likeness: float
    share_a: float
    share_b: float
    more_a: int = 0
    more_b: int = 0

    def other(self, document_id: int) -> int:
        """The document that is not this one."""
        return self.b if document_id == self.a else self.a

    def share_of(self, document_id: int) -> float:
        """The part of that document that is in the other."""
        return self.share_a if document_id == self.a else self.share_b

    def more_of(self, document_id: int) -> int:
        """The paragraphs that only that document has."""
        return self.more_a if document_id == self.a else self.more_b

    @property
    def contained(self) -> int:
        """The document more of which is in the other; the second where it is the same of both."""
        return self.a if self.share_a > self.share_b else self.b


@dataclass(frozen=True)
class Facts:
    """What is known of a document that may be kept. `pixels` is 0 for what is no picture."""

    document_id: int
    media_type: str
    char_count: int
    size_bytes: int
    created_at: datetime
    width: int = 0
    height: int = 0

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True)
class Member:
    """A document in a group; `likeness` is to the primary, or the weakest step on the way to it."""

    document_id: int
    role: Role
    likeness: float


@dataclass(frozen=True)
class Group:
    """Documents that are one; the primary is the first member. `likeness` is that of the least like member."""

    id: str
    layer: str
    likeness: float
    members: tuple[Member, ...]
    pairs: tuple[Pair, ...]

    @property
    def primary_id(self) -> int:
        return self.members[0].document_id


def strongest(pairs: Iterable[Pair]) -> list[Pair]:
    """One pair for each two documents: that of the strongest layer."""
    best: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        known = best.get((pair.a, pair.b))
        if known is None or LAYERS.index(pair.layer) < LAYERS.index(known.layer):
            best[pair.a, pair.b] = pair
    return list(best.values())


def grouped(pairs: Sequence[Pair], facts: Mapping[int, Facts]) -> list[Group]:
    """The groups, the most alike first. `facts` knows every document of the pairs."""
    versions = [pair for pair in pairs if pair.layer in _VERSIONS]
    groups = [_group("near", members, facts) for members in components(versions)]
    home = {member.document_id: group.primary_id for group in groups for member in group.members}
    for layer in ("semantic", "image"):
        apart = [pair for pair in pairs if pair.layer == layer and not _same_home(pair, home)]
        groups += [_group(layer, members, facts) for members in components(apart)]
    parts = [pair for pair in pairs if pair.layer == "containment" and not _same_home(pair, home)]
    groups += _wholes(parts, home)
    return sorted(groups, key=lambda group: (-round(group.likeness * 1e9), group.id))


def components(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """The pairs in sets that hang together (union-find with path halving)."""
    parent: dict[int, int] = {}

    def root(number: int) -> int:
        parent.setdefault(number, number)
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    listed = list(pairs)
    for pair in listed:
        parent[root(pair.b)] = root(pair.a)
    found: defaultdict[int, list[Pair]] = defaultdict(list)
    for pair in listed:
        found[root(pair.a)].append(pair)
    return list(found.values())


def primary(facts: Sequence[Facts]) -> Facts:
    """The one to keep: the most complete; then the format that shows most, the larger picture, the earliest."""
    longest = max(one.char_count for one in facts)
    complete = [one for one in facts if one.char_count >= _AS_LONG * longest]
    return min(complete, key=lambda one: (-one.pixels, _format(one.media_type), one.created_at, one.document_id))


def _format(media_type: str) -> int:
    ranks = [rank for rank, start in enumerate(_PREFERRED) if media_type.startswith(start)]
    return ranks[0] if ranks else len(_PREFERRED)


def _group(layer: str, pairs: Sequence[Pair], facts: Mapping[int, Facts]) -> Group:
    ids = sorted({number for pair in pairs for number in (pair.a, pair.b)})
    kept = primary([facts[number] for number in ids]).document_id
    if layer == "near" and all(pair.layer == "exact" for pair in pairs):
        layer = "exact"
    alike = _likenesses(kept, pairs)
    copies = sorted((Member(number, "copy", alike[number]) for number in ids if number != kept), key=_most_alike)
    least = min(copy.likeness for copy in copies)
    return Group(f"{layer}-{ids[0]}", layer, least, (Member(kept, "primary", 1.0), *copies), tuple(pairs))


def _likenesses(kept: int, pairs: Sequence[Pair]) -> dict[int, float]:
    """How like the kept document each other is: as compared, or else by the weakest step on the way to it."""
    near: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
    for pair in pairs:
        near[pair.a].append((pair.b, pair.likeness))
        near[pair.b].append((pair.a, pair.likeness))
    alike = {kept: 1.0}
    waiting = deque([kept])
    while waiting:
        one = waiting.popleft()
        for other, found in sorted(near[one], key=lambda step: (-step[1], step[0])):
            if other not in alike:
                alike[other] = min(found, alike[one])
                waiting.append(other)
    return alike


def _wholes(pairs: Sequence[Pair], home: Mapping[int, int]) -> list[Group]:
    """A group for each document that others are parts of. Of versions of one text only the primary is named."""
    by_whole: defaultdict[int, dict[int, Pair]] = defaultdict(dict)
    between = {(pair.a, pair.b) for pair in pairs}
    for pair in pairs:
        part, whole = pair.contained, pair.other(pair.contained)
        standing = sorted((home.get(part, part), home.get(whole, whole)))
        if sorted((part, whole)) == standing or (standing[0], standing[1]) not in between:
            by_whole[whole][part] = pair
    return [_whole(whole, parts) for whole, parts in by_whole.items()]


def _whole(whole: int, parts: Mapping[int, Pair]) -> Group:
    members = sorted((Member(part, "contained", pair.likeness) for part, pair in parts.items()), key=_most_alike)
    least = members[-1].likeness
    return Group(
        f"containment-{whole}", "containment", least, (Member(whole, "primary", 1.0), *members), tuple(parts.values())
    )


def _same_home(pair: Pair, home: Mapping[int, int]) -> bool:
    return pair.a in home and home[pair.a] == home.get(pair.b)


def _most_alike(member: Member) -> tuple[float, int]:
    return -member.likeness, member.document_id
