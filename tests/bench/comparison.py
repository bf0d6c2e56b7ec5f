"""Two texts side by side, beside the standard library's comparison of the same words."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from backend.domain.comparison import compare
from backend.domain.word_alignment import words_of
from tests.bench.row import Row, exponent, interleaved

SMALL = 80_000
SIZES = (125_000, 250_000, 500_000, 1_000_000, 2_000_000)
ROUNDS = 3


def rows(corpus: Path) -> Iterator[Row]:
    """Characters of either text; the yardstick is quadratic, so it is only taken where it ends."""
    old, new = _versions(corpus)
    a, b = old[:SMALL], new[:SMALL]
    ours, theirs = interleaved([lambda: compare(a, [], b, []), lambda: _matched(a, b)], rounds=ROUNDS)
    yield Row(
        "comparing two texts",
        f"{SMALL // 1000} kB each",
        ours.median,
        "s",
        theirs.median,
        "difflib, word by word",
        theirs.median / ours.median,
        "at least 10 x faster",
        {"spread": ours.spread, "yardstick spread": theirs.spread},
    )
    timed = interleaved([lambda n=n: compare(old[:n], [], new[:n], []) for n in SIZES], rounds=ROUNDS)  # type: ignore[misc]
    seconds = [one.median for one in timed]
    grows = exponent(SIZES, seconds)
    yield Row(
        "comparing two books",
        f"{SIZES[-1] // 1_000_000} MB each",
        seconds[-1],
        "s",
        None,
        "growth with size",
        grows,
        "exponent at most 1.2",
        {"sizes": SIZES, "seconds": seconds, "exponent": grows},
    )


def _versions(corpus: Path) -> tuple[str, str]:
    """The first and the last revision of every PEP, one behind the other; without the corpus, made-up words."""
    place = corpus / "duplicates" / "pep_revisions.docs.jsonl.gz"
    if not place.exists():
        chance = random.Random(0)
        words = [f"w{chance.randrange(20_000)}" for _ in range(SIZES[-1] // 5)]
        changed = [word if chance.random() < 0.95 else "other" for word in words]
        return " ".join(words), " ".join(changed)
    revisions: dict[int, list[tuple[int, str]]] = {}
    with gzip.open(place, "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            revisions.setdefault(one["pep"], []).append((one["time"], one["text"]))
    ordered = [sorted(found) for found in revisions.values()]
    return "\n\n".join(one[0][1] for one in ordered), "\n\n".join(one[-1][1] for one in ordered)


def _matched(a: str, b: str) -> int:
    both = [[text[start:end] for start, end in words_of(text)] for text in (a, b)]
    return sum(block.size for block in SequenceMatcher(None, *both, autojunk=False).get_matching_blocks())
