"""The scan for duplicates at several sizes, and what one new document costs, beside all pairs and datasketch.

Synthetic boards with a tenth of near copies, through the board's own store: what is timed is the scan as its job runs
it, on signatures that were made when the documents came. A million documents come as signatures only.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from datasketch import MinHash, MinHashLSH
from sklearn.feature_extraction.text import TfidfVectorizer

from backend.domain import buckets, signatures
from backend.domain.signatures import OF_WORDS, Signature
from backend.jobs import comparing, signing
from backend.store import duplicate_candidates, duplicate_pairs, duplicates
from backend.store.database import Database
from tests.bench.board import Bench, running
from tests.bench.row import Row, Timed, exponent, interleaved

SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
ALL_PAIRS_UP_TO = 10_000
DATASKETCH_UP_TO = 10_000
COPIES = 0.1
COSINE = 0.8
BATCH = 250
_VOCABULARY = 30_000


def rows(_corpus: Path) -> Iterator[Row]:
    """A row for each size, the exponent over them, and one new document at the largest."""
    taken = {}
    for size in SIZES:
        with running() as bench:
            owner, texts = bench.people[0], list(corpus(size))
            signed = fill(bench, owner, texts)
            rounds = 3 if size < ALL_PAIRS_UP_TO else 1
            found: dict[str, int] = {}
            calls = [_ours(bench, owner, found), *_yardsticks(texts, found)]
            timed = interleaved(calls, rounds=rounds)
            taken[size] = timed[0].median
            yield from _beside(size, timed, found, signed)
            if size == SIZES[-1]:
                yield one_more(bench, owner, texts)
    yield _growth("duplicate scan, growth", taken)


def million() -> Iterator[Row]:
    """Signatures of a million documents, copied in; the scan over their buckets and the comparison of what meets."""
    with running() as bench:
        owner = bench.people[0]
        copy_signatures(bench, owner, MILLION)
        began = time.perf_counter()
        found = scan(bench.database, owner)
        seconds = time.perf_counter() - began
        yield Row(
            "duplicate scan by signatures", f"{MILLION:,}", seconds, "s", None, "", None, "it ends", {"found": found}
        )


@dataclass(frozen=True)
class Made:
    """What signing all texts took."""

    seconds: float


def corpus(size: int, seed: int = 1) -> Iterator[str]:
    """Texts of a few hundred words in the frequencies of a language; a tenth are copies with some words changed."""
    rng = np.random.default_rng(seed)
    words = np.array([f"w{number:x}" for number in range(_VOCABULARY)])
    weights = 1 / np.arange(3, _VOCABULARY + 3)
    weights /= weights.sum()
    kept: list[np.ndarray] = []
    for _ in range(size):
        if kept and rng.random() < COPIES:
            chosen = kept[int(rng.integers(len(kept)))].copy()
            changed = rng.random(len(chosen)) < rng.uniform(0.0, 0.08)
            chosen[changed] = rng.choice(_VOCABULARY, int(changed.sum()), p=weights)
        else:
            chosen = rng.choice(_VOCABULARY, int(np.clip(rng.lognormal(5.6, 0.6), 60, 2000)), p=weights)
            if len(kept) < size // 10 + 1:
                kept.append(chosen)
        yield " ".join(words[chosen])


def fill(bench: Bench, owner: int, texts: Sequence[str]) -> Made:
    """Documents with their texts, and the signatures that their ingest would have made."""
    ids = _copy_documents(bench, owner, len(texts))
    _copy(bench, "document_texts (document_id, owner_id, text, parts, extractor)",
          ((number, owner, text, "[]", "bench") for number, text in zip(ids, texts, strict=True)))  # fmt: skip
    began = time.perf_counter()
    signed = [signatures.sign(text) for text in texts]
    seconds = time.perf_counter() - began
    _copy_signed(bench, owner, zip(ids, signed, strict=True))
    return Made(seconds)


def scan(database: Database, owner: int) -> int:
    """What the job does between its first and its last stage, from nothing; how many pairs are duplicates."""
    with database.session(owner) as session:
        session.query(duplicate_pairs.DuplicatePair).delete()
    with database.session(owner) as session:
        met = buckets.candidates(duplicate_candidates.buckets(session, owner, OF_WORDS))
        pairs = buckets.among_others(met.pairs, duplicate_candidates.in_trash(session, owner))
        new = buckets.without(pairs, duplicate_pairs.known(session, owner, duplicate_pairs.WORDS))
    for first in range(0, len(new), BATCH):
        with database.session(owner) as session:
            some = [(a, b) for a, b in new[first : first + BATCH].tolist()]
            duplicate_pairs.put(session, owner, duplicate_pairs.WORDS, comparing.by_words(session, owner, some))
    with database.session(owner) as session:
        groups, _ = duplicates.groups(session, owner)
    return sum(len(group.pairs) for group in groups)


def one_more(bench: Bench, owner: int, texts: Sequence[str]) -> Row:
    """What a new document adds to its ingest: its signature, its candidates, their comparison, the hint."""
    seconds = []
    for number in range(20):
        text = texts[number * 7] + " and a few words more at the end of it"
        (document_id,) = _copy_documents(bench, owner, 1)
        _copy(bench, "document_texts (document_id, owner_id, text, parts, extractor)",
              [(document_id, owner, text, "[]", "bench")])  # fmt: skip
        began = time.perf_counter()
        signature = signatures.sign(text)
        with bench.database.session(owner) as session:
            signing.keep(session, owner, document_id, signature)
            met = duplicate_candidates.meeting(session, owner, document_id, signature.keys, limit=24)
            pairs = [(min(document_id, other), max(document_id, other)) for other in met]
            duplicate_pairs.put(session, owner, duplicate_pairs.WORDS, comparing.by_words(session, owner, pairs))
            assert duplicates.looks_like(session, owner, document_id)
        seconds.append(time.perf_counter() - began)
    timed = Timed(tuple(seconds))
    data = {"spread": timed.spread, "p95": timed.percentile(0.95)}
    size = f"{len(texts):,}"
    return Row("one new document", size, timed.median * 1000, "ms", None, "", None, "less than 1 s", data)


def copy_signatures(bench: Bench, owner: int, size: int) -> None:
    """Signatures of so many documents, a tenth of them near copies, without their texts."""
    ids = _copy_documents(bench, owner, size)
    _copy_signed(bench, owner, zip(ids, (signatures.sign(text) for text in corpus(size, 2)), strict=True))


def all_pairs(texts: Sequence[str]) -> int:
    """Cosine of TF-IDF of each with each; how many are at least COSINE."""
    matrix = TfidfVectorizer(token_pattern=r"\w+", dtype=np.float32).fit_transform(texts)
    found = 0
    for first in range(0, matrix.shape[0], 1000):
        near = (matrix[first : first + 1000] @ matrix.T).tocoo()
        found += int(np.count_nonzero((near.data >= COSINE) & (near.row + first < near.col)))
    return found


def datasketch(texts: Sequence[str]) -> tuple[Callable[[], int], float]:
    """A call that fills and asks an LSH with signatures made before, and what making those took."""
    began = time.perf_counter()
    signed = []
    for text in texts:
        words = text.split()
        one = MinHash(num_perm=72)
        one.update_batch([" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)])
        signed.append(one)
    seconds = time.perf_counter() - began

    def find() -> int:
        lsh = MinHashLSH(params=(24, 3), num_perm=72)
        with lsh.insertion_session() as session:
            for number, one in enumerate(signed):
                session.insert(number, one)
        return sum(
            one.jaccard(signed[other]) >= comparing.NEAR
            for number, one in enumerate(signed)
            for other in lsh.query(one)
            if other > number
        )

    return find, seconds


def _ours(bench: Bench, owner: int, found: dict[str, int]) -> Callable[[], object]:
    return lambda: found.update(ours=scan(bench.database, owner))


def _yardsticks(texts: Sequence[str], found: dict[str, int]) -> list[Callable[[], object]]:
    calls: list[Callable[[], object]] = []
    if len(texts) <= DATASKETCH_UP_TO:
        find, seconds = datasketch(texts)
        found["datasketch_signing_ms"] = int(seconds * 1000)
        calls.append(lambda: found.update(datasketch=find()))
    if len(texts) <= ALL_PAIRS_UP_TO:
        calls.append(lambda: found.update(all_pairs=all_pairs(texts)))
    return calls


def _beside(size: int, timed: Sequence[Timed], found: dict[str, int], made: Made) -> Iterator[Row]:
    ours, data = timed[0], {"spread": timed[0].spread, "found": dict(found), "signing_s": round(made.seconds, 2)}
    shown = f"{size:,}"
    if len(timed) == 1:
        yield Row("duplicate scan", shown, ours.median, "s", None, "", None, "exponent of growth", data)
        return
    sketched, compared = timed[1].median, timed[2].median
    ratio = compared / ours.median
    reach = "at least 50 x at 10,000"
    yield Row("duplicate scan", shown, ours.median, "s", compared, "all pairs, TF-IDF", ratio, reach, data)
    name = "datasketch MinHashLSH"
    yield Row("duplicate scan, LSH", shown, ours.median, "s", sketched, name, sketched / ours.median, "1", data)
    theirs = sketched + found["datasketch_signing_ms"] / 1000
    both = ours.median + made.seconds
    yield Row("signing and scan", shown, both, "s", theirs, name, theirs / both, "1", data)


def _growth(name: str, taken: dict[int, float]) -> Row:
    slope = exponent(list(taken), list(taken.values()))
    sizes = " to ".join(f"{size:,}" for size in (min(taken), max(taken)))
    return Row(name, sizes, slope, "exponent", None, "", slope, "at most 1.15", {"seconds": taken})


def _copy_documents(bench: Bench, owner: int, count: int) -> range:
    with _superuser(bench) as connection:
        first: int = connection.execute(
            """WITH made AS (INSERT INTO documents (owner_id, kind, title, filename, media_type, blob_sha256,
                   size_bytes, status, char_count)
               SELECT %s, 'file', 'a document', 'a.txt', 'text/plain', gen_random_uuid()::text, 1, 'completed', 1
               FROM generate_series(1, %s) RETURNING id) SELECT min(id) FROM made""",
            (owner, count),
        ).fetchone()[0]  # type: ignore[index]  # an aggregate has one row
    return range(first, first + count)


def _copy_signed(bench: Bench, owner: int, signed: Iterator[tuple[int, Signature]]) -> None:
    """Signatures and buckets; the indexes are there already, as on a board."""
    bands = io.StringIO()

    def rows() -> Iterator[tuple[object, ...]]:
        for number, one in signed:
            for kind, keys in one.keys.items():
                bands.writelines(f"{owner}\t{int(kind)}\t{key}\t{number}\n" for key in keys.tolist())
            body = one.shingles.astype("<u4").tobytes()
            yield number, owner, 1, one.digest, one.text_sha256, len(one.shingles), body

    columns = "document_id, owner_id, version, digest, text_sha256, shingle_count, shingles"
    _copy(bench, f"document_signatures ({columns})", rows())
    with _superuser(bench) as connection:
        bands.seek(0)
        with connection.cursor().copy("COPY duplicate_bands (owner_id, kind, key, document_id) FROM STDIN") as copy:
            while block := bands.read(1 << 20):
                copy.write(block)
        connection.execute("ANALYZE")


def _copy(bench: Bench, into: str, rows: Sequence[tuple[object, ...]] | Iterator[tuple[object, ...]]) -> None:
    with _superuser(bench) as connection, connection.cursor().copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _superuser(bench: Bench) -> psycopg.Connection[tuple[object, ...]]:
    """COPY does not work behind row-level security."""
    return psycopg.connect(bench.superuser_url)
