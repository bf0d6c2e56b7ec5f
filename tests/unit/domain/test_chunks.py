"""Passages: they hold the whole text, in order, within their limits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain import chunks
from backend.domain.chunks import Chunk
from backend.domain.content import Part
from backend.providers.embedding import MAX_TOKENS, PackagedEmbedder

EMBEDDER = PackagedEmbedder()


def count_words(texts: object) -> list[int]:
    """A stand-in tokenizer that is additive: words and single marks."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]  # type: ignore[attr-defined]


def cut(text: str, parts: tuple[Part, ...] = ()) -> list[Chunk]:
    return chunks.split(text, parts, count_tokens=count_words)


def check_whole(text: str, found: list[Chunk]) -> None:
    last = 0
    for ordinal, chunk in enumerate(found):
        assert chunk.ordinal == ordinal
        assert text[chunk.start : chunk.end] == chunk.text
        assert chunk.start >= last, "passages do not overlap and keep their order"
        assert not text[last : chunk.start].strip(), "nothing but space is left out"
        assert chunk.text == chunk.text.strip() != ""
        last = chunk.end
    assert not text[last:].strip()


PIECES = st.sampled_from(
    [
        "word ",
        "Sentence one. ",
        "\n",
        "\n\n",
        "# Heading\n",
        "### Deep\n",
        "```\n",
        "- item\n",
        "。",
        "人工智能",
        " ",
        "...",
        "é",
        "\t",
    ]
)
TEXTS = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=400).map("".join))


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_is_cut_without_loss(text: str) -> None:
    found = cut(text)
    check_whole(text, found)
    for chunk, count in zip(found, count_words([chunk.text for chunk in found]), strict=True):
        assert count <= chunks.LIMIT
        assert len(chunk.text) <= chunks.MAX_CHARS


@given(st.lists(st.text("ab-.,\u4eba\u0e01é0 \n", min_size=1, max_size=300), max_size=20).map("".join))
@settings(max_examples=30, deadline=None)
def test_no_passage_is_ever_cut_off_by_the_model(text: str) -> None:
    text = text * 5
    found = chunks.split(text, (), count_tokens=EMBEDDER.count_tokens)
    check_whole(text, found)
    assert all(count <= MAX_TOKENS - 2 for count in EMBEDDER.count_tokens([chunk.text for chunk in found]))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 200_000,
        "." * 200_000,
        "人" * 50_000,
        "word " * 50_000,
        "\n" * 200_000 + "x",
        "# " * 50_000,
        "a\n" * 50_000,
    ],
    ids=["letters", "dots", "han", "one line", "empty lines", "marks", "lines"],
)
def test_odd_texts_are_cut_in_linear_time(text: str) -> None:
    check_whole(text, cut(text))


def test_a_passage_knows_its_headings() -> None:
    long = "This is a sentence of seven words. " * 12
    found = cut(f"# Book\n\n{long}\n\n## Chapter\n\n{long}\n\n# Other\n\n{long}")
    assert [chunk.heading for chunk in found] == ["Book", "Book > Chapter", "Other"]


def test_a_comment_in_a_code_block_is_no_heading() -> None:
    assert [chunk.heading for chunk in cut("# Real\n\n```\n# not one\n```\n\ntext")] == ["Real"]


def test_small_sections_share_a_passage_and_large_ones_do_not() -> None:
    assert len(cut("\n\n".join(f"## Section {number}\n\nA few words." for number in range(5)))) == 1
    assert len(cut("\n\n".join(f"## Section {number}\n\n{'Some more words here. ' * 20}" for number in range(5)))) == 5


def test_passages_end_at_sentences() -> None:
    found = cut("This is a sentence of seven words. " * 200)
    assert len(found) > 1
    assert all(chunk.text.endswith("words.") for chunk in found)
    assert all(150 <= count <= chunks.LIMIT for count in count_words([chunk.text for chunk in found[:-1]]))


def test_a_passage_has_the_place_in_which_it_begins() -> None:
    page = "This is a sentence of seven words. " * 30
    text = page * 3
    parts = tuple(Part(len(page) * n, len(page) * (n + 1), {"page": n + 1}) for n in range(3))
    found = cut(text, parts)
    pages = [chunk.place["page"] for chunk in found]
    assert pages == sorted(pages)
    assert set(pages) == {1, 2, 3}
    for chunk in found:
        part = parts[chunk.place["page"] - 1]
        assert part.start <= chunk.start < part.end


def test_a_place_may_begin_after_a_gap() -> None:
    assert cut("intro and then page one", (Part(10, 23, {"page": 1}),))[0].place == {"page": 1}
    assert cut("no places at all")[0].place == {}
