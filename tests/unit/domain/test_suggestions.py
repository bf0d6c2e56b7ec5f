"""What is typed as words, and the order of what is suggested."""

from __future__ import annotations

from backend.domain.suggestions import Kind, Suggestion, detail, ordered, words


def one(kind: Kind, text: str, count: int = 1) -> Suggestion:
    return Suggestion(kind, None, text, "", count)


def test_typed_words_lose_case_accents_and_marks() -> None:
    assert words("  Wärme-Pumpe_2024 (ÜBER)") == ("warme", "pumpe", "2024", "uber")
    assert words("?!") == ()
    assert len(words("a " * 50)) == 8


def test_names_that_begin_as_typed_come_first_and_then_the_more_used() -> None:
    found = [one("document", "A heat pump"), one("concept", "heat", 9), one("concept", "Heater", 30)]
    assert [s.text for s in ordered(("heat",), found, 10)] == ["Heater", "heat", "A heat pump"]


def test_no_kind_takes_all_the_room() -> None:
    found = [one("document", f"heat {number}", 99) for number in range(20)] + [one("tag", "heat")]
    chosen = ordered(("heat",), found, 3)
    assert len(chosen) == 3
    assert "tag" in {suggestion.kind for suggestion in chosen}


def test_the_detail_counts_what_a_suggestion_stands_for() -> None:
    assert detail(Suggestion("concept", 1, "heat", "topic", 2)) == "topic, 2 documents"
    assert detail(Suggestion("cluster", 1, "heat", "", 1)) == "1 document"
    assert detail(Suggestion("document", 1, "Heat", "heat.pdf", 1)) == "heat.pdf"
    assert detail(Suggestion("word", None, "heat", "", 3)) == "3 names"
