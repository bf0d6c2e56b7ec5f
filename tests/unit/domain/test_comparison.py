"""Two texts side by side."""

from __future__ import annotations

import random

import pytest

from backend.domain import comparison
from backend.domain.comparison import Comparison, compare
from backend.domain.content import Part

A = "# Title\n\nThe quick brown fox jumps.\n\nThis one stays as it is.\n\nOnly the first speaks of whales.\n\nThe end."
B = "# Title\n\nThe quick red fox jumps.\n\nThis one\nstays  as it is.\n\nZebra finches build nests.\n\nThe end."


def check_offsets(found: Comparison, a: str, b: str) -> None:
    """Every side is the stretch of its text that its offsets name, and the marks lie within."""
    for row in found.rows:
        for side, text, marks in ((row.a, a, row.marks_a), (row.b, b, row.marks_b)):
            if side is not None:
                assert text[side.start : side.end] == side.text
                assert all(0 <= start < end <= len(side.text) for start, end in marks)
            else:
                assert not marks


def kinds(found: Comparison) -> list[str]:
    return [row.kind for row in found.rows]


def marked(found: Comparison) -> list[tuple[list[str], list[str]]]:
    return [
        (
            [row.a.text[start:end] for start, end in row.marks_a] if row.a else [],
            [row.b.text[start:end] for start, end in row.marks_b] if row.b else [],
        )
        for row in found.rows
        if row.kind == "changed"
    ]


def test_paragraphs_stand_beside_what_they_became() -> None:
    found = compare(A, [], B, [])
    check_offsets(found, A, B)
    assert kinds(found) == ["same", "changed", "same", "only_a", "only_b", "same"]
    assert marked(found) == [(["brown"], ["red"])]
    assert found.counts == {"same": 3, "changed": 1, "only_a": 1, "only_b": 1}
    assert not found.truncated


def test_line_breaks_and_paragraphs_do_not_count_as_differences() -> None:
    flowing = " ".join(A.split())
    for a, b in ((A, flowing), (flowing, A)):
        found = compare(a, [], b, [])
        check_offsets(found, a, b)
        assert set(kinds(found)) == {"same"}
        assert (found.shared_a, found.shared_b) == (1.0, 1.0)


def test_a_part_of_a_whole_is_found_in_it() -> None:
    chapters = [f"Chapter {n}\n\n" + " ".join(f"word{n * 1000 + i}" for i in range(200)) for n in range(9)]
    whole = "\n\n".join(chapters)
    found = compare(chapters[4], [], whole, [])
    check_offsets(found, chapters[4], whole)
    assert found.shared_a == 1.0
    assert 0.1 < found.shared_b < 0.12
    assert kinds(found).count("only_b") == 16


def test_characters_of_scripts_without_spaces_are_compared_one_by_one() -> None:
    found = compare("東京は日本の首都です。", [], "京都は日本の首都でした。", [])
    assert kinds(found) == ["changed"]
    assert "日" not in "".join(marked(found)[0][0])


def test_every_row_tells_its_place() -> None:
    parts = (Part(0, 8, {"page": 1}), Part(8, 36, {"page": 2}), Part(36, len(A), {}))
    found = compare(A, parts, B, [])
    places = [row.a.place for row in found.rows if row.a]
    assert places[:3] == [{"page": 1}, {"page": 2}, None]
    assert all(row.b.place is None for row in found.rows if row.b)


def test_texts_that_share_nothing_do_not_pretend_to() -> None:
    chance = random.Random(7)
    words = [f"w{number}" for number in range(500)]
    a, b = ("\n\n".join(" ".join(chance.choices(words, k=40)) for _ in range(60)) for _ in "ab")
    found = compare(a, [], b, [])
    assert {row.kind for row in found.rows} == {"only_a", "only_b"}
    assert found.shared_a == 0.0


@pytest.mark.parametrize(("a", "b"), [("", ""), ("", B), (A, ""), (" \n\n ", "x"), ("x", "x"), ("\n", "a b\n\nc")])
def test_an_empty_text_is_no_trouble(a: str, b: str) -> None:
    found = compare(a, [], b, [])
    check_offsets(found, a, b)
    assert not found.truncated


def test_a_long_pair_shows_where_it_differs_and_says_that_there_is_more() -> None:
    paragraphs = [f"Paragraph {n} " + " ".join(f"word{n}x{i}" for i in range(30)) for n in range(4000)]
    changed = list(paragraphs)
    for n in range(0, 4000, 100):
        changed[n] = changed[n].replace("Paragraph", "Changed")
    found = compare("\n\n".join(paragraphs), [], "\n\n".join(changed), [])
    assert found.truncated
    assert found.counts == {"same": 3960, "changed": 40, "only_a": 0, "only_b": 0}
    assert kinds(found).count("changed") == 40
    assert len(found.rows) <= comparison.MOST_ROWS


def test_a_paragraph_without_end_is_cut_into_rows() -> None:
    a = "word " * 5000
    found = compare(a, [], a, [])
    check_offsets(found, a, a)
    assert max(len(row.a.text) for row in found.rows if row.a) <= comparison.LONGEST
    assert set(kinds(found)) == {"same"}


def test_random_edits_are_told_back_exactly() -> None:
    chance = random.Random(11)
    words = [f"w{number}" for number in range(40)]
    for _ in range(200):
        a = [chance.choice([*words, "\n\n", "."]) for _ in range(chance.randrange(120))]
        b = list(a)
        for _ in range(chance.randrange(12)):
            at = chance.randrange(len(b) + 1)
            b[at : at + chance.randrange(3)] = [chance.choice([*words, "\n\n"]) for _ in range(chance.randrange(3))]
        one, two = " ".join(a), " ".join(b)
        found = compare(one, [], two, [])
        check_offsets(found, one, two)
        for text, sides in ((one, [r.a for r in found.rows if r.a]), (two, [r.b for r in found.rows if r.b])):
            assert "".join("".join(side.text.split()) for side in sides) == "".join(text.split())
        for row in found.rows:
            if row.kind == "same" and row.a and row.b:
                assert row.a.text.split() == row.b.text.split()
