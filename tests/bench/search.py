"""Search at ten thousand, a hundred thousand and a million passages, beside `ts_rank` and an exact scan of pgvector.

What is timed is what `GET /search` asks of the database; embedding the query comes on top and does not grow. With
`SYNCBOARD_BENCH_PASSAGES="10000 100000"` only those sizes are measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain import search as searching
from backend.store import matches, search, vectors
from backend.store.database import EVERYONE
from tests.bench import passages
from tests.bench.board import Bench, running
from tests.bench.row import Row, Timed

SIZES = (10_000, 100_000, 1_000_000)
ASKED = 100
SLOW_ASKED = 10
"""How often a yardstick is asked that takes seconds."""
CROWD, CROWD_PASSAGES = 10, 20_000
FAST = "p99 below 100 ms at a million"

TS_RANK = text(
    """SELECT passage_id FROM passage_words WHERE owner_id = :owner_id AND words @@ CAST(:query AS tsquery)
       ORDER BY ts_rank(words, CAST(:query AS tsquery)) DESC LIMIT 20"""
)


@dataclass(frozen=True)
class Asked:
    """A query: one to five words of a passage, and a vector near the passage's."""

    q: str
    vector: NDArray[np.float32]


def rows(_corpus: Path) -> Iterator[Row]:
    """Each size on a database of its own; then many people on one."""
    for size in _sizes():
        with running() as bench:
            made = passages.load(bench.url, bench.people, size)
            yield from measured(bench, made, f"{size:,} passages")
    if SIZES[-1] in _sizes():
        with running(CROWD) as bench:
            made = passages.load(bench.url, bench.people, CROWD_PASSAGES)
            yield from measured(bench, made, f"{CROWD} people with {CROWD_PASSAGES:,} each")


def measured(bench: Bench, made: passages.Made, size: str) -> Iterator[Row]:
    """The rows of one database, for its last person."""
    owner = bench.people[-1]
    asked = _asked(made, ASKED)
    with bench.database.session(EVERYONE) as session:
        for one in asked[:20]:  # so that nothing is read from the disk for the first time
            _both(session, owner, one)
        calls = {"words": _words, "meaning": _meaning, "both": _both, "typing": _typing}
        ours = _timed(session, owner, asked, calls)
        slow = _timed(session, owner, asked[:SLOW_ASKED], {"ts_rank": _ts_rank, "exact": _exact})
        recall = float(np.mean([_recall(session, owner, one) for one in asked[: SLOW_ASKED * 3]]))
        data = {"loading_seconds": made.seconds, "bytes": _sizes_of(session)}
    for name, kind, yardstick in (
        ("search by words", "words", "ts_rank"),
        ("search while typing", "typing", "ts_rank"),
        ("search by meaning", "meaning", "exact"),
        ("search by words and meaning", "both", "exact"),
    ):
        mine, other = ours[kind], slow[yardstick]
        spread = {"p50": mine.median * 1000, "p99": mine.percentile(0.99) * 1000, "spread": mine.spread}
        names = {"ts_rank": "ts_rank alone", "exact": "pgvector, exact scan"}
        beside = {"yardstick_p50": other.median * 1000, "yardstick_spread": other.spread}
        value, theirs = mine.percentile(0.99) * 1000, other.percentile(0.99) * 1000
        yield Row(
            f"{name}, p99", size, value, "ms", theirs, names[yardstick], theirs / value, FAST, data | spread | beside
        )
        value, theirs = mine.median * 1000, other.median * 1000
        yield Row(
            f"{name}, p50", size, value, "ms", theirs, names[yardstick], theirs / value, FAST, data | spread | beside
        )
    yield Row(
        "recall@10 of the nearest passages", size, recall, "", 1.0, "pgvector, exact scan", recall, "at least .97", {}
    )


def _sizes() -> Sequence[int]:
    named = os.environ.get("SYNCBOARD_BENCH_PASSAGES", "")
    return [int(size) for size in named.split()] or SIZES


def _asked(made: passages.Made, count: int) -> list[Asked]:
    random = np.random.default_rng(5)
    asked = []
    for number in random.integers(0, len(made.texts), size=count):
        words = [word for word in made.texts[number].split() if word not in passages.SMALL]
        chosen = random.choice(words, size=int(random.integers(1, 6)), replace=False)
        noise = random.standard_normal(passages.DIMENSION)
        vector = made.vectors[number] + 0.8 * noise / np.linalg.norm(noise)
        asked.append(Asked(" ".join(chosen), np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)))
    return asked


def _timed(
    session: Session, owner: int, asked: Sequence[Asked], calls: dict[str, Callable[[Session, int, Asked], object]]
) -> dict[str, Timed]:
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for one in asked:
        for name, call in calls.items():
            began = time.perf_counter()
            call(session, owner, one)
            seconds[name].append(time.perf_counter() - began)
    return {name: Timed(tuple(times)) for name, times in seconds.items()}


def _search(session: Session, owner: int, q: str, vector: NDArray[np.float32] | None) -> list[search.Hit]:
    query = searching.parse(q)
    terms = matches.terms(session, owner, query) if q else []
    return search.candidates(session, owner, query, terms, vector, passages.MODEL, search.Filters())


def _words(session: Session, owner: int, one: Asked) -> object:
    return _search(session, owner, f"{one.q} ", None)


def _typing(session: Session, owner: int, one: Asked) -> object:
    return _search(session, owner, one.q[: max(2, len(one.q) - 2)], None)


def _meaning(session: Session, owner: int, one: Asked) -> object:
    return _search(session, owner, "", one.vector)


def _both(session: Session, owner: int, one: Asked) -> object:
    return _search(session, owner, f"{one.q} ", one.vector)


def _ts_rank(session: Session, owner: int, one: Asked) -> object:
    query = " | ".join(f"'{word}'" for word in one.q.split())
    return session.execute(TS_RANK, {"owner_id": owner, "query": query}).all()


def _near(session: Session, owner: int, one: Asked, limit: int, *, exact: bool) -> list[vectors.Near]:
    return vectors.nearest(
        session,
        "passage_vectors",
        "embedding",
        "passage_id",
        owner,
        one.vector,
        passages.MODEL,
        limit=limit,
        exact=exact,
    )


def _exact(session: Session, owner: int, one: Asked) -> object:
    return _near(session, owner, one, search.NEIGHBOURS, exact=True)


def _recall(session: Session, owner: int, one: Asked) -> float:
    """How many of the ten nearest the search itself meets; those of one distance count as the same."""
    tenth = _near(session, owner, one, 10, exact=True)[-1].similarity
    found = _near(session, owner, one, search.NEIGHBOURS, exact=False)[:10]
    return sum(hit.similarity >= tenth - 1e-6 for hit in found) / 10


def _sizes_of(session: Session) -> dict[str, Any]:
    """Bytes of the tables and indexes of passages."""
    query = """SELECT relname, pg_table_size(oid) FROM pg_class
               WHERE relname ~ 'passage' AND relkind IN ('r', 'i') AND pg_relation_size(oid) > 1000000"""
    return {row[0]: int(row[1]) for row in session.execute(text(query))}
