"""Grouping a board anew without taking anything from people: which document goes where, and what that changes.

A cluster is known by a key: the id of one that is there already, or a negative number for one that is to be made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.domain import overlap
from backend.domain.overlap import NONE

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """A cluster as it is: `by_person` when a person named it."""

    name: str
    by_person: bool
    pinned: bool
    parent_id: int | None

    @property
    def chosen(self) -> bool:
        return self.by_person or self.pinned


@dataclass(frozen=True)
class Filed:
    """A document as it is filed; `fixed` when a person put it there."""

    id: int
    cluster_id: int | None
    subcluster_id: int | None
    fixed: bool


@dataclass(frozen=True)
class Plan:
    """Where each document goes, in the order they were given, and the parents of the sub-topics, all as keys."""

    topics: list[int]
    subtopics: list[int | None]
    parents: dict[int, int] = field(default_factory=dict)

    def sizes(self) -> Counter[int]:
        """How many documents each topic and sub-topic is to have."""
        return Counter([*self.topics, *(key for key in self.subtopics if key is not None)])


def plan(documents: Sequence[Filed], known: Mapping[int, Known], topics: Labels, subtopics: Labels) -> Plan:
    """Lay groups over the clusters that are there. `topics` and `subtopics` are labels, one for each document.

    A group that shares enough with a cluster is that cluster. What a person moved stays, a pinned cluster keeps its
    documents, and so does a named one that no group is the same as: two of them are never made one.
    """
    topic_of = _keys([one.cluster_id for one in documents], topics, known, offset=0)
    subtopic_of = _keys([one.subcluster_id for one in documents], subtopics, known, offset=len(set(topics.tolist())))
    stay = _staying(known, set(topic_of.values()) | set(subtopic_of.values()))
    placed = [
        one.cluster_id if one.cluster_id is not None and (one.fixed or one.cluster_id in stay) else topic_of[int(label)]
        for one, label in zip(documents, topics, strict=True)
    ]
    parents = {
        subtopic_of[int(sub)]: topic_of[int(top)] for top, sub in zip(topics, subtopics, strict=True) if sub != NONE
    }
    _keep_together(documents, known, stay, placed, parents)
    within: list[int | None] = []
    for one, topic, sub in zip(documents, placed, subtopics, strict=True):
        key = subtopic_of[int(sub)] if sub != NONE else None
        if one.fixed or one.subcluster_id in stay:
            key = one.subcluster_id
        within.append(key if key is not None and parents.get(key) == topic else None)
    used = {key for key in within if key is not None}
    return Plan(placed, within, {key: parent for key, parent in parents.items() if key in used or key > 0})


def _keys(old: Sequence[int | None], labels: Labels, known: Mapping[int, Known], *, offset: int) -> dict[int, int]:
    """The key of each label: the cluster it is, or a new one."""
    chosen = {cluster_id: cluster.chosen for cluster_id, cluster in known.items()}
    same = overlap.matched([one if one in known else None for one in old], labels, chosen)
    present = sorted({int(label) for label in labels} - {NONE})
    return {label: same.get(label, -1 - offset - place) for place, label in enumerate(present)}


def _staying(known: Mapping[int, Known], found: set[int]) -> set[int]:
    """The clusters whose documents stay: pinned ones, and named ones that are no group of the new ones."""
    return {key for key, cluster in known.items() if cluster.pinned or (cluster.by_person and key not in found)}


def _keep_together(
    documents: Sequence[Filed], known: Mapping[int, Known], stay: set[int], placed: list[int], parents: dict[int, int]
) -> None:
    """A sub-topic whose documents stay goes with all of them where most go; changes `placed` and `parents`."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(documents):
        if one.subcluster_id is not None and (one.subcluster_id in stay or one.fixed):
            members[one.subcluster_id].append(place)
    for key, places in members.items():
        old_parent = known[key].parent_id if key in known else None
        if old_parent is None:
            continue
        fixed = any(documents[place].fixed for place in places)
        parent = old_parent if fixed else Counter(placed[place] for place in places).most_common(1)[0][0]
        parents[key] = parent
        for place in places:
            if documents[place].subcluster_id in stay and not documents[place].fixed:
                placed[place] = parent
