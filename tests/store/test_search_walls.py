"""Search among other people's passages that are nearer, on every path; and by each filter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import text

from backend.domain import search as searching
from backend.store import matches, related, search, vectors
from backend.store.database import EVERYONE, Database
from backend.store.search import Filters, Hit
from tests.factories import MODEL, direction, new_document
from tests.store.test_search import fill, units

MANY = 10_000
RNG = np.random.default_rng(11)


def near(centre: np.ndarray, count: int, spread: float) -> np.ndarray:
    """Unit vectors around a direction; the smaller the spread, the nearer."""
    rows = centre + spread * units(count)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def find(
    database: Database, owner: int, q: str, vector: np.ndarray | None, filters: Filters | None = None
) -> list[Hit]:
    query = searching.parse(q)
    with database.session(EVERYONE) as session:
        wanted = matches.terms(session, owner, query)
        return search.candidates(session, owner, query, wanted, vector, MODEL, filters or Filters())


@pytest.fixture
def crowd(database: Database, user: int, other_user: int) -> tuple[np.ndarray, list[int]]:
    """A direction, around which another person has ten thousand passages and `user` has fifty farther ones."""
    centre = direction(1, 2, 3)
    fill(database, other_user, ["walrus tusk"] * MANY, near(centre, MANY, 0.3))
    mine = fill(database, user, ["walrus tusk"] * 50, near(centre, 50, 1.2))
    return centre, mine


@pytest.mark.parametrize("exact", [True, False])
def test_ten_thousand_nearer_passages_of_another_person_hide_none_of_mine(
    database: Database, user: int, crowd: tuple[np.ndarray, list[int]], exact: bool
) -> None:
    centre, mine = crowd
    with database.session(EVERYONE) as session:
        if not exact:  # so that the graph is walked, past all the others
            session.execute(text("SET LOCAL enable_seqscan = off"))
            session.execute(text("SET LOCAL enable_sort = off"))
        found = vectors.nearest(
            session, "passage_vectors", "embedding", "passage_id", user, centre, MODEL, limit=20, exact=exact
        )
    assert {hit.id for hit in found} <= set(mine)
    assert len(found) == 20


def test_search_finds_mine_by_words_and_by_meaning_and_nothing_else(
    database: Database, user: int, crowd: tuple[np.ndarray, list[int]]
) -> None:
    centre, mine = crowd
    for q, vector in (("walrus tusk", None), ("nothing of it ", centre), ("walrus", centre), ("walr", centre)):
        found = {hit.passage_id for hit in find(database, user, q, vector)}
        assert found == set(mine), q


def test_related_documents_are_of_the_same_person(database: Database, user: int, other_user: int) -> None:
    centre = direction(1, 2, 3)
    ids: dict[int, list[int]] = {user: [], other_user: []}
    for owner, spread, count in ((other_user, 0.1, 200), (user, 0.8, 3)):
        for number, row in enumerate(near(centre, count, spread)):
            ids[owner].append(new_document(database, owner, f"{owner}-{number}.txt"))
            with database.session(owner) as session:
                vectors.put(session, owner, ids[owner][-1], row, MODEL)
    with database.session(EVERYONE) as session:
        found = related.to_document(session, user, ids[user][0], MODEL, limit=10)
    assert {one.document_id for one in found} == set(ids[user][1:])


def documents_of(database: Database, passage_ids: Sequence[int]) -> set[int]:
    with database.session(EVERYONE) as session:
        query = text("SELECT DISTINCT document_id FROM passages WHERE id = ANY(:ids)")
        return set(session.scalars(query, {"ids": list(passage_ids)}))


def test_each_filter_narrows_words_and_meaning_alike(database: Database, user: int) -> None:
    centre = direction(3, 1)
    rows = near(centre, 2, 0.1)
    (one,), (two,) = (fill(database, user, [f"walrus {n}"], rows[n : n + 1]) for n in range(2))
    (first,), (second,) = documents_of(database, [one]), documents_of(database, [two])
    with database.session(EVERYONE) as session:
        cluster = session.scalar(
            text(
                """INSERT INTO clusters (owner_id, name, model, centroid)
                   VALUES (:o, 'c', 'm', '[1]') RETURNING id"""
            ),
            {"o": user},
        )
        tag, concept = (session.scalar(text(sql), {"o": user}) for sql in (
            "INSERT INTO tags (owner_id, key, name, colour) VALUES (:o, 't', 't', 'blue') RETURNING id",
            "INSERT INTO concepts (owner_id, key, name) VALUES (:o, 'k', 'k') RETURNING id",
        ))  # fmt: skip
        for sql in (
            """UPDATE documents SET cluster_id = :c, subcluster_id = :c, media_type = 'application/pdf',
                   language = 'de', source_url = 'https://www.Example.org/a',
                   created_at = '2001-01-01' WHERE id = :d""",
            "INSERT INTO document_tags (document_id, tag_id, owner_id, source) VALUES (:d, :t, :o, 'person')",
            """INSERT INTO document_concepts (document_id, concept_id, owner_id, rank, confidence, quote, start, "end")
               VALUES (:d, :k, :o, 0, 1, '', 0, 0)""",
        ):
            session.execute(text(sql), {"o": user, "d": first, "c": cluster, "t": tag, "k": concept})
        moment = session.scalar(text("SELECT CAST('2002-01-01' AS timestamptz)"))
    for filters in (
        Filters(cluster_id=cluster),
        Filters(subcluster_id=cluster),
        Filters(concept_id=concept),
        Filters(tag_id=tag),
        Filters(type="pdf"),
        Filters(language="de"),
        Filters(source="example.org"),
        Filters(until=moment),
    ):
        for q, vector in (("walrus ", None), ("sea ", centre), ("walrus ", centre)):
            assert [hit.passage_id for hit in find(database, user, q, vector, filters)] == [one], (filters, q)
    for filters in (Filters(since=moment), Filters(source="file"), Filters(type="text")):
        assert [hit.passage_id for hit in find(database, user, "walrus ", centre, filters)] == [two], filters
    assert find(database, user, "walrus", centre, Filters(tag_id=tag, language="en")) == []
    assert second != first
