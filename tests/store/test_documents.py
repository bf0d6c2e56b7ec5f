"""Documents, their texts and passages, on a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from backend.domain.content import Content, Part
from backend.domain.errors import Conflict, NotFound
from backend.domain.ports import Embedder
from backend.store import concept_lists, concepts, document_lists, documents, passages, trash
from backend.store.concept_rows import Concept
from backend.store.database import Database
from backend.store.documents import Document
from backend.store.passages import Passage, PassageVector
from tests.factories import file_document, new_document

TEXT = "# Bees\n\nBees make honey from nectar. A bee colony has one queen and many workers who feed the queen.\n"


def test_the_same_bytes_are_one_document_however_many_upload_them_at_once(database: Database, user: int) -> None:
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: new_document(database, user, "a", body=b"same"), range(20)))
    assert len(ids) == 1


def test_each_owner_has_a_document_of_their_own(database: Database, user: int, other_user: int) -> None:
    mine = new_document(database, user, "a", body=b"same")
    theirs = new_document(database, other_user, "a", body=b"same")
    assert mine != theirs
    with database.session(other_user) as session:
        with pytest.raises(NotFound):
            documents.get(session, other_user, mine)
        found = documents.by_blob(session, other_user, documents.get(session, other_user, theirs).blob_sha256)
        assert found is not None
        assert found.id == theirs


def test_row_security_hides_rows_from_a_query_that_forgets_its_owner(
    database: Database, embedder: Embedder, user: int, other_user: int
) -> None:
    file_document(database, embedder, user, TEXT)
    for table in (Document, Passage, PassageVector, Concept):
        with database.session(user) as session:
            assert session.scalar(select(func.count()).select_from(table))
        with database.session(other_user) as session:
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_what_was_read_is_kept_with_what_it_tells(database: Database, user: int) -> None:
    document_id = new_document(database, user, "bees.md")
    warning = {"code": "odd", "message": "One picture was left out."}
    content = Content(
        TEXT, "text/markdown", title="All about bees", parts=(Part(0, 7, {"page": 1}),), warnings=(warning,)
    )
    with database.session(user) as session:
        documents.save_text(session, document_id, content, "v1")
        documents.save_text(session, document_id, content, "v2")
    with database.session(user) as session:
        row = documents.get(session, user, document_id)
        assert (row.title, row.language, row.char_count, row.media_type) == (
            "All about bees",
            "en",
            len(TEXT),
            "text/markdown",
        )
        assert row.warnings == [warning]
        assert documents.content(session, document_id) == (TEXT, (Part(0, 7, {"page": 1}),), "en")


def test_a_title_given_by_a_person_is_kept(database: Database, user: int) -> None:
    document_id = new_document(database, user, "bees.md")
    with database.session(user) as session:
        documents.rename(session, documents.get(session, user, document_id), "My bees")
        documents.save_text(session, document_id, Content(TEXT, "text/markdown", title="All about bees"), "v1")
    with database.session(user) as session:
        assert documents.get(session, user, document_id).title == "My bees"


def test_a_document_without_text_says_so(database: Database, user: int) -> None:
    document_id = new_document(database, user)
    with database.session(user) as session, pytest.raises(NotFound) as missing:
        documents.content(session, document_id)
    assert missing.value.code == "no_text"


def test_an_error_goes_when_the_status_does(database: Database, user: int) -> None:
    document_id = new_document(database, user)
    error = {"code": "corrupt", "message": "It is broken.", "hint": "", "retryable": False}
    with database.session(user) as session:
        documents.set_status(session, document_id, "error", error=error)
    with database.session(user) as session:
        assert documents.get(session, user, document_id).error == error
        documents.set_status(session, document_id, "queued")
    with database.session(user) as session:
        assert documents.get(session, user, document_id).error is None


def test_filing_again_replaces_passages_vectors_and_concepts(database: Database, embedder: Embedder, user: int) -> None:
    filed = file_document(database, embedder, user, TEXT)
    with database.session(user) as session:
        ids = passages.replace(session, user, filed.id, [], [], embedder.model, "en")
        assert ids == []
        assert concepts.replace(session, user, filed.id, [], []) == []
    with database.session(user) as session:
        assert passages.count(session, user, filed.id) == 0
        assert session.scalar(select(func.count()).select_from(PassageVector)) == 0
        assert concepts.of_document(session, user, filed.id) == []
        assert concept_lists.page(session, user, limit=10) == ([], 0), "nobody shows them any more"


def test_two_spellings_of_a_concept_are_one(database: Database, embedder: Embedder, user: int) -> None:
    first = file_document(database, embedder, user, "Heat Pump. A Heat Pump heats. The Heat Pump hums.")
    second = file_document(database, embedder, user, "A heat pump is loud. My heat pump broke. Sell the heat pump.")
    with database.session(user) as session:
        shown = [concepts.of_document(session, user, filed.id) for filed in (first, second)]
    assert "Heat Pump" in {entry.concept.name for entry in shown[0]} & {entry.concept.name for entry in shown[1]}


def test_the_size_of_the_trash_counts(database: Database, user: int, other_user: int) -> None:
    document_id = new_document(database, user, body=b"12345")
    with database.session(user) as session:
        trash.put(session, user, document_id)
        assert documents.stored_bytes(session, user) == 5
    with database.session(other_user) as session:
        assert documents.stored_bytes(session, other_user) == 0


def test_bytes_in_the_trash_may_come_again(database: Database, user: int) -> None:
    first = new_document(database, user, "a", body=b"same")
    with database.session(user) as session:
        trash.put(session, user, first)
    assert new_document(database, user, "a", body=b"same") != first
    with database.session(user) as session, pytest.raises(Conflict):
        trash.restore(session, user, first)


@pytest.mark.parametrize("sort", document_lists.SORTS)
def test_every_order_can_be_paged(database: Database, user: int, sort: str) -> None:
    ids = {new_document(database, user, name) for name in ("b", "a", "c", "aa")}
    seen: list[int] = []
    after = None
    column = document_lists.SORTS[sort][0].key
    while True:
        with database.session(user) as session:
            rows = document_lists.page(session, user, document_lists.Filter(), sort=sort, after=after, limit=1)
        if not rows:
            break
        seen.append(rows[0].document.id)
        after = (getattr(rows[0].document, column), rows[0].document.id)
        assert len(seen) <= len(ids)
    assert set(seen) == ids
