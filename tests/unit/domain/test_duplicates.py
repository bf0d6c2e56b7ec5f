"""Deciding what is a duplicate: shingles, buckets, judgement, groups and the sentences about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain import buckets, differences, duplicates, likeness, shingles, signatures
from backend.domain.duplicates import Facts, Pair
from backend.domain.signatures import Kind
from tests.twins import changed, prose

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def jaccard_of_words(a: str, b: str) -> float:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = shingles.tokens(text)
        return {tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))}

    return len(runs(a) & runs(b)) / len(runs(a) | runs(b))


def sets(text: str) -> shingles.Shingles:
    return shingles.sets_of(shingles.hashes(shingles.tokens(text)))[1]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3, 1.0])
def test_the_likeness_is_the_jaccard_of_runs_of_three_words(share: float) -> None:
    a, b = prose(1, 500), changed(prose(1, 500), 7, share)
    assert likeness.shared(sets(a), sets(b)).jaccard == pytest.approx(jaccard_of_words(a, b), abs=1e-6)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_signed_and_compared(a: str, b: str) -> None:
    one, other = signatures.sign(a), signatures.sign(b)
    found = likeness.shared(one.shingles, other.shingles)
    assert 0 <= found.jaccard <= min(found.share_a, found.share_b) <= 1
    assert found == likeness.shared(other.shingles, one.shingles)._replace(share_a=found.share_a, share_b=found.share_b)
    assert np.all(np.diff(one.shingles.astype(np.int64)) > 0)


def test_the_signature_of_a_text_is_the_same_for_ever() -> None:
    signature = signatures.sign("The quick brown fox jumps over the lazy dog, and nobody is surprised by it any more.")
    assert signature.digest == -8939995989879212740
    assert signature.keys[Kind.BAND][0] == -9074514597235351975
    assert signature.keys[Kind.LANDMARK].tolist() == []


def test_a_page_without_a_word_is_in_no_bucket() -> None:
    assert not any(len(keys) for keys in signatures.sign(" \n … !").keys.values())


@pytest.mark.parametrize(("share", "least"), [(0.02, 24), (0.05, 20)])
def test_versions_share_most_of_their_buckets(share: float, least: int) -> None:
    a, b = signatures.sign(prose(1)), signatures.sign(changed(prose(1), 3, share / 2))
    assert len(np.intersect1d(a.keys[Kind.BAND], b.keys[Kind.BAND])) >= least - 12
    assert len(np.intersect1d(a.keys[Kind.LANDMARK], b.keys[Kind.LANDMARK])) > 0


def test_texts_of_different_words_share_no_bucket() -> None:
    signed = [signatures.sign(prose(seed)) for seed in range(40)]
    for kind in signatures.OF_WORDS:
        keys = np.concatenate([one.keys[kind] for one in signed])
        assert len(np.unique(keys)) == len(keys)


@given(st.lists(st.lists(st.integers(1, 200), min_size=2, max_size=60, unique=True), max_size=12))
def test_a_bucket_gives_pairs_that_hang_together_and_never_more_than_a_few_each(found: list[list[int]]) -> None:
    given_ = [sorted(bucket) for bucket in found]
    met = buckets.candidates(given_)
    pairs = [(a, b) for a, b in met.pairs.tolist()]
    assert len(set(pairs)) == len(pairs)
    assert all(a < b for a, b in pairs)
    assert len(pairs) <= sum(len(bucket) * (buckets.LARGEST - 1) for bucket in given_)
    for bucket in given_:
        within = [Pair(a, b, "near", 1, 1, 1) for a, b in pairs if a in bucket and b in bucket]
        (one,) = duplicates.components(within)
        assert {number for pair in one for number in (pair.a, pair.b)} == set(bucket)
    assert met.crowded == len({tuple(bucket) for bucket in given_ if len(bucket) > buckets.LARGEST})


def test_what_was_compared_before_is_left_out() -> None:
    pairs = np.array([[1, 2], [1, 3], [2, 9]], np.int64)
    assert buckets.without(pairs, np.array([[1, 3], [4, 5]], np.int64)).tolist() == [[1, 2], [2, 9]]
    assert buckets.among_others(pairs, [9]).tolist() == [[1, 2], [1, 3]]


def test_a_part_a_version_and_a_stranger_are_told_apart() -> None:
    def judged(jaccard: float, share_a: float, share_b: float, a: int, b: int) -> str | None:
        return likeness.judge(likeness.Shared(jaccard, share_a, share_b), a, b, same_text=False).layer

    assert judged(0.1, 0.95, 0.1, 100, 900) == "containment"
    assert judged(0.7, 0.9, 0.75, 100, 120) == "near"
    assert judged(0.45, 0.5, 0.55, 100, 100) is None, "a form filled in twice"
    assert judged(0.2, 0.4, 0.3, 100, 130) is None
    assert judged(0.05, 1.0, 0.05, 10, 200) is None, "a few words are in many texts"


def facts(number: int, chars: int = 1000, media_type: str = "text/plain", day: int = 0, side: int = 0) -> Facts:
    return Facts(number, media_type, chars, chars, DAY + timedelta(days=day), side, side)


@pytest.mark.parametrize(
    ("candidates", "kept"),
    [
        ([facts(1, 1000), facts(2, 2000)], 2),
        ([facts(1, 1000), facts(2, 995, "application/pdf")], 2),
        ([facts(1, 1000, "text/html"), facts(2, 1000, "text/plain")], 1),
        ([facts(1, day=3), facts(2, day=1)], 2),
        ([facts(1, 0, "image/png", side=100), facts(2, 0, "image/jpeg", side=300)], 2),
    ],
)
def test_the_most_complete_is_kept_then_the_format_that_shows_most_then_the_earliest(
    candidates: list[Facts], kept: int
) -> None:
    assert duplicates.primary(candidates).document_id == kept


def test_versions_of_versions_are_one_group_and_parts_another() -> None:
    pairs = [
        Pair(1, 2, "near", 0.9, 0.95, 0.94),
        Pair(2, 3, "exact", 1.0, 1.0, 1.0),
        Pair(1, 7, "containment", 0.88, 0.1, 0.88),
        Pair(2, 7, "containment", 0.85, 0.1, 0.85),
        Pair(8, 9, "semantic", 0.7, 0.7, 0.6),
    ]
    known = {number: facts(number, 5000 if number == 1 else 4000) for number in (1, 2, 3, 7, 8, 9)}
    groups = duplicates.grouped(duplicates.strongest(pairs), known)
    assert [(group.layer, [member.document_id for member in group.members]) for group in groups] == [
        ("near", [1, 2, 3]),
        ("containment", [1, 7]),
        ("semantic", [8, 9]),
    ]
    assert [member.role for member in groups[1].members] == ["primary", "contained"]


def test_a_pair_is_known_by_its_strongest_layer() -> None:
    pairs = [Pair(1, 2, "semantic", 0.9, 1, 1), Pair(1, 2, "near", 0.5, 1, 1)]
    assert [pair.layer for pair in duplicates.strongest(pairs)] == ["near"]


@pytest.mark.parametrize(
    ("more_a", "more_b", "said"),
    [
        (0, 3, "The second has 3 paragraphs more."),
        (1, 0, "The first has one paragraph more."),
        (2, 2, "2 paragraphs are written differently."),
        (1, 4, "The second has 3 paragraphs more and one paragraph is written differently."),
        (0, 0, "The paragraphs are the same, in another order or in other lines."),
    ],
)
def test_what_differs_is_said_in_a_sentence(more_a: int, more_b: int, said: str) -> None:
    pair = Pair(1, 2, "near", 0.8, 0.9, 0.9, more_a, more_b)
    assert differences.between(pair, 1, 2, {}) == said


def test_two_receipts_of_one_shop_have_other_numbers_on_them() -> None:
    form = "Total 12.50 on 2026-11-28 at 14:05 for 17 pieces, bill 4711, card 9922"
    assert not likeness.numbers_differ(form, form.replace("4711", "47l1"))
    assert likeness.numbers_differ(form, "Total 33.80 on 2026-10-02 at 09:41 for 22 pieces, bill 5120, card 9922")
    assert not likeness.numbers_differ("no numbers", form)


def test_paragraphs_are_counted_on_both_sides() -> None:
    assert likeness.paragraphs_apart("a\n\nb\n\nc", "b\n\nc\n\nd\n\ne") == (1, 2)
    assert likeness.paragraphs_apart("a  b\n\nc", "c\n\na b") == (0, 0)
