"""Merging documents and taking it back, on a real PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from backend.domain import highlights as marking
from backend.domain.errors import Conflict, InvalidInput, Merged, NotFound
from backend.domain.ports import Embedder
from backend.store import (
    carried_concepts,
    clusters,
    concepts,
    document_tags,
    document_urls,
    documents,
    families,
    highlights,
    members,
    merges,
    notes,
    tags,
    trash,
)
from backend.store.cluster_rows import Cluster
from backend.store.concepts import DocumentConcept
from backend.store.database import Database
from backend.store.documents import Document
from tests.factories import Filed, file_document, new_document
from tests.merging import BEES, MORE_BEES, TRAINS, check_clusters, merge, state, undo


def adorn(database: Database, owner: int, filed: Filed, name: str, quote: str) -> None:
    """Give a document everything that can hang on one."""
    with database.session(owner) as session:
        document_tags.put(session, owner, filed.id, {"both": "Both", name: name.title()})
        notes.add(session, owner, filed.id, f"A note on {name}")
        body, _, _ = documents.content(session, filed.id)
        start = body.index(quote)
        anchor = marking.anchor(body, start, start + len(quote))
        highlights.add(session, owner, filed.id, anchor, colour="yellow", note=name)
        document_urls.point(session, owner, {f"https://example.org/{name}": filed.id})
        child = new_document(database, owner, f"{name}-child.txt")
        session.get_one(Document, child).parent_id = filed.id
        archive = new_document(database, owner, f"{name}.zip")
        row = {"name": "bees.txt", "size_bytes": 1, "outcome": "new", "document_id": filed.id}
        members.replace(session, owner, archive, [row])


@pytest.fixture
def pair(database: Database, embedder: Embedder, user: int) -> tuple[Filed, Filed]:
    """Two versions of a text with everything on them; the second says more."""
    kept = file_document(database, embedder, user, BEES, name="bees.md")
    gone = file_document(database, embedder, user, MORE_BEES, name="more-bees.md")
    adorn(database, user, kept, "kept", "one queen")
    adorn(database, user, gone, "gone", "A hive stands in the garden")
    return kept, gone


def test_a_merge_brings_everything_together(database: Database, user: int, pair: tuple[Filed, Filed]) -> None:
    kept, gone = pair
    row = merge(database, user, kept.id, gone.id)
    moved = {"tags": 1, "notes": 1, "highlights": 1, "urls": 1, "children": 1, "members": 1}
    assert row.moved == {**moved, "concepts": len(set(gone.concepts) - set(kept.concepts))}
    with database.session(user) as session:
        names = {tagged.tag.name for tagged in document_tags.of_documents(session, user, [kept.id])[kept.id]}
        assert names == {"Both", "Kept", "Gone"}
        assert {note.text for note in notes.page(session, user, kept.id, after=None, limit=9)[0]} == {
            "A note on kept",
            "A note on gone",
        }
        shown = {entry.concept.name for entry in concepts.of_document(session, user, kept.id)}
        assert shown >= set(kept.concepts) | set(gone.concepts)
        led = document_urls.documents_of(session, user, ["https://example.org/gone"])
        assert led["https://example.org/gone"].id == kept.id
        assert len(families.descendants(session, user, kept.id)) == 2
        body, _, _ = documents.content(session, kept.id)
        for mark in highlights.page(session, user, kept.id, after=None, limit=9)[0]:
            assert body[mark.start : mark.end] == mark.quote
            assert not mark.lost
        with pytest.raises(Merged) as moved:
            documents.get(session, user, gone.id)
        assert moved.value.as_json()["merged_into"] == kept.id
        with pytest.raises(Conflict) as refused:
            trash.restore(session, user, gone.id)
        assert refused.value.code == "merged_away"
    check_clusters(database)


def test_a_merge_that_is_undone_leaves_no_trace_in_any_table(
    database: Database, embedder: Embedder, user: int, pair: tuple[Filed, Filed]
) -> None:
    kept, gone = pair
    third = file_document(database, embedder, user, TRAINS, name="trains.txt")
    adorn(database, user, third, "third", "burns coal")
    with database.session(user) as session:
        clusters.move(session, user, gone.id, third.cluster_id or 0)
    ids = [kept.id, gone.id, third.id]
    before = state(database, ids)
    assert {"notes.document_id", "highlights.document_id", "document_tags.document_id"} <= set(before)
    row = merge(database, user, kept.id, gone.id, third.id)
    assert state(database, ids) != before
    check_clusters(database)
    undo(database, user, row.id)
    after = state(database, ids)
    for name, rows in before.items():
        assert after[name] == rows, name
    check_clusters(database)


def test_a_cluster_that_vanished_with_its_only_document_comes_back(
    database: Database, embedder: Embedder, user: int
) -> None:
    kept = file_document(database, embedder, user, BEES)
    alone = file_document(database, embedder, user, TRAINS)
    assert kept.cluster_id != alone.cluster_id
    row = merge(database, user, kept.id, alone.id)
    with database.session(user) as session:
        assert session.get(Cluster, alone.cluster_id) is None
    undo(database, user, row.id)
    with database.session(user) as session:
        cluster = session.get_one(Cluster, alone.cluster_id)
        assert (cluster.name, cluster.document_count) == (alone.cluster_name, 1)
    check_clusters(database)


def test_what_people_change_after_a_merge_outlives_its_undoing(
    database: Database, user: int, pair: tuple[Filed, Filed]
) -> None:
    kept, gone = pair
    row = merge(database, user, kept.id, gone.id)
    with database.session(user) as session:
        document_tags.change(session, user, [kept.id], add={"later": "Later"}, remove=["kept"])
        note = next(n for n in notes.page(session, user, kept.id, after=None, limit=9)[0] if "gone" in n.text)
        notes.change(session, note, "Said better")
        notes.add(session, user, kept.id, "A later note")
        documents.rename(session, documents.get(session, user, kept.id), "My bees")
        mark = next(m for m in highlights.page(session, user, kept.id, after=None, limit=9)[0] if m.note == "gone")
        highlights.change(session, mark, colour="green")
        other = new_document(database, user, "other.md")
        document_urls.point(session, user, {"https://example.org/gone": other})
        changed_at = session.scalar(select(Document.updated_at).where(Document.id == kept.id))
    undo(database, user, row.id)
    with database.session(user) as session:
        assert session.scalar(select(Document.updated_at).where(Document.id == kept.id)) == changed_at
        led = document_urls.documents_of(session, user, ["https://example.org/gone"])
        assert led["https://example.org/gone"].id == other
        of = document_tags.of_documents(session, user, [kept.id, gone.id])
        assert {tagged.tag.name for tagged in of[kept.id]} == {"Both", "Later"}
        assert {tagged.tag.name for tagged in of[gone.id]} == {"Both", "Gone"}
        texts = [{n.text for n in notes.page(session, user, one, after=None, limit=9)[0]} for one in (kept.id, gone.id)]
        assert texts == [{"A note on kept", "A later note"}, {"Said better"}]
        assert documents.get(session, user, kept.id).title == "My bees"
        marks = highlights.page(session, user, gone.id, after=None, limit=9)[0]
        assert [(one.note, one.colour) for one in marks] == [("gone", "green")]
        body, _, _ = documents.content(session, gone.id)
        assert body[marks[0].start : marks[0].end] == marks[0].quote


def test_a_concept_is_only_claimed_where_its_words_stand(database: Database, embedder: Embedder, user: int) -> None:
    kept = file_document(database, embedder, user, BEES)
    gone = file_document(database, embedder, user, MORE_BEES + TRAINS)
    merge(database, user, kept.id, gone.id)
    with database.session(user) as session:
        body, _, _ = documents.content(session, kept.id)
        other, _, _ = documents.content(session, gone.id)
        links = session.scalars(select(DocumentConcept).where(DocumentConcept.document_id == kept.id)).all()
        assert [link for link in links if link.from_document_id == gone.id]
        for link in links:
            if link.start < link.end:
                assert body[link.start : link.end] == link.quote
            else:
                assert (link.from_document_id, link.passage_id) == (gone.id, None)
                assert link.quote in other
                assert link.quote not in body


def test_carried_concepts_stay_when_the_kept_document_is_read_again(
    database: Database, embedder: Embedder, user: int
) -> None:
    kept = file_document(database, embedder, user, BEES)
    gone = file_document(database, embedder, user, MORE_BEES)
    row = merge(database, user, kept.id, gone.id)
    mine = select(DocumentConcept).where(
        DocumentConcept.document_id == kept.id, DocumentConcept.from_document_id == gone.id
    )
    with database.session(user) as session:
        carried = {link.concept_id for link in session.scalars(mine)}
        assert carried
        session.execute(text("UPDATE document_texts SET text = 'New. ' || text"))
        concepts.replace(session, user, kept.id, [], [])
        carried_concepts.anchor_again(session, user, kept.id)
    with database.session(user) as session:
        body, _, _ = documents.content(session, kept.id)
        found = session.scalars(mine).all()
        assert {link.concept_id for link in found} == carried
        assert all(body[link.start : link.end] == link.quote for link in found if link.end)
    undo(database, user, row.id)
    with database.session(user) as session:
        assert session.scalars(mine).all() == []


def test_highlights_return_to_their_places_whatever_was_read_meanwhile(
    database: Database, user: int, pair: tuple[Filed, Filed]
) -> None:
    kept, gone = pair
    before = state(database, [gone.id])["highlights.document_id"]
    row = merge(database, user, kept.id, gone.id)
    with database.session(user) as session:
        session.execute(
            text("UPDATE document_texts SET text = 'Nothing of it.' WHERE document_id = :id"), {"id": kept.id}
        )
        assert highlights.find_again(session, user, kept.id, "Nothing of it.") == 2
    undo(database, user, row.id)
    assert state(database, [gone.id])["highlights.document_id"] == before


def test_merges_of_merges_are_undone_in_turn(database: Database, embedder: Embedder, user: int) -> None:
    a, b, c = (file_document(database, embedder, user, body) for body in (BEES, MORE_BEES, TRAINS))
    before = state(database, [a.id, b.id, c.id])
    first = merge(database, user, b.id, a.id)
    second = merge(database, user, c.id, b.id)
    with database.session(user) as session, pytest.raises(Merged) as moved:
        documents.get(session, user, a.id)
    assert moved.value.merged_into == c.id
    with pytest.raises(Conflict) as refused:
        undo(database, user, first.id)
    assert (refused.value.code, str(second.id) in refused.value.as_json()["hint"]) == ("merged_again", True)
    undo(database, user, second.id)
    undo(database, user, first.id)
    assert state(database, [a.id, b.id, c.id]) == before
    with pytest.raises(Conflict) as twice:
        undo(database, user, first.id)
    assert twice.value.code == "already_undone"


def test_after_thirty_days_a_merge_stays(database: Database, user: int, pair: tuple[Filed, Filed]) -> None:
    kept, gone = pair
    row = merge(database, user, kept.id, gone.id)
    with database.session(user) as session:
        session.execute(text("UPDATE merges SET at = at - interval '30 days 1 minute'"))
    with pytest.raises(Conflict) as late:
        undo(database, user, row.id)
    assert late.value.code == "undo_expired"
    with database.session(user) as session:
        assert [one.can_undo for one in merges.page(session, user, after=None, limit=9)[0]] == [False]
        assert merges.into(session, user, kept.id) == []
        assert trash.restore(session, user, gone.id).merged_into is None


def test_what_cannot_be_merged_is_refused_and_changes_nothing(
    database: Database, embedder: Embedder, user: int, other_user: int, pair: tuple[Filed, Filed]
) -> None:
    kept, gone = pair
    theirs = file_document(database, embedder, other_user, TRAINS)
    with database.session(user) as session:
        child = families.descendants(session, user, gone.id)[0]
    before = state(database, [kept.id, gone.id, theirs.id])
    for wish, code in (
        ((kept.id, kept.id), "merge_with_itself"),
        ((kept.id,), "nothing_to_merge"),
        ((kept.id, gone.id, theirs.id), "document_not_found"),
        ((theirs.id, gone.id), "document_not_found"),
        ((child, gone.id), "merge_into_part"),
    ):
        with pytest.raises((InvalidInput, NotFound, Conflict)) as refused:
            merge(database, user, *wish)
        assert refused.value.code == code
    assert state(database, [kept.id, gone.id, theirs.id]) == before
    row = merge(database, user, kept.id, gone.id)
    with pytest.raises(NotFound) as unseen:
        undo(database, other_user, row.id)
    assert unseen.value.code == "merge_not_found"
    with database.session(other_user) as session:
        assert merges.page(session, other_user, after=None, limit=9) == ([], 0)


def test_tags_come_along_as_the_persons_unless_they_were_taken_off(
    database: Database, user: int, pair: tuple[Filed, Filed]
) -> None:
    kept, gone = pair
    with database.session(user) as session:
        document_tags.change(session, user, [kept.id], add={"gone": "Gone"}, remove=[])
        document_tags.change(session, user, [kept.id], add={}, remove=["gone"])
        ruled = tags.ensure(session, user, {"ruled": "Ruled"})["ruled"].id
        document_tags.by_rule(session, user, ruled, [gone.id], [kept.id])
    row = merge(database, user, kept.id, gone.id)
    with database.session(user) as session:
        document_tags.by_rule(session, user, ruled, [], [kept.id])
        found = document_tags.of_documents(session, user, [kept.id])[kept.id]
        assert {tagged.tag.name for tagged in found} == {"Both", "Kept", "Ruled"}
    undo(database, user, row.id)
    with database.session(user) as session:
        found = document_tags.of_documents(session, user, [kept.id])[kept.id]
        assert {tagged.tag.name for tagged in found} == {"Both", "Kept"}


def test_what_came_out_of_a_document_is_merged_into_it_without_naming_itself(database: Database, user: int) -> None:
    mail, attached = new_document(database, user, "mail.eml"), new_document(database, user, "attached.md")
    with database.session(user) as session:
        session.get_one(Document, attached).parent_id = mail
        row = {"name": "attached.md", "size_bytes": 1, "outcome": "new", "document_id": attached}
        members.replace(session, user, mail, [row])
    before = state(database, [mail, attached])
    merged = merge(database, user, mail, attached)
    with database.session(user) as session:
        assert [child for _, child in members.first(session, user, mail, 9)] == [None]
        assert documents.get(session, user, mail).parent_id is None
    undo(database, user, merged.id)
    assert state(database, [mail, attached]) == before
