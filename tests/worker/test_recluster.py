"""Grouping a board anew, by the real job on a real PostgreSQL: what people decided, and what happens meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.jobs import enqueue, kinds, schedule
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.kinds import recluster_board
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import board_map, cluster_changes, cluster_choices, clusters, documents, trash
from backend.store.cluster_rows import Cluster
from backend.store.database import EVERYONE, Database
from backend.store.documents import Document
from backend.store.jobs import JobRow
from tests import topical
from tests.board import eventually

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


LATE: dict[str, Any] = {
    "kind": "file",
    "title": "late",
    "filename": "late.txt",
    "media_type": "text/plain",
    "blob_sha256": "1a7e" * 16,
    "size_bytes": 1,
}


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


@pytest.fixture
def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


def plan(database: Database, owner: int) -> None:
    with database.session(owner) as session:
        enqueue.enqueue(session, kind=recluster_board.KIND, owner_id=owner, input={}, max_attempts=3)


def recluster(database: Database, runner: Runner, owner: int) -> dict[str, Any]:
    plan(database, owner)
    assert runner.answer("analysis")
    return newest(database, owner)


def newest(database: Database, owner: int) -> dict[str, Any]:
    with database.session(owner) as session:
        row = session.scalars(select(JobRow).order_by(JobRow.id.desc())).first()
    assert row is not None
    assert row.state == "SUCCESS", row.error
    assert row.result is not None
    return row.result


def filing(database: Database, owner: int) -> dict[int, int | None]:
    with database.session(owner) as session:
        rows = session.execute(select(Document.id, Document.cluster_id).where(Document.deleted_at.is_(None)))
        return {row.id: row.cluster_id for row in rows}


def kept(database: Database, owner: int) -> list[Cluster]:
    with database.session(owner) as session:
        return list(session.scalars(select(Cluster).order_by(Cluster.id)))


def check_counts(database: Database) -> None:
    """Every cluster counts what is in it, a sub-topic lies in the topic of its documents, nobody's are mixed."""
    with database.session(EVERYONE) as session:
        documents = list(session.scalars(select(Document).where(Document.deleted_at.is_(None))))
        rows = {row.id: row for row in session.scalars(select(Cluster))}
    members = Counter(one.cluster_id for one in documents) + Counter(one.subcluster_id for one in documents)
    assert {key: row.document_count for key, row in rows.items() if row.document_count} == {
        key: count for key, count in members.items() if key is not None
    }
    for one in documents:
        if one.cluster_id is not None:
            assert rows[one.cluster_id].owner_id == one.owner_id
            assert rows[one.cluster_id].parent_id is None
        if one.subcluster_id is not None:
            assert rows[one.subcluster_id].parent_id == one.cluster_id


@contextmanager
def while_it_is_about_to_write(database: Database, runner: Runner, owner: int) -> Iterator[Session]:
    """A transaction that holds the owner's lock while a grouping, read before, waits for it to write."""
    plan(database, owner)
    work = threading.Thread(target=runner.answer, args=("analysis",))
    with database.session(owner) as session:
        clusters.lock(session, owner)
        work.start()
        eventually(lambda: session.execute(WAITING).scalar_one() > 0, within=120)
        yield session
    work.join(120)


def test_a_board_is_grouped_named_and_drawn(
    services: Services, database: Database, runner: Runner, user: int, other_user: int
) -> None:
    model = services.embedder.model
    board = topical.made([60, 50, 40], aspects=2)
    ids = topical.file_all(database, user, board, model)
    theirs = topical.file_all(database, other_user, topical.made([6]), model)
    before = filing(database, other_user)
    result = recluster(database, runner, user)
    assert result["documents"] == 150
    found = filing(database, user)
    assert adjusted_rand_score(board.topics, [found[one] or 0 for one in ids]) > 0.75
    check_counts(database)
    with database.session(user) as session:
        names = [row.name for row in kept(database, user)]
        assert len(set(names)) == len(names)
        assert all(names)
        state = board_map.state(session, user)
        assert (state.filed, state.since, state.documents) == (150, 0, 150)
        assert len(board_map.placed(session, user)) == 150
        assert {row.id for row in board_map.named(session, user)} >= {one for one in found.values() if one}
        changes = cluster_changes.page(session, user, before=None, limit=50).rows
        assert changes[0].kind == "recluster"
        assert changes[0].details["topics"] == result["topics"]
    assert filing(database, other_user) == before
    assert set(before) == set(theirs)


