"""Reading the numbers of a board beside counting them: twenty thousand documents, and the jobs that read them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from backend.jobs import analytics, kinds
from backend.store import analytics as stored
from tests.bench.board import Bench, running
from tests.bench.row import Row, Timed, interleaved

DOCUMENTS = 20_000
ROUNDS = 15
OFTEN = 20
"""Reads in one round: one alone is too short to be timed well."""

BOARD = """
SELECT set_config('syncboard.principal', '*', true);
INSERT INTO clusters (owner_id, name, model, centroid, document_count)
    SELECT {owner}, 'topic ' || n, 'none/3/1', '[1,0,0]', {documents} / 40 FROM generate_series(1, 40) AS n;
INSERT INTO concepts (owner_id, key, name)
    SELECT {owner}, 'concept ' || n, 'Concept ' || n FROM generate_series(1, 3000) AS n;
INSERT INTO tags (owner_id, key, name, colour)
    SELECT {owner}, 'tag ' || n, 'Tag ' || n, 'red' FROM generate_series(1, 30) AS n;
INSERT INTO documents (owner_id, kind, title, filename, media_type, blob_sha256, size_bytes, source_url, status,
                       language, char_count, word_count, cluster_id, created_at)
    SELECT {owner}, 'file', 'Document ' || n, n || '.txt',
           (ARRAY['text/plain', 'application/pdf', 'text/html'])[1 + n % 3], md5(n::text), 1000 + n % 9000,
           CASE WHEN n % 3 = 2 THEN 'https://www.site' || n % 70 || '.example/' || n END,
           CASE WHEN n % 50 = 0 THEN 'error' ELSE 'completed' END, (ARRAY['en', 'de', 'fr'])[1 + n % 3], 6000, 1000,
           (SELECT min(id) FROM clusters) + n % 40, now() - make_interval(hours => n % 8000)
    FROM generate_series(1, {documents}) AS n;
INSERT INTO passages (document_id, owner_id, ordinal, text, "start", "end", text_sha256)
    SELECT d.id, {owner}, p, 'words', 0, 5, sha256('words') FROM documents AS d, generate_series(0, 4) AS p;
INSERT INTO document_concepts (document_id, concept_id, owner_id, rank, confidence, quote, "start", "end")
    SELECT d.id, c.first + (d.id * 7 + r * r * 31) % 3000, {owner}, r, 0.5, 'words', 0, 5
    FROM documents AS d, generate_series(0, 7) AS r, (SELECT min(id) AS first FROM concepts) AS c
    ON CONFLICT DO NOTHING;
INSERT INTO document_tags (document_id, tag_id, owner_id, source)
    SELECT d.id, t.first + d.id % 30, {owner}, 'person' FROM documents AS d, (SELECT min(id) AS first FROM tags) AS t;
INSERT INTO jobs (id, owner_id, kind, step, queue, state, max_attempts, document_id, created_at, finished_at)
    SELECT gen_random_uuid(), {owner}, 'process_file_upload', 'understand', 'analysis', 'SUCCESS', 3, d.id,
           now() - interval '1 hour', now() - interval '50 minutes' FROM documents AS d;
INSERT INTO job_attempts (job_id, fence, owner_id, step, attempt, worker, started_at, finished_at, outcome)
    SELECT j.id, f, {owner}, (ARRAY['extract', 'understand'])[f], 1, 'w', j.created_at + make_interval(secs => f * 60),
           j.created_at + make_interval(secs => f * 60 + random() * 30), 'SUCCESS'
    FROM jobs AS j, generate_series(1, 2) AS f;
"""


def rows(_corpus: Path) -> Iterator[Row]:
    """One row: a read of what is kept, beside counting it live, in turn."""
    assert kinds.ALL  # the steps of all kinds, whose queues are told
    with running() as bench:
        _fill(bench)
        owner_id = bench.people[0]

        def live() -> None:
            with bench.database.session(owner_id) as session:
                analytics.compute(session, owner_id)

        def read() -> None:
            with bench.database.session(owner_id) as session:
                assert stored.read(session, owner_id) is not None

        with bench.database.session(owner_id) as session:
            analytics.compute(session, owner_id).keep(session, owner_id)
        live_times, read_times = interleaved([live, lambda: _often(read)], rounds=ROUNDS)
        each = Timed(tuple(seconds / OFTEN for seconds in read_times.seconds))
        yield Row(
            name="numbers of a board",
            size=f"{DOCUMENTS:,} documents",
            value=each.median * 1000,
            unit="ms",
            yardstick=live_times.median * 1000,
            yardstick_name="counting live",
            ratio=statistics.median(a / b for a, b in zip(live_times.seconds, each.seconds, strict=True)),
            reach="at least 50 x faster",
            data={"read": each.spread, "live": live_times.spread, "passages": 5 * DOCUMENTS, "jobs": DOCUMENTS},
        )


def _often(read: Callable[[], None]) -> None:
    for _ in range(OFTEN):
        read()


def _fill(bench: Bench) -> None:
    with psycopg.connect(bench.url, autocommit=False) as connection:
        connection.execute(BOARD.format(owner=bench.people[0], documents=DOCUMENTS))
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
