"""Filing one document with few and many clusters, and grouping whole boards, beside what they are compared with."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import HDBSCAN
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain import grouping, layout, regrouping
from backend.domain.regrouping import Filed
from backend.store import clusters, vectors
from tests.bench.board import running
from tests.bench.row import Row, exponent, interleaved
from tests.factories import new_document

CLUSTERS = (10, 1_000, 10_000)
DOCUMENTS = 10_000
BOARDS = tuple(int(size) for size in os.environ.get("BENCH_BOARDS", "1000,3000,10000").split(","))
MOST_FOR_HDBSCAN = 10_000
MODEL = "bench/384/1"
WORDS_OF_A_DOCUMENT = 40
ROUNDS = 15

ADD_CLUSTERS = text(
    """INSERT INTO clusters (owner_id, name, model, centroid, document_count)
       SELECT :owner, 'cluster ' || n, :model, CAST(:zero AS halfvec), 0 FROM generate_series(1, :count) AS n
       RETURNING id"""
)
ADD_DOCUMENTS = text(
    """INSERT INTO documents (owner_id, kind, title, filename, size_bytes, status, cluster_id)
       SELECT :owner, 'file', 'd' || n, 'd', 1, 'completed', cluster
       FROM unnest(CAST(:numbers AS int[]), CAST(:clusters AS bigint[])) AS given (n, cluster) RETURNING id"""
)
ADD_VECTORS = text(
    """INSERT INTO document_vectors (document_id, model, owner_id, embedding)
       SELECT id, :model, :owner, CAST(vector AS halfvec)
       FROM unnest(CAST(:ids AS bigint[]), CAST(:vectors AS text[])) AS given (id, vector)"""
)


def rows(_corpus: Path) -> Iterator[Row]:
    """The rows of both."""
    yield from _grouping()
    yield from _filing()


def made(size: int, middles: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Vectors of norm 1 around so many middles, about as alike as documents of one subject are."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(middles, 384))
    found = centres[np.arange(size) % middles] + rng.normal(size=(size, 384)) * 1.0
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def _filing() -> Iterator[Row]:
    medians = []
    for count in CLUSTERS:
        with running() as bench:
            owner = bench.people[0]
            with bench.database.session(owner) as session:
                _fill(session, owner, count)
            queries = made(ROUNDS, count, seed=5)
            ids = [new_document(bench.database, owner, f"new{number}") for number in range(ROUNDS)]
            waiting = iter(zip(ids, queries, strict=True))
            words = [frozenset(f"c{(cluster * 7 + n) % 999}" for n in range(8)) for cluster in range(count)]
            mine = frozenset(f"c{n}" for n in range(8))

            def assign() -> None:
                document_id, vector = next(waiting)  # noqa: B023 - called within this round of the loop
                with bench.database.session(owner) as session:  # noqa: B023
                    clusters.assign(session, owner, document_id, vector, MODEL, ("new",))  # noqa: B023

            def scan() -> None:
                max(range(count), key=lambda one: len(words[one] & mine) / len(words[one] | mine))  # noqa: B023

            ours, theirs = interleaved([assign, scan], rounds=ROUNDS)
            medians.append(ours.median)
            yield Row(
                "file one document",
                f"{count:,} clusters",
                ours.median * 1000,
                "ms",
                theirs.median * 1000,
                "scan of all clusters by Jaccard, in memory",
                ours.median / medians[0],
                "flat: the ratio is to 10 clusters",
                {"spread": ours.spread, "documents": DOCUMENTS, "exponent": _slope(medians)},
            )


def _slope(medians: list[float]) -> float | None:
    return round(exponent(CLUSTERS[: len(medians)], medians), 3) if len(medians) > 1 else None


def _fill(session: Session, owner: int, count: int) -> None:
    zero = vectors.half(np.zeros(384)).to_text()
    given = {"owner": owner, "model": MODEL}
    ids = list(session.scalars(ADD_CLUSTERS, {**given, "zero": zero, "count": count}))
    found = made(DOCUMENTS, count)
    for first in range(0, DOCUMENTS, 2000):
        numbers = list(range(first, first + 2000))
        of = [ids[number % count] for number in numbers]
        documents = list(session.scalars(ADD_DOCUMENTS, {"owner": owner, "numbers": numbers, "clusters": of}))
        texts = [vectors.half(found[number]).to_text() for number in numbers]
        session.execute(ADD_VECTORS, {**given, "ids": documents, "vectors": texts})
    session.execute(
        text("UPDATE clusters SET document_count = (SELECT count(*) FROM documents WHERE cluster_id = clusters.id)")
    )


def _grouping() -> Iterator[Row]:
    ours_all: list[float] = []
    for size in BOARDS:
        board, words = made(size, 40), _words(size)
        calls = [lambda board=board, words=words: _regroup(board, words)]
        beside = size <= MOST_FOR_HDBSCAN
        if beside:
            calls.append(lambda board=board: HDBSCAN(min_cluster_size=10, copy=True).fit(board))
        timed = interleaved(calls, rounds=1 if size > MOST_FOR_HDBSCAN // 2 else 3)
        ours_all.append(timed[0].median)
        yield Row(
            "group a board anew: topics, sub-topics, ids, map",
            f"{size:,} documents",
            timed[0].median,
            "s",
            timed[1].median if beside else None,
            "scikit-learn HDBSCAN bare on the same vectors",
            timed[0].median / timed[1].median if beside else None,
            "at most 1.3 x",
            {
                "spread": timed[0].spread,
                "exponent": round(exponent(BOARDS[: len(ours_all)], ours_all), 2) if len(ours_all) > 1 else None,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
        )


def _regroup(board: NDArray[np.float32], words: sparse.csr_array) -> None:
    """What the job does between reading and writing, without the names."""
    size = len(board)
    found = grouping.group(board, words, [None] * size, lambda _: None)
    documents = [Filed(number, None, None, fixed=False) for number in range(size)]
    plan = regrouping.plan(documents, {}, found.topics, found.subtopics)
    layout.lay_out(board, plan.topics, plan.subtopics, np.full((size, 2), np.nan), {})


def _words(size: int) -> sparse.csr_array:
    """Rows of words, some of the document's subject and some of all, as TF-IDF leaves them."""
    rng = np.random.default_rng(1)
    own = (np.arange(size)[:, None] % 40) * 1_000 + rng.integers(1_000, size=(size, WORDS_OF_A_DOCUMENT // 2))
    common = 40_000 + rng.integers(20_000, size=(size, WORDS_OF_A_DOCUMENT // 2))
    columns = np.hstack([own, common]).ravel()
    starts = np.arange(size + 1) * WORDS_OF_A_DOCUMENT
    values = np.full(len(columns), WORDS_OF_A_DOCUMENT**-0.5, dtype=np.float32)
    found = sparse.csr_array((values, columns, starts), shape=(size, 60_000))
    found.sum_duplicates()
    return found
