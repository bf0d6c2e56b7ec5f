# ruff: noqa: RUF001  letters of many scripts look alike
"""Concepts found without a language model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain import categories, chunks, concepts, fields, phrases
from backend.domain.concepts import FoundConcept
from backend.providers.embedding import PackagedEmbedder

EMBEDDER = PackagedEmbedder()
SOLAR = (
    "Solar panels turn sunlight into electricity. A photovoltaic inverter feeds the electricity into the grid. "
    "The European Solar Association says that solar panels pay back within eight years. Battery storage keeps "
    "the electricity for the night. Prof. Ada Lovelace of the Technical University studied battery storage "
    "with a regression analysis. In Germany the feed-in tariff pays for what solar panels deliver. The "
    "inverter runs on real-time software."
)

GERMAN = (
    "Die Wärmepumpe heizt das Haus. Eine Wärmepumpe braucht Strom für den Kompressor. Im Winter arbeitet die "
    "Wärmepumpe länger, weil die kalte Luft wenig Wärme trägt. Eine Fußbodenheizung kommt mit niedriger "
    "Vorlauftemperatur aus."
)
CHINESE = "人工智能是计算机科学的一个分支。机器学习是人工智能的核心。深度学习使用神经网络。神经网络需要大量数据。" * 2
RUSSIAN = (
    "Нейронные сети распознают образы. Нейронные сети обучают на больших данных, и такие сети находят "
    "закономерности. Для обучения нужны вычислительные мощности и хорошая разметка, а ещё терпение."
)


def find(text: str, language: str | None = "en") -> list[FoundConcept]:
    cut = chunks.split(text, (), count_tokens=EMBEDDER.count_tokens)
    return concepts.find(cut, EMBEDDER.embed([chunk.text for chunk in cut]), EMBEDDER.embed, language=language)


def test_a_document_shows_what_it_is_about() -> None:
    names = [concept.name.lower() for concept in find(SOLAR)]
    assert 5 <= len(names) <= 12
    assert "solar panels" in names[:3]
    assert any("battery storage" in name for name in names)
    assert not {"the", "years", "says"} & set(names)


@given(st.text(max_size=300))
@settings(max_examples=30, deadline=None)
def test_every_concept_is_proved_by_the_text(text: str) -> None:
    for concept in find(text, None):
        assert text[concept.start : concept.end] == concept.quote
        assert concept.name.split()[0].lower() in " ".join(concept.quote.split()).lower()
        assert 0 <= concept.confidence <= 1
        assert concept.ordinal >= 0


def test_concepts_are_ordered_and_do_not_repeat_each_other() -> None:
    found = find(SOLAR)
    assert [concept.confidence for concept in found] == sorted((c.confidence for c in found), reverse=True)
    for first in found:
        for second in found:
            if first is not second:
                assert not set(first.name.lower().split()) <= set(second.name.lower().split())


@pytest.mark.parametrize("text", ["", "1 2 3 4", "the of and", "...", "\n\n"])
def test_a_text_without_content_words_has_no_concepts(text: str) -> None:
    assert find(text) == []


def test_a_short_text_has_few_concepts() -> None:
    assert len(find("Buy milk and eggs.")) == 1
    assert len(find("Meeting notes: Anna calls the supplier about the broken heat pump before Friday.")) <= 2


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", GERMAN, "Wärmepumpe"),
        ("zh", CHINESE, "人工智能"),
        ("ru", RUSSIAN, "Нейронные сети"),
    ],
)
def test_other_languages_have_concepts_too(language: str, text: str, expected: str) -> None:
    assert expected in [concept.name for concept in find(text, language)]


def test_the_whole_document_is_considered() -> None:
    text = "Weather was mild. " * 400 + " ".join(
        f"Sourdough bread needs flour. The sourdough starter rises. Loaf {n}." for n in range(120)
    )
    assert any("sourdough" in concept.name.lower() for concept in find(text))


@pytest.mark.parametrize(
    ("name", "before", "proper", "expected"),
    [
        ("Technical University", "at the ", True, "organisation"),
        ("Germany", "in ", True, "place"),
        ("Lake Constance", "on ", True, "place"),
        ("Ada Lovelace", "as Prof. ", True, "person"),
        ("actor Shane Richie", "with ", False, "person"),
        ("Ada Lovelace", "as seen by ", True, "person"),
        ("Lovelace Zorblax", "as seen by ", True, "topic"),
        ("World Cup", "the ", True, "event"),
        ("marine biology", "in ", False, "field"),
        ("information technology", "of ", False, "topic"),
        ("regression analysis", "with a ", False, "method"),
        ("operating system", "an ", False, "technology"),
        ("party", "a birthday ", False, "topic"),
        ("mild weather", "", False, "topic"),
    ],
)
def test_a_category_is_named_only_where_a_rule_can_tell(
    name: str,
    before: str,
    proper: bool,
    expected: str,
) -> None:
    assert categories.category(name, before, proper=proper) == expected


def test_a_part_counts_only_for_what_it_has_beyond_the_whole() -> None:
    text = "The Champions League began. Fans of the Champions League cheered. A league of nations met."
    found = {
        " ".join(phrase.key): phrase.value
        for phrase in phrases.candidates([(0, 0, text)], frozenset({"the", "of", "a"}))
    }
    assert found["champion league"] > found["league"]
    assert "champion" not in found or found["champion"] < found["champion league"]


def test_a_very_long_text_is_counted_in_bounded_memory() -> None:
    pieces = ((n, n * 100, " ".join(f"w{n * 37 + k}" for k in range(60)) + " blue whale") for n in range(3_000))
    found = phrases.candidates(pieces, frozenset())
    assert found[0].name == "blue whale"
    assert len(found) <= 2 * phrases.TABLE


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("Ad sales boost Time Warner profit. The Time Warner profit rose.", "Warner profit"),
        ("He was knocking religious leaders. They were knocking religious feelings.", "knocking religious"),
        ("Totals | 12 | 14\nTotals | 3 | 4\nApples | 1 | 2", "Totals"),
        ("Analysts convinced Yahoo to sell. Others convinced Yahoo to wait.", "convinced Yahoo"),
    ],
)
def test_no_concept_is_a_piece_of_a_name_or_a_label(text: str, fragment: str) -> None:
    assert fragment.lower() not in {concept.name.lower() for concept in find(text)}


def test_a_text_shows_its_field_with_the_sentence_that_proves_it() -> None:
    text = (
        "The striker scored twice before half time. His club won the league match by three goals to one, and the "
        "manager praised the defenders. Fans sang through the second half while the keeper saved a penalty. "
        "The draw for the next round of the cup takes place on Monday in the clubhouse by the river. " * 2
    )
    cut = chunks.split(text, (), count_tokens=EMBEDDER.count_tokens)
    vectors = EMBEDDER.embed([chunk.text for chunk in cut])
    known = fields.vectors(EMBEDDER.embed)

    def shown(language: str) -> list[FoundConcept]:
        found = concepts.find(cut, vectors, EMBEDDER.embed, language=language, known_fields=known)
        return [concept for concept in found if concept.category == "field"]

    assert next(concept.name for concept in shown("en")) == "Football"
    assert all(text[concept.start : concept.end] == concept.quote for concept in shown("en"))
    assert shown("de") == [], "the names of the fields are English, and so is the model that likens them"
