"""Finding highlights again in another reading of a text, as a pure function."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain import highlights
from backend.domain.highlights import Anchor, Span

TEXT = (
    "The kettle is filled with soft water.\n\nWhen the water boils, wait for a minute. Green tea is brewed at seventy "
    "degrees, and black tea with boiling water.\n\nThe leaves are taken out after three minutes. When the water boils "
    "again, the second pot is brewed: it takes a little longer, and many people like it better than the first."
)
SENTENCE = "Green tea is brewed at seventy degrees"


def mark(words: str, text: str = TEXT, *, number: int = 0) -> Anchor:
    """The highlight of these words, where they stand for the `number`th time."""
    at = -1
    for _ in range(number + 1):
        at = text.index(words, at + 1)
    return highlights.anchor(text, at, at + len(words))


def found(text: str, anchor: Anchor) -> str | None:
    span = highlights.anchored(text, [anchor])[0]
    return None if span is None else text[span.start : span.end]


@given(st.data())
def test_in_the_same_text_every_highlight_stays_where_it_is(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 2))
    end = data.draw(st.integers(start + 1, len(TEXT)))
    anchor = highlights.anchor(TEXT, start, end)
    expected = Span(start, end) if TEXT[start:end].strip() else None
    assert highlights.anchored(TEXT, [anchor]) == [expected]


@given(st.text(max_size=300))
def test_text_put_before_moves_a_highlight_along(before: str) -> None:
    anchor = mark(SENTENCE)
    moved = highlights.anchored(before + TEXT, [anchor])[0]
    assert moved is not None
    assert (before + TEXT)[moved.start : moved.end] == SENTENCE


def test_of_two_places_with_the_same_words_the_neighbours_decide() -> None:
    words = "When the water boils"
    first, second = mark(words), mark(words, number=1)
    for text in ("A new beginning. " * 20 + TEXT, TEXT.replace("The kettle is filled with soft water.\n\n", "")):
        spans = highlights.anchored(text, [first, second])
        assert None not in spans
        assert [text[s.end : s.end + 6] for s in spans if s] == [", wait", " again"]


def test_of_two_places_with_the_same_neighbours_the_nearest_is_taken() -> None:
    text = "same words here. " * 40
    anchor = mark("words", text, number=20)
    again = highlights.anchored("xx" + text, [anchor])[0]
    assert again == Span(anchor.start + 2, anchor.end + 2)


def test_other_spaces_lines_hyphens_and_capitals_are_no_difference() -> None:
    anchor = mark("Green tea is brewed at seventy degrees, and black tea with boiling water.")
    text = TEXT.replace("brewed at seventy degrees", "BREWED   at\nseven-\nty degrees")
    assert found(text, anchor) == "Green tea is BREWED   at\nseven-\nty degrees, and black tea with boiling water."


def test_a_few_other_letters_are_forgiven() -> None:
    text = "Some front matter.\n\n" + TEXT.replace(SENTENCE, "Creen tea 1s brewed at seventv degrees")
    assert found(text, mark(SENTENCE)) == "Creen tea 1s brewed at seventv degrees"


def test_words_that_are_gone_are_lost_and_not_found_elsewhere() -> None:
    assert found(TEXT.replace(SENTENCE, "Coffee needs hotter water"), mark(SENTENCE)) is None
    assert found("", mark(SENTENCE)) is None
    assert found("Something else altogether, about other things in other words.", mark(SENTENCE)) is None


def test_a_word_or_two_is_found_as_it_is_or_not_at_all() -> None:
    assert found(TEXT.replace("kettle", "kettel"), mark("kettle")) is None
    assert found("Now: " + TEXT, mark("kettle")) == "kettle"


def test_a_lost_highlight_is_found_in_a_later_reading() -> None:
    anchor = mark(SENTENCE)
    assert found("Nothing could be read.", anchor) is None
    assert found(TEXT, anchor) == SENTENCE


def test_overlapping_highlights_are_found_each_by_itself() -> None:
    anchors = [mark("water boils, wait"), mark("boils, wait for a minute"), mark("wait")]
    text = "Before.\n" + TEXT
    spans = highlights.anchored(text, anchors)
    assert [text[s.start : s.end] for s in spans if s] == [anchor.quote for anchor in anchors]


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_a_span_is_always_within_the_text_and_never_empty(seed: int) -> None:
    chance = random.Random(seed)
    letters = list(TEXT)
    for _ in range(chance.randrange(60)):
        at = chance.randrange(len(letters))
        letters[at] = chance.choice(["", "x", "  ", "\n", letters[at] * 2, "é"])
    text = "".join(letters)[chance.randrange(200) :]
    anchors = [highlights.anchor(TEXT, s, s + chance.randrange(1, 120)) for s in range(0, len(TEXT) - 130, 37)]
    for span in highlights.anchored(text, anchors):
        assert span is None or (0 <= span.start < span.end <= len(text) and text[span.start : span.end].strip())


def test_letters_that_fold_to_several_keep_their_places() -> None:
    text = "Die Straße führt nach Gießen, und die Maße ﬁnden sich dort."
    anchor = mark("Die Straße führt nach Gießen", text)
    again = text.upper()
    span = highlights.anchored(again, [anchor])[0]
    assert span is not None
    assert again[span.start : span.end].startswith("DIE STRASSE")
    assert again[span.start : span.end].endswith("GIESSEN")
