"""Finding duplicates in the database: buckets, comparisons, groups and hints, and the wall between people."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from backend.domain import buckets
from backend.domain.signatures import OF_WORDS, Kind
from backend.store import duplicate_candidates, duplicate_pairs, duplicate_verdicts, duplicates, signatures, trash
from backend.store.database import EVERYONE, Database
from backend.store.duplicate_pairs import Compared
from tests import twins
from tests.twins import changed, filed, prose


def layers(database: Database, owner_id: int) -> list[tuple[str, list[int]]]:
    with database.session(owner_id) as session:
        groups, _ = duplicates.groups(session, owner_id)
    return [(group.layer, [member.document_id for member in group.members]) for group in groups]


def test_the_same_text_in_two_files_is_one_document(database: Database, user: int) -> None:
    first = filed(database, user, "a.txt", prose(1))
    second = filed(database, user, "b.txt", prose(1).upper() + "\n")
    filed(database, user, "c.txt", prose(2))
    assert layers(database, user) == [("exact", [first, second])]


def test_a_version_is_found_and_what_differs_is_counted(database: Database, user: int) -> None:
    text = prose(1)
    first = filed(database, user, "a.txt", text)
    second = filed(database, user, "b.txt", f"{text}\n\n{prose(3, 60, paragraph=20)}")
    with database.session(user) as session:
        (group,), facts = duplicates.groups(session, user)
        hints = duplicates.looks_like(session, user, first)
    assert group.layer == "near"
    assert group.primary_id == second, "the longer one is the more complete"
    assert duplicates.differences.of_group(group, facts) == "The first has 3 paragraphs more."
    assert [(hint.document_id, hint.layer) for hint in hints] == [(second, "near")]
    assert hints[0].how == "100% of this text is in it."


def test_a_chapter_is_found_in_its_book_whatever_the_size_of_either(database: Database, user: int) -> None:
    chapters = [prose(seed, 400) for seed in range(10, 40)]
    book = filed(database, user, "book.txt", "\n\n".join(chapters))
    chapter = filed(database, user, "chapter.txt", changed(chapters[3], 5, 0.02))
    other = filed(database, user, "another.txt", chapters[20])
    assert layers(database, user) == [("containment", [book, other, chapter])]
    with database.session(user) as session:
        (hint,) = duplicates.looks_like(session, user, chapter)
    assert hint.document_id == book
    assert hint.how.startswith("This is a part of it: 9")


def test_texts_without_spaces_and_short_ones_are_compared_too(database: Database, user: int) -> None:
    japanese = "東京都は日本の首都であり、世界でも最大級の都市の一つである。人口は千三百万人を超える。"
    first = filed(database, user, "a.txt", japanese)
    second = filed(database, user, "b.txt", japanese.replace("千三百万人", "千四百万人"))
    short = filed(database, user, "c.txt", "Buy milk, eggs, bread and butter on Saturday before noon")
    again = filed(database, user, "d.txt", "buy milk, eggs, bread and butter on saturday before noon!")
    filed(database, user, "e.txt", "Call the bank")
    assert layers(database, user) == [("near", [short, again]), ("near", [first, second])]


def test_two_people_with_the_same_texts_never_meet(database: Database, user: int, other_user: int) -> None:
    mine = [filed(database, user, f"{name}.txt", prose(1)) for name in ("a", "b")]
    theirs = filed(database, other_user, "c.txt", prose(1))
    assert layers(database, user) == [("exact", mine)]
    assert layers(database, other_user) == []
    with database.session(other_user) as session:
        assert duplicates.looks_like(session, other_user, theirs) == []
        assert duplicates.looks_like(session, other_user, mine[0]) == []
        found = list(duplicate_candidates.buckets(session, user, OF_WORDS))
        assert found == [], "the second wall: whoever forgets the owner sees nothing"
        assert signatures.of(session, user, mine) == {}
    with database.session(EVERYONE) as session:  # past the second wall, the first still stands
        keys = {Kind.TEXT: np.array(keys_of_text(session), np.int64)}
        assert set(duplicate_candidates.meeting(session, user, mine[0], keys, limit=9)) == {mine[1]}
        for bucket in duplicate_candidates.buckets(session, user, OF_WORDS):
            assert set(bucket) <= set(mine)


def keys_of_text(session: duplicates.Session) -> list[int]:
    rows = session.query(signatures.DuplicateBand.key).filter_by(kind=int(Kind.TEXT)).distinct()
    return [row.key for row in rows]


def test_what_is_in_the_trash_is_in_no_group_and_no_hint(database: Database, user: int) -> None:
    first, second = (filed(database, user, f"{name}.txt", prose(1)) for name in ("a", "b"))
    with database.session(user) as session:
        trash.put(session, user, second)
    assert layers(database, user) == []
    with database.session(user) as session:
        assert duplicates.looks_like(session, user, first) == []
        assert duplicate_candidates.in_trash(session, user) == [second]
        trash.restore(session, user, second)
    assert layers(database, user) == [("exact", [first, second])]


def test_what_a_person_said_is_different_is_in_no_group_and_no_hint(database: Database, user: int) -> None:
    first, second = (filed(database, user, f"{name}.txt", prose(1)) for name in ("a", "b"))
    with database.session(user) as session:
        duplicate_verdicts.dismiss(session, user, [first, second])
        assert duplicates.looks_like(session, user, first) == []
    assert layers(database, user) == []
    with database.session(user) as session:
        duplicate_verdicts.undo(session, user, [first, second])
    assert layers(database, user) == [("exact", [first, second])]


def test_a_document_read_again_leaves_its_old_company(database: Database, user: int) -> None:
    filed(database, user, "a.txt", prose(1))
    second = filed(database, user, "b.txt", prose(1))
    third = filed(database, user, "c.txt", prose(2))
    before = twins.digest(database, user, second)
    with database.session(user) as session:
        content = twins.Content(text=prose(2), media_type="text/plain")
        twins.documents.save_text(session, second, content, "test")
    twins.sign(database, user, second)
    assert layers(database, user) == [("exact", [second, third])]
    with database.session(user) as session:  # a scan that compared the old signature comes too late
        stale = Compared(third - 2, second, "exact", 1, 1, 1, digest_a=before, digest_b=before)
        duplicate_pairs.put(session, user, duplicate_pairs.WORDS, [stale])
    assert layers(database, user) == [("exact", [second, third])]


@pytest.mark.parametrize("seed", range(4))
def test_the_buckets_find_what_comparing_all_with_all_finds(database: Database, user: int, seed: int) -> None:
    texts = [changed(prose(seed * 100 + topic), version, 0.05 * version) for topic in range(6) for version in range(4)]
    ids = [twins.add(database, user, f"{number}.txt", text) for number, text in enumerate(texts)]
    for number in ids:
        twins.sign(database, user, number, compare=False)
    with database.session(user) as session:
        met = buckets.candidates(duplicate_candidates.buckets(session, user, OF_WORDS))
        everything = [(a, b) for a in ids for b in ids if a < b]
        alike = {(row.a, row.b) for row in twins.comparing.by_words(session, user, everything) if row.layer}
    assert len(alike) > 10
    assert alike <= {(a, b) for a, b in met.pairs.tolist()}
    assert len(met.pairs) < len(everything) / 2, "candidates, not all pairs"


def test_the_wall_between_people_does_not_keep_the_index_from_serving(
    database: Database, user: int, other_user: int
) -> None:
    number = filed(database, user, "a.txt", prose(1))
    for owner in (user, other_user):
        with database.session(owner) as session:
            session.execute(
                text(
                    """INSERT INTO duplicate_bands (owner_id, kind, key, document_id)
                       SELECT :owner, 2, step * 7919, :number FROM generate_series(1, 20000) AS step"""
                ),
                {"owner": owner, "number": number},
            )
    with database.session(user) as session:
        session.execute(text("ANALYZE duplicate_bands"))
        asked = {
            "owner_id": user,
            "document_id": number + 1,
            "kinds": [2] * 30,
            "keys": list(range(0, 30 * 7919, 7919)),
        }
        explain = text(f"EXPLAIN {duplicate_candidates.MEETING.text}")
        plan = "\n".join(session.scalars(explain, asked | {"largest": 32, "limit": 24}))
    assert "pk_duplicate_bands" in plan
    assert "Seq Scan on duplicate_bands" not in plan
