"""Aligning two texts word by word."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

import pytest

from backend.domain import word_alignment
from backend.domain.word_alignment import Alignment, align


def check_blocks(found: Alignment, a: str, b: str) -> int:
    """The blocks rise in both texts and hold the same words; how many words they hold."""
    end_a = end_b = 0
    for block in found.blocks:
        assert block.a >= end_a
        assert block.b >= end_b
        for step in range(block.size):
            start_a, stop_a = found.words_a[block.a + step]
            start_b, stop_b = found.words_b[block.b + step]
            assert a[start_a:stop_a] == b[start_b:stop_b]
        end_a, end_b = block.a + block.size, block.b + block.size
    return sum(block.size for block in found.blocks)


def test_a_few_changed_words_in_a_long_text_are_the_only_ones_apart() -> None:
    chance = random.Random(3)
    words = [f"w{chance.randrange(5000)}" for _ in range(60_000)]
    changed = list(words)
    for at in chance.sample(range(len(words)), 600):
        changed[at] = "other"
    a, b = " ".join(words), " ".join(changed)
    found = align(a, b)
    assert check_blocks(found, a, b) >= 60_000 - 600
    assert found.complete


def test_what_was_put_in_and_what_was_left_out_is_found_wherever_it_is() -> None:
    chance = random.Random(4)
    words = [f"w{chance.randrange(3000)}" for _ in range(20_000)]
    changed = [*(["new"] * 700), *words[:5000], *words[9000:15000], *(["more"] * 300), *words[15000:]]
    a, b = " ".join(words), " ".join(changed)
    found = align(a, b)
    assert check_blocks(found, a, b) >= 16_000 - 20


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("la " * 60_000, "la " * 59_000 + "lo"),
        ("x " + "la " * 50_000 + "mid " + "la " * 50_000, "y " + "la " * 40_000 + "mid " + "la " * 60_000 + "z"),
        ("a b " * 40_000, "b a c " * 30_000),
        ("name, 1, 2, 3\n" * 20_000, "name, 1, 2, 3\n" * 20_001),
    ],
    ids=["one word", "two stretches", "two words", "a table"],
)
def test_a_text_that_repeats_itself_ends_too(a: str, b: str) -> None:
    check_blocks(align(a, b), a, b)


def test_what_is_too_large_to_look_into_is_said_to_be_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_alignment, "BUDGET", 10_000)
    chance = random.Random(5)
    a, b = (" ".join(chance.choices("01", k=3_000)) for _ in "ab")
    found = align(a, b)
    check_blocks(found, a, b)
    assert not found.complete


def test_no_more_work_is_done_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(6)
    done: list[int] = []

    class Counting(SequenceMatcher[int]):
        def __init__(self, junk: None, a: list[int], b: list[int], **more: bool) -> None:
            done.append(len(a) * len(b))
            super().__init__(junk, a, b, **more)

    monkeypatch.setattr(word_alignment, "SequenceMatcher", Counting)
    words = [f"w{chance.randrange(900)}" for _ in range(150_000)]
    a = " ".join(words)
    b = " ".join(word if chance.random() < 0.8 else "x" for word in words)
    found = align(a, b)
    assert 0 < sum(done) <= word_alignment.BUDGET
    assert check_blocks(found, a, b) > 100_000
