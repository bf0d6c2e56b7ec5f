"""What a grouping of the whole board changed, told cluster by cluster."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from backend.domain.cluster_changes import Change, Kind
from backend.domain.regrouping import Filed, Known, Plan

WORTH_TELLING = 3
"""Fewer documents than this that leave or vanish are only counted."""
SPLIT = 0.25
"""A cluster is split when at least this share of it goes to clusters that are new."""
MOST = 200
"""Changes told of one grouping; the summary counts all of them."""
MOST_PARTS = 20


class BoardChanges:
    """The changes between the old filing and a plan. `names` and `ids` are by key, as the plan has them."""

    def __init__(
        self,
        documents: Sequence[Filed],
        known: Mapping[int, Known],
        plan: Plan,
        names: Mapping[int, str],
        ids: Mapping[int, int],
    ) -> None:
        flows = Counter((one.cluster_id, key) for one, key in zip(documents, plan.topics, strict=True))
        self._known, self._names, self._ids, self._flows = known, names, ids, flows
        self._out: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._into: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._before, self._after = Counter[int](), Counter(plan.topics)
        for (old, key), count in flows.items():
            if old is not None and old in known:
                self._before[old] += count
                self._out[old].append((key, count))
                self._into[key].append((old, count))
        self._gone = {key for key in self._before if key not in self._after and not known[key].chosen}
        self._new = {key for key in self._after if key not in known}
        self._documents = len(documents)
        self._subtopics = len({key for key in plan.subtopics if key is not None})

    def changes(self) -> list[Change]:
        """The largest changes of topics, and a summary of all as the last."""
        told = [*self._created(), *self._vanished(), *self._split(), *self._grown(), *self._renamed()]
        counts = {
            "topics": len(self._after),
            "subtopics": self._subtopics,
            "created": len(self._new),
            "vanished": len(self._gone),
            "kept": len(self._after) - len(self._new),
            "moved": sum(count for (old, key), count in self._flows.items() if old != key),
        }
        summary = Change("recluster", None, "", self._documents, counts)
        return [*sorted(told, key=lambda change: change.documents)[-MOST:], summary]

    def _created(self) -> Iterator[Change]:
        for key in sorted(self._new):
            yield self._change("created", key, self._after[key], {"from": self._parts(self._into[key])})

    def _vanished(self) -> Iterator[Change]:
        for key in sorted(self._gone):
            if self._before[key] >= WORTH_TELLING:
                yield self._change("vanished", key, self._before[key], {"into": self._parts(self._out[key])})

    def _split(self) -> Iterator[Change]:
        for key in sorted(self._before):
            apart = [(target, count) for target, count in self._out[key] if target in self._new]
            left = sum(count for _, count in apart)
            if self._flows[key, key] and left >= max(WORTH_TELLING, SPLIT * self._before[key]):
                yield self._change("split", key, left, {"into": self._parts(apart)})

    def _grown(self) -> Iterator[Change]:
        for key in sorted(set(self._after) - self._new):
            merged = [(old, count) for old, count in self._into[key] if old in self._gone]
            taken = sum(count for _, count in merged)
            joined = self._after[key] - self._flows[key, key] - taken
            if taken:
                yield self._change("merged", key, taken, {"from": self._parts(merged)})
            if joined:
                yield self._change("joined", key, joined, {})

    def _renamed(self) -> Iterator[Change]:
        for key in sorted(set(self._after) - self._new):
            if self._name(key) != self._known[key].name:
                details = {"from": self._known[key].name, "by": "auto"}
                yield self._change("renamed", key, self._after[key], details)

    def _change(self, kind: Kind, key: int, documents: int, details: dict[str, Any]) -> Change:
        return Change(kind, self._ids.get(key, key), self._name(key), documents, details)

    def _parts(self, parts: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
        largest = sorted(parts, key=lambda part: (-part[1], part[0]))[:MOST_PARTS]
        return [{"id": self._ids.get(key, key), "name": self._name(key), "documents": count} for key, count in largest]

    def _name(self, key: int) -> str:
        return self._names.get(key) or (self._known[key].name if key in self._known else "")
