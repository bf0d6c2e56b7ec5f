"""Suggestions on a real PostgreSQL: names by the beginnings of their words, each person's own, by index."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from backend.domain import suggestions as suggesting
from backend.store import documents, suggestions
from backend.store.database import EVERYONE, Database
from tests.factories import new_document


def suggested(database: Database, owner: int, typed: str) -> list[tuple[str, str]]:
    words = suggesting.words(typed)
    with database.session(owner) as session:
        found = suggestions.find(session, owner, words, suggesting.NAMED)
    return [(one.kind, one.text) for one in suggesting.ordered(words, found, 10)]


def test_a_document_is_suggested_by_the_beginning_of_any_word_of_its_title(database: Database, user: int) -> None:
    new_document(database, user, "Wärmepumpen im Überblick.pdf")
    for typed in ("wärm", "Warme", "über", "UBER", "warmepumpen uber", "im überblick"):
        assert ("document", "Wärmepumpen im Überblick.pdf") in suggested(database, user, typed), typed
    for typed in ("pumpen", "uberblick warm x", "wärmer"):
        assert suggested(database, user, typed) == [], typed


def test_a_title_without_spaces_is_suggested_from_the_middle(database: Database, user: int) -> None:
    new_document(database, user, "東京都の天気")
    assert ("document", "東京都の天気") in suggested(database, user, "天気")


def test_a_new_title_is_suggested_and_the_old_one_is_not(database: Database, user: int) -> None:
    document_id = new_document(database, user, "draft.txt")
    with database.session(user) as session:
        documents.rename(session, documents.get(session, user, document_id), "Budget of the observatory")
    assert ("document", "Budget of the observatory") in suggested(database, user, "obs")
    assert suggested(database, user, "draft") == []


def test_what_is_in_the_trash_is_not_suggested(database: Database, user: int) -> None:
    document_id = new_document(database, user, "walrus.txt")
    with database.session(user) as session:
        session.execute(text("UPDATE documents SET deleted_at = now() WHERE id = :id"), {"id": document_id})
    assert ("document", "walrus.txt") not in suggested(database, user, "walrus")


def test_clusters_concepts_tags_and_kept_searches_are_suggested_too(database: Database, user: int) -> None:
    document_id = new_document(database, user, "walrus.txt")
    with database.session(user) as session:
        for sql in (
            "INSERT INTO clusters (owner_id, name, model, centroid) VALUES (:o, 'Walruses of the north', 'm', '[1]')",
            "INSERT INTO tags (owner_id, key, name, colour) VALUES (:o, 'walrus', 'walrus', 'blue')",
            "INSERT INTO saved_searches (owner_id, key, name, q) VALUES (:o, 'w', 'Walrus news', 'walrus tusk')",
            "INSERT INTO concepts (owner_id, key, name) VALUES (:o, 'walrus', 'Walrus')",
            """INSERT INTO document_concepts (document_id, concept_id, owner_id, rank, confidence, quote, start, "end")
               SELECT :d, id, :o, 0, 1, '', 0, 0 FROM concepts""",
        ):
            session.execute(text(sql), {"o": user, "d": document_id})
    kinds = {kind for kind, _ in suggested(database, user, "walr")}
    assert kinds == {"document", "concept", "cluster", "tag", "saved_search", "word"}
    assert ("saved_search", "Walrus news") in suggested(database, user, "new")


@pytest.mark.parametrize("typed", ["walrus", "w", "secret wal"])
def test_nothing_of_another_person_is_suggested(database: Database, user: int, other_user: int, typed: str) -> None:
    new_document(database, user, "secret walrus.txt")
    assert suggested(database, user, typed)
    assert suggested(database, other_user, typed) == []
    with database.session(EVERYONE) as session:  # sees all rows: the query itself has to name the owner
        assert suggestions.find(session, other_user, suggesting.words(typed), suggesting.NAMED) == []


def test_names_are_found_by_the_index_behind_the_wall(database: Database, user: int) -> None:
    with database.session(user) as session:
        session.execute(
            text(
                """INSERT INTO suggestion_words SELECT :owner, 'document', 'word' || number, number
                   FROM generate_series(1, 5000) AS number"""
            ),
            {"owner": user},
        )
    with database.session(user) as session:
        session.execute(text("ANALYZE suggestion_words"))
        explain = text(
            """EXPLAIN SELECT item_id FROM suggestion_words
               WHERE owner_id = :owner AND kind = 'document' AND word ^@ 'word77' ORDER BY word LIMIT 100"""
        )
        plan = "\n".join(row[0] for row in session.execute(explain, {"owner": user}))
    assert "pk_suggestion_words" in plan, plan
    assert "word >= 'word77'" in plan, plan
