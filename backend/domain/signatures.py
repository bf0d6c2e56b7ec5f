"""The signature of a document: what is kept of its text so that its like can be found without reading it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

import numpy as np

from backend.domain import shingles, words
from backend.domain.shingles import Keys, Shingles


class Kind(IntEnum):
    """What the documents of a bucket have in common."""

    TEXT = 0
    ADDRESS = 1
    BAND = 2
    LANDMARK = 3
    PICTURE = 4


OF_WORDS = (Kind.TEXT, Kind.ADDRESS, Kind.BAND, Kind.LANDMARK)
FEWEST_SHINGLES = 6
"""A text of fewer is only ever the same or another: two notes of five words share half of them by chance."""


@dataclass(frozen=True)
class Signature:
    """`shingles` is sorted; `keys` holds the buckets of each kind; `text_sha256` is of the folded text."""

    text_sha256: str
    shingles: Shingles
    digest: int
    keys: dict[Kind, Keys]


def sign(text: str, addresses: Sequence[str] = ()) -> Signature:
    """The signature of a text that these normalised addresses lead to. Linear in its length."""
    sha = sha256(words.folded(text).encode()).hexdigest()
    numbers = shingles.hashes(shingles.tokens(text))
    whole, kept = shingles.sets_of(numbers)
    told = len(kept) >= FEWEST_SHINGLES
    nothing = np.zeros(0, np.int64)
    keys = {
        # a page without a word is not the same as every other
        Kind.TEXT: np.array([shingles.key_of(sha)] if len(kept) else [], np.int64),
        Kind.ADDRESS: np.unique(np.array([shingles.key_of(address) for address in addresses], np.int64)),
        Kind.BAND: np.unique(shingles.bands(whole)) if told else nothing,
        Kind.LANDMARK: shingles.landmarks(numbers) if told else nothing,
    }
    return Signature(sha, kept, shingles.digest_of(kept), keys)
