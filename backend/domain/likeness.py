"""How much two documents have in common, and what that makes of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from backend.domain.shingles import Shingles

Layer = Literal["exact", "near", "containment", "semantic", "image"]
LAYERS: tuple[Layer, ...] = ("exact", "near", "containment", "semantic", "image")
"""The strongest first: a pair is known by the first that it is found in."""

NEAR = 0.3
"""Jaccard of the shingles from which two texts are versions of one."""
OVERLAP = 0.6
"""The part of the shorter text that must be in the longer as well: forms filled in differently share less."""
CONTAINED = 0.8
"""The part of a text that must be in another for it to be a part of that."""
SMALLER = 0.6
"""A part has at most this share of the shingles of its whole; more than that is a version of it."""
FEWEST_OF_A_PART = 24
FEWEST_NUMBERS = 6
SAME_NUMBERS = 0.8
"""The part of the numbers that two readings of one picture have in common, the mistakes of reading apart."""

_NUMBER = re.compile(r"\d{2,}")


class Shared(NamedTuple):
    """Jaccard of two sets, and which part of each is in the other."""

    jaccard: float
    share_a: float
    share_b: float


@dataclass(frozen=True)
class Judged:
    """What two documents are to each other: no `layer` when they are no duplicates. `likeness` is in [0, 1]."""

    layer: Layer | None
    likeness: float


def shared(a: Shingles, b: Shingles) -> Shared:
    """What two sorted sets share, exactly."""
    if len(a) == 0 or len(b) == 0:
        return Shared(0.0, 0.0, 0.0)
    both = np.concatenate((a, b))
    both.sort(kind="stable")
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    return Shared(common / (len(both) - common), common / len(a), common / len(b))


def judge(found: Shared, count_a: int, count_b: int, *, same_text: bool, threshold: float = NEAR) -> Judged:
    """What two texts are to each other, with `threshold` as the least Jaccard of two versions of one text.

    `count_a` and `count_b` are the sizes of their sets.
    """
    if same_text:
        return Judged("exact", 1.0)
    smaller, larger = sorted((count_a, count_b))
    overlap = max(found.share_a, found.share_b)
    if overlap >= CONTAINED and FEWEST_OF_A_PART <= smaller <= SMALLER * larger:
        return Judged("containment", overlap)
    if found.jaccard >= threshold and overlap >= OVERLAP:
        return Judged("near", found.jaccard)
    return Judged(None, found.jaccard)


def numbers_differ(a: str, b: str) -> bool:
    """Whether two texts that look alike are one form filled in twice, such as two receipts of one shop."""
    ours, theirs = set(_NUMBER.findall(a)), set(_NUMBER.findall(b))
    fewer = min(len(ours), len(theirs))
    return fewer >= FEWEST_NUMBERS and len(ours & theirs) < SAME_NUMBERS * fewer


def paragraphs_apart(a: str, b: str) -> tuple[int, int]:
    """How many paragraphs only `a` has, and how many only `b` has."""
    ours, theirs = _paragraphs(a), _paragraphs(b)
    return (ours - theirs).total(), (theirs - ours).total()


def _paragraphs(text: str) -> Counter[str]:
    return Counter(" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip())