def test_a_tenth_more_keeps_ids_pins_names_and_moves(
    services: Services, database: Database, runner: Runner, user: int
) -> None:
    model = services.embedder.model
    ids = topical.file_all(database, user, topical.made([50, 40, 40, 30, 20]), model)
    recluster(database, runner, user)
    before = kept(database, user)
    pinned, named, *_ = [row.id for row in before if row.parent_id is None]
    with database.session(user) as session:
        cluster_choices.change(session, user, pinned, pinned=True)
        cluster_choices.change(session, user, named, name="Mine")
        elsewhere = next(one for one in ids if filing(database, user)[one] not in {pinned, named})
        clusters.move(session, user, elsewhere, named)
    pinned_members = {one for one, cluster in filing(database, user).items() if cluster == pinned}
    topical.file_all(database, user, topical.made([5, 4, 4, 3, 2], seed=7), model, name="new")
    recluster(database, runner, user)
    after = {row.id: row for row in kept(database, user)}
    same = sum(row.id in after for row in before)
    assert same >= 0.95 * len(before), f"{same} of {len(before)} ids are left"
    assert after[pinned].pinned
    assert (after[named].name, after[named].name_source) == ("Mine", "person")
    now = filing(database, user)
    assert now[elsewhere] == named
    assert all(now[one] == pinned for one in pinned_members)
    check_counts(database)


def test_grouping_twice_in_a_row_changes_nothing(
    services: Services, database: Database, runner: Runner, user: int
) -> None:
    topical.file_all(database, user, topical.made([40, 30]), services.embedder.model)
    recluster(database, runner, user)
    before, drawn = filing(database, user), [(row.id, row.name, row.x, row.y) for row in kept(database, user)]
    result = recluster(database, runner, user)
    assert filing(database, user) == before
    assert [(row.id, row.name) for row in kept(database, user)] == [row[:2] for row in drawn]
    assert (result["moved"], result["created"], result["vanished"]) == (0, 0, 0)
    with database.session(user) as session:
        last = cluster_changes.page(session, user, before=None, limit=1).rows
    assert [change.kind for change in last] == ["recluster"]


def test_what_happens_while_it_works_is_kept(services: Services, database: Database, runner: Runner, user: int) -> None:
    model = services.embedder.model
    board = topical.made([30, 30, 30])
    ids = topical.file_all(database, user, board, model)
    first, second = sorted({cluster for cluster in filing(database, user).values() if cluster is not None})[:2]
    vector = topical.made([1], seed=3).vectors[0]
    with while_it_is_about_to_write(database, runner, user) as session:
        clusters.move(session, user, ids[0], first)
        clusters.move(session, user, ids[1], second)
        trash.put(session, user, ids[2])
        cluster_choices.change(session, user, first, name="Named meanwhile")
        late, _ = documents.create(session, user, **LATE)
        clusters.assign(session, user, late.id, vector, model, ("late",))
    newest(database, user)
    found = filing(database, user)
    assert (found[ids[0]], found[ids[1]]) == (first, second)
    assert ids[2] not in found
    kin = [found[one] for one, topic in zip(ids, board.topics, strict=True) if topic == 0 and one in found]
    assert found[late.id] == Counter(kin).most_common(1)[0][0], "what came meanwhile is with its kin"
    check_counts(database)
    with database.session(user) as session:
        assert clusters.get(session, user, first).name == "Named meanwhile"


def test_a_cluster_deleted_while_it_works_does_not_come_back(
    services: Services, database: Database, runner: Runner, user: int
) -> None:
    ids = topical.file_all(database, user, topical.made([30, 30]), services.embedder.model)
    recluster(database, runner, user)
    doomed = filing(database, user)[ids[0]]
    assert doomed is not None
    with while_it_is_about_to_write(database, runner, user) as session:
        cluster_choices.delete(session, user, doomed)
    newest(database, user)
    found = filing(database, user)
    assert doomed not in found.values()
    assert None not in found.values(), "every document is filed somewhere"
    check_counts(database)


def test_an_empty_board_is_grouped_into_nothing(database: Database, runner: Runner, user: int) -> None:
    assert recluster(database, runner, user)["topics"] == 0


def test_the_clock_groups_whose_board_grew_and_has_settled(
    services: Services, database: Database, runner: Runner, user: int, other_user: int
) -> None:
    kind, model = recluster_board.KIND, services.embedder.model
    topical.file_all(database, user, topical.made([6, 6]), model)
    topical.file_all(database, other_user, topical.made([2]), model)
    assert len(schedule.plan(services, kind)) == 1, "only the board with enough that is new"
    assert schedule.plan(services, kind) == [], "one at a time"
    assert runner.answer("analysis")
    newest(database, user)
    topical.file_all(database, user, topical.made([3, 3], seed=4), model, name="new")
    assert schedule.plan(services, kind) == [], "not again so soon"
    with database.session(EVERYONE) as session:
        session.execute(text("ALTER TABLE jobs DISABLE TRIGGER jobs_guard"))
        session.execute(text("UPDATE jobs SET finished_at = finished_at - interval '11 minutes'"))
    assert len(schedule.plan(services, kind)) == 1
