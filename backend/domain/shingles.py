"""Texts as sets of shingles (runs of a few words), and the keys under which texts that share many of them meet.

Pure arithmetic on whole texts at once: a shingle is one number made of the hashes of its words, so no string is built
for it. Everything here is the same on every machine and in every run; `VERSION` changes when it is not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from backend.domain import words

VERSION = 1
WORDS = 3
"""Words of a shingle; in scripts without spaces, pairs of neighbouring characters."""
BANDS, ROWS = 24, 3
"""Two texts of Jaccard J share a band with 1 - (1 - J³)²⁴: .48 at .3, .96 at .5, all but 1 in 10⁹ at .85."""
RUN_WORDS = 5
RUN_STEP = 16
"""Every sixteenth run of five words, chosen by its hash, is a landmark; two in a row are a key."""

_TOKEN = re.compile(r"\w+")
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = 0x9E3779B97F4A7C15
_BLOCK = 4096

Numbers = NDArray[np.uint64]
Shingles = NDArray[np.uint32]
Keys = NDArray[np.int64]


def tokens(text: str) -> list[str]:
    """The words of a text as they are compared: case, compatibility forms and punctuation do not count."""
    return _TOKEN.findall(words.spaced(words.folded(text)))


def hashes(tokens: list[str]) -> Numbers:
    """One number for each word, in order."""
    seen: dict[str, int] = {}
    places = [seen.setdefault(token, len(seen)) for token in tokens]
    known = b"".join(map(_hash, seen))
    return np.frombuffer(known, dtype="<u8").astype(np.uint64)[places] if places else np.zeros(0, np.uint64)


def runs_of(numbers: Numbers, length: int) -> Numbers:
    """A number for each run of `length` words, in order; one for the whole of a text that is shorter."""
    if len(numbers) == 0:
        return numbers
    length = min(length, len(numbers))
    count = len(numbers) - length + 1
    total = np.zeros(count, np.uint64)
    for place in range(length):
        total += numbers[place : place + count] * _PLACES[place]
    return _mix(total)


def sets_of(numbers: Numbers) -> tuple[Numbers, Shingles]:
    """The shingles of a text as a set: whole, and as the sorted four bytes of each that are kept and compared."""
    whole = np.unique(runs_of(numbers, WORDS))
    return whole, np.unique((whole >> np.uint64(32)).astype(np.uint32))


def bands(whole: Numbers) -> Keys:
    """The keys of the MinHash bands: Broder 1997, banded as Leskovec, Rajaraman and Ullman, chapter 3."""
    if len(whole) == 0:
        return np.zeros(0, np.int64)
    least = np.full(len(_FACTORS), np.iinfo(np.uint64).max, dtype=np.uint64)
    for first in range(0, len(whole), _BLOCK):
        block = whole[first : first + _BLOCK, None]
        least = np.minimum(least, ((block ^ _OFFSETS) * _FACTORS).min(axis=0))
    rows = least.reshape(BANDS, ROWS)
    keys = np.arange(1, BANDS + 1, dtype=np.uint64)
    for row in range(ROWS):
        keys = _mix(keys + rows[:, row])
    return keys.view(np.int64)


def landmarks(numbers: Numbers) -> Keys:
    """Keys of the landmarks that follow each other, so that a chapter meets its book, whatever the size of either.

    About one for sixteen words. Two texts share one where they have some thirty words in common, but for changes
    between the landmarks. A text too short to have two has none.
    """
    if len(numbers) < RUN_WORDS:
        return np.zeros(0, np.int64)
    runs = runs_of(numbers, RUN_WORDS)
    chosen = runs[runs % np.uint64(RUN_STEP) == 0]
    return np.unique(_mix(_mix(chosen[:-1]) + chosen[1:])).view(np.int64)


def key_of(value: str) -> int:
    """A key for something that is the same or not: a text, an address."""
    return int.from_bytes(blake2b(value.encode("utf-8", "replace"), digest_size=8).digest(), "little", signed=True)


def digest_of(shingles: Shingles) -> int:
    """A number that is another one when the set is another."""
    body = blake2b(shingles.astype("<u4").tobytes(), digest_size=8, person=f"v{VERSION}".encode()).digest()
    return int.from_bytes(body, "little", signed=True)


@lru_cache(maxsize=1 << 16)
def _hash(token: str) -> bytes:
    return blake2b(token.encode("utf-8", "replace"), digest_size=8).digest()


def _mix(numbers: Numbers) -> Numbers:
    """Every bit of the result depends on every bit of the number (SplitMix64, Steele and others 2014)."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
        numbers = (numbers ^ (numbers >> np.uint64(27))) * _SECOND
        return np.asarray(numbers ^ (numbers >> np.uint64(31)), dtype=np.uint64)


def _constants(count: int, seed: int) -> Numbers:
    steps = [(seed + step * _GOLDEN) % 2**64 for step in range(1, count + 1)]
    return _mix(np.array(steps, dtype=np.uint64))


_PLACES = _constants(RUN_WORDS, 3) | np.uint64(1)
_OFFSETS = _constants(BANDS * ROWS, 1)
_FACTORS = _constants(BANDS * ROWS, 2) | np.uint64(1)
