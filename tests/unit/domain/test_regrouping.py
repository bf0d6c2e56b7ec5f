"""Grouping anew without taking anything from people."""

from __future__ import annotations

import numpy as np

from backend.domain import regrouping
from backend.domain.board_changes import BoardChanges
from backend.domain.overlap import NONE
from backend.domain.regrouping import Filed, Known, Plan

AUTO = Known("auto", by_person=False, pinned=False, parent_id=None)
NAMED = Known("named", by_person=True, pinned=False, parent_id=None)
PINNED = Known("pinned", by_person=False, pinned=True, parent_id=None)


def filed(*clusters: int | None, fixed: tuple[int, ...] = (), inner: dict[int, int] | None = None) -> list[Filed]:
    parts = inner or {}
    return [Filed(n, cluster, parts.get(n), n in fixed) for n, cluster in enumerate(clusters)]


def plan(documents: list[Filed], known: dict[int, Known], topics: list[int], inner: list[int] | None = None) -> Plan:
    subtopics = np.array(inner or [NONE] * len(topics))
    return regrouping.plan(documents, known, np.array(topics), subtopics)


def test_a_board_that_stays_as_it_is_changes_nothing() -> None:
    documents = filed(1, 1, 2, 2)
    made = plan(documents, {1: AUTO, 2: AUTO}, [5, 5, 3, 3])
    assert made.topics == [1, 1, 2, 2]
    changes = BoardChanges(documents, {1: AUTO, 2: AUTO}, made, {1: "auto", 2: "auto"}, {1: 1, 2: 2}).changes()
    assert [change.kind for change in changes] == ["recluster"]


def test_a_document_that_a_person_moved_stays_there() -> None:
    made = plan(filed(1, 1, 1, 2, 2, fixed=(2,)), {1: AUTO, 2: AUTO}, [0, 0, 1, 1, 1])
    assert made.topics == [1, 1, 1, 2, 2]


def test_a_pinned_cluster_keeps_its_documents_and_may_grow() -> None:
    made = plan(filed(1, 1, 2, 2, 2, None), {1: PINNED, 2: AUTO}, [0, 0, 0, 0, 0, 0])
    assert made.topics[:2] == [1, 1], "none of them is taken away"
    assert set(made.topics[2:]) == {1}, "the group is the pinned cluster, however large the other was"


def test_two_clusters_that_people_named_are_never_made_one() -> None:
    made = plan(filed(1, 1, 1, 2, 2), {1: NAMED, 2: NAMED}, [0, 0, 0, 0, 0])
    assert made.topics == [1, 1, 1, 2, 2]


def test_a_split_cluster_keeps_its_id_for_the_larger_part() -> None:
    documents = filed(1, 1, 1, 1, 1, 1, 1)
    made = plan(documents, {1: AUTO}, [0, 0, 0, 0, 1, 1, 1])
    assert made.topics[:4] == [1] * 4
    assert len(set(made.topics[4:])) == 1
    assert made.topics[4] < 0, "a cluster that is to be made"
    changes = BoardChanges(documents, {1: AUTO}, made, {made.topics[4]: "new"}, {made.topics[4]: 8}).changes()
    assert {change.kind: change.cluster_id for change in changes} == {"created": 8, "split": 1, "recluster": None}


def test_merged_clusters_tell_what_went_where() -> None:
    documents = filed(1, 1, 1, 1, 2, 2, 2)
    made = plan(documents, {1: AUTO, 2: AUTO}, [0] * 7)
    changes = {change.kind: change for change in BoardChanges(documents, {1: AUTO, 2: AUTO}, made, {}, {}).changes()}
    assert set(changes) == {"vanished", "merged", "recluster"}
    assert changes["vanished"].cluster_id == 2
    assert changes["merged"].details["from"] == [{"id": 2, "name": "auto", "documents": 3}]
    assert changes["recluster"].details["kept"] == 1


def test_subtopics_keep_their_ids_and_hang_below_their_topics() -> None:
    part = Known("part", by_person=False, pinned=False, parent_id=1)
    documents = filed(*[1] * 8, inner=dict.fromkeys(range(4), 9))
    made = plan(documents, {1: AUTO, 9: part}, [0] * 8, [3, 3, 3, 3, 4, 4, 4, 4])
    assert made.subtopics[:4] == [9] * 4
    fresh = made.subtopics[4]
    assert fresh is not None
    assert fresh < 0
    assert made.parents == {9: 1, fresh: 1}


def test_a_pinned_subtopic_moves_as_a_whole() -> None:
    part = Known("part", by_person=False, pinned=True, parent_id=1)
    known = {1: AUTO, 2: AUTO, 9: part}
    documents = filed(1, 1, 1, 1, 1, 2, 2, 2, inner=dict.fromkeys((0, 1, 2), 9))
    made = plan(documents, known, [1, 1, 0, 0, 0, 1, 1, 1])
    assert made.topics == [2, 2, 2, 1, 1, 2, 2, 2], "the one that would stay behind comes along"
    assert made.subtopics == [9, 9, 9, None, None, None, None, None]
    assert made.parents == {9: 2}
