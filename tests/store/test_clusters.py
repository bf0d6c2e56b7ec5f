"""Filing documents into clusters, on a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import func, select

from backend.domain.errors import NotFound
from backend.store import cluster_choices, clusters, documents, trash
from backend.store.cluster_rows import Cluster
from backend.store.database import EVERYONE, Database
from backend.store.documents import Document
from tests.factories import MODEL, direction, new_document

SPORT, MONEY = direction(1, 0.2), direction(0, 0, 1, 0.3)


def file(database: Database, owner: int, name: str, vector: object, concepts: tuple[str, ...] = ()) -> tuple[int, int]:
    document_id = new_document(database, owner, name)
    with database.session(owner) as session:
        cluster_id, _ = clusters.assign(session, owner, document_id, vector, MODEL, concepts or (name,))
    assert cluster_id is not None
    return document_id, cluster_id


def check_counts(database: Database) -> None:
    with database.session(EVERYONE) as session:
        members = dict(
            session.execute(
                select(Document.cluster_id, func.count())
                .where(Document.deleted_at.is_(None), Document.cluster_id.is_not(None))
                .group_by(Document.cluster_id)
            ).all()
        )
        claimed = dict(session.execute(select(Cluster.id, Cluster.document_count)).all())
    assert {cluster: count for cluster, count in claimed.items() if count} == members


def test_a_near_document_joins_and_a_far_one_starts_a_cluster(database: Database, user: int) -> None:
    _, first = file(database, user, "a", SPORT)
    _, second = file(database, user, "b", direction(1, 0.3))
    _, third = file(database, user, "c", MONEY)
    assert first == second != third
    check_counts(database)


def test_a_cluster_is_never_joined_by_another_owners_document(database: Database, user: int, other_user: int) -> None:
    _, mine = file(database, user, "a", SPORT)
    _, theirs = file(database, other_user, "a", SPORT)
    assert mine != theirs
    with database.session(other_user) as session, pytest.raises(NotFound):
        clusters.get(session, other_user, mine)
    with database.session(other_user) as session, pytest.raises(NotFound):
        cluster_choices.change(session, other_user, mine, name="stolen")


def test_vectors_of_two_models_do_not_meet(database: Database, user: int) -> None:
    _, first = file(database, user, "a", SPORT)
    document_id = new_document(database, user, "b")
    with database.session(user) as session:
        second, _ = clusters.assign(session, user, document_id, SPORT, "other/384/1", ("b",))
    assert second != first


def test_the_centre_is_the_mean_of_the_members(database: Database, user: int) -> None:
    vectors = [direction(1, 0.1 * step) for step in range(5)]
    for step, vector in enumerate(vectors):
        _, cluster_id = file(database, user, str(step), vector)
    with database.session(user) as session:
        centre = clusters.vectors.array(clusters.get(session, user, cluster_id).centroid)
    assert np.allclose(centre, np.mean(vectors, axis=0), atol=2e-3)


def test_filing_again_moves_the_document_and_an_empty_cluster_vanishes(database: Database, user: int) -> None:
    document_id, first = file(database, user, "a", SPORT)
    _, money = file(database, user, "b", MONEY)
    with database.session(user) as session:
        now, _ = clusters.assign(session, user, document_id, MONEY, MODEL, ("a",))
    assert now == money
    with database.session(user) as session, pytest.raises(NotFound):
        clusters.get(session, user, first)
    check_counts(database)


def test_a_persons_name_and_move_are_kept(database: Database, user: int) -> None:
    document_id, first = file(database, user, "a", SPORT)
    _, money = file(database, user, "b", MONEY)
    with database.session(user) as session:
        cluster_choices.change(session, user, first, name="My sport")
        clusters.move(session, user, document_id, money)
    with database.session(user) as session:
        assert clusters.get(session, user, first).document_count == 0, "a cluster named by a person stays, also empty"
        again, _ = clusters.assign(session, user, document_id, SPORT, MODEL, ("a",))
        assert again == money, "filing again does not undo a person's move"
    file(database, user, "c", SPORT)
    with database.session(user) as session:
        assert clusters.get(session, user, first).name == "My sport"
    check_counts(database)


def test_trash_and_restore_keep_count(database: Database, user: int) -> None:
    document_id, sport = file(database, user, "a", SPORT)
    alone, money = file(database, user, "b", MONEY)
    file(database, user, "c", SPORT)
    with database.session(user) as session:
        trash.put(session, user, document_id)
        trash.put(session, user, alone)
    check_counts(database)
    with database.session(user) as session, pytest.raises(NotFound):
        clusters.get(session, user, money)
    with database.session(user) as session:
        trash.restore(session, user, document_id)
        trash.restore(session, user, alone)
    check_counts(database)
    with database.session(user) as session:
        assert documents.get(session, user, document_id).cluster_id == sport
        assert documents.get(session, user, alone).cluster_id is not None, "it starts a cluster of its own again"


def test_a_document_trashed_while_it_was_worked_on_gets_no_cluster(database: Database, user: int) -> None:
    document_id = new_document(database, user)
    with database.session(user) as session:
        trash.put(session, user, document_id)
    with database.session(user) as session:
        assert clusters.assign(session, user, document_id, SPORT, MODEL, ("a",)) == (None, None)
    check_counts(database)


def test_twenty_documents_filed_at_once_make_one_cluster(database: Database, user: int) -> None:
    names = [f"d{number}" for number in range(20)]
    with ThreadPoolExecutor(10) as pool:
        filed = list(pool.map(lambda name: file(database, user, name, SPORT), names))
    assert len({cluster for _, cluster in filed}) == 1
    check_counts(database)


def test_documents_filed_and_deleted_at_once_keep_count(database: Database, user: int) -> None:
    rng = np.random.default_rng(1)
    ids = [file(database, user, f"d{number}", rng.normal(size=384))[0] for number in range(12)]

    def stir(document_id: int) -> None:
        with database.session(user) as session:
            clusters.assign(session, user, document_id, SPORT if document_id % 2 else MONEY, MODEL, ("x",))
        if document_id % 3 == 0:
            with database.session(user) as session:
                trash.put(session, user, document_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(stir, ids))
    check_counts(database)


def test_a_document_without_words_gets_no_cluster(database: Database, user: int) -> None:
    document_id = new_document(database, user)
    with database.session(user) as session:
        assert clusters.assign(session, user, document_id, np.zeros(384), MODEL, ()) == (None, None)


def test_other_dimensions_are_clustered_too(database: Database, user: int) -> None:
    ids = []
    for name in ("a", "b"):
        document_id = new_document(database, user, name)
        with database.session(user) as session:
            ids.append(clusters.assign(session, user, document_id, [1.0, 0.5, 0.2], "tiny/3/1", (name,))[0])
    assert ids[0] == ids[1] is not None
