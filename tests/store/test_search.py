"""Search on a real PostgreSQL: owners apart on the word path and on the vector path, and the indexes are used."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from sqlalchemy import text

from backend.domain import chunks as chunking
from backend.domain import search as searching
from backend.store import matches, passages, search, vectors
from backend.store.database import EVERYONE, Database
from backend.store.search import Filters, Hit
from tests.factories import MODEL, new_document

RNG = np.random.default_rng(7)


def units(count: int, dimension: int = 384) -> np.ndarray:
    rows = RNG.normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def fill(
    database: Database, owner: int, texts: list[str], rows: np.ndarray, *, model: str = MODEL, language: str = "en"
) -> list[int]:
    """One document with a passage for each text; the ids of the passages."""
    document_id = new_document(database, owner, hashlib.sha256(repr(texts[:3]).encode()).hexdigest()[:10])
    cut = [chunking.Chunk(number, body, 0, len(body)) for number, body in enumerate(texts)]
    with database.session(owner) as session:
        return passages.replace(session, owner, document_id, cut, rows, model, language)


def find(database: Database, owner: int, q: str, vector: np.ndarray | None = None, model: str = MODEL) -> list[Hit]:
    query = searching.parse(q)
    with database.session(EVERYONE) as session:
        wanted = matches.terms(session, owner, query)
        return search.candidates(session, owner, query, wanted, vector, model, Filters())


def test_a_small_owner_finds_all_of_theirs_among_anothers_thousands(
    database: Database, user: int, other_user: int
) -> None:
    many = units(3000)
    fill(database, other_user, [f"passage {number}" for number in range(3000)], many)
    mine = fill(database, user, ["mine a", "mine b", "mine c"], many[:3] * np.float32(1.0))
    with database.session(EVERYONE) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_sort = off"))  # so that the graph is walked, not a list sorted
        near = vectors.nearest(session, "passage_vectors", "embedding", "passage_id", user, many[0], MODEL, limit=10)
    assert {hit.id for hit in near} == set(mine), "other people's nearer passages take no place"
    assert near[0].id == mine[0]
    assert near[0].similarity == pytest.approx(1, abs=1e-2)
    hits = find(database, user, "mine", many[0])
    assert {hit.passage_id for hit in hits} == set(mine)


def test_vectors_of_another_model_are_not_compared(database: Database, user: int) -> None:
    rows = units(2)
    fill(database, user, ["old"], rows[:1], model="old/384/1")
    new = fill(database, user, ["new"], rows[1:])
    with database.session(user) as session:
        near = vectors.nearest(session, "passage_vectors", "embedding", "passage_id", user, rows[0], MODEL, limit=5)
    assert [hit.id for hit in near] == new


def test_other_dimensions_are_compared_one_by_one(database: Database, user: int) -> None:
    rows = units(50, 8)
    ids = fill(database, user, [f"t{number}" for number in range(50)], rows, model="tiny/8/1")
    with database.session(user) as session:
        near = vectors.nearest(
            session, "passage_vectors", "embedding", "passage_id", user, rows[9], "tiny/8/1", limit=3
        )
    assert near[0].id == ids[9]


@pytest.mark.parametrize("principal", ["owner", "everyone"])
def test_neighbours_come_from_the_graph_not_from_a_scan(database: Database, user: int, principal: str) -> None:
    fill(database, user, [f"passage {number}" for number in range(5000)], units(5000))
    with database.session(user if principal == "owner" else EVERYONE) as session:
        session.execute(text("ANALYZE passage_vectors"))
        plan = "\n".join(
            row[0]
            for row in session.execute(
                text(
                    """EXPLAIN SELECT passage_id FROM passage_vectors WHERE owner_id = :owner AND model = :model
                       AND vector_dims(embedding) = 384
                       ORDER BY (embedding::halfvec(384)) <=> CAST(:vector AS halfvec(384)) LIMIT 100"""
                ),
                {"owner": user, "model": MODEL, "vector": passages.literal(units(1)[0])},
            )
        )
    assert "ix_passage_vectors_embedding_384" in plan, plan


def test_words_come_from_the_index_not_from_a_scan(database: Database, user: int) -> None:
    fill(database, user, [f"word{number} common" for number in range(5000)], units(5000))
    with database.session(EVERYONE) as session:
        session.execute(text("SELECT gin_clean_pending_list('ix_passage_words_words')"))  # as autovacuum does
        session.execute(text("ANALYZE passage_words"))
        session.execute(matches.ASK_THE_INDEX)
        plan = "\n".join(
            row[0]
            for row in session.execute(
                text(
                    """EXPLAIN SELECT passage_id FROM passage_words
                       WHERE owner_id = :owner AND words @@ CAST(:query AS tsquery)"""
                ),
                {"owner": user, "query": "'word77'"},
            )
        )
    assert "ix_passage_words_words" in plan, plan


def test_a_rare_word_ranks_before_a_common_one(database: Database, user: int) -> None:
    texts = ["common words everywhere"] * 30 + ["a rare walrus here", "common common common common"]
    ids = fill(database, user, texts, units(len(texts)))
    hits = find(database, user, "common walrus")
    assert hits[0].passage_id == ids[30]
    assert hits[1].passage_id == ids[31], "more of the word ranks higher"


def test_a_word_in_the_title_finds_the_document(database: Database, user: int) -> None:
    document_id = new_document(database, user, "Quarterly_budget-2024.xlsx")
    with database.session(user) as session:
        ids = passages.replace(
            session, user, document_id, [chunking.Chunk(0, "numbers only", 0, 12)], units(1), MODEL, "en"
        )
    for q in ("budget", "quarterly budgets", "2024", "budg"):
        assert [hit.passage_id for hit in find(database, user, q)] == ids, q


def test_stems_follow_the_language_of_the_document(database: Database, user: int) -> None:
    with database.session(EVERYONE) as session:
        session.execute(text("SELECT 1"))
    english = fill(database, user, ["the engines were running"], units(1), language="en")
    german = fill(database, user, ["die Häuser standen leer"], units(1), language="de")
    with database.session(EVERYONE) as session:
        session.execute(text("UPDATE documents SET language = CASE WHEN id % 2 = 1 THEN 'en' ELSE 'de' END"))
    assert [hit.passage_id for hit in find(database, user, "run ")] == english
    assert [hit.passage_id for hit in find(database, user, "Haus ")] == german


def test_words_alone_never_reach_another_owner(database: Database, user: int, other_user: int) -> None:
    fill(database, user, ["secret walrus"], units(1))
    for q in ("walrus", '"secret walrus"', "walr", "secret -nothing"):
        assert find(database, other_user, q) == []
        assert find(database, user, q)
