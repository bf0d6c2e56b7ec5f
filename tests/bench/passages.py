"""Boards of very many passages for the bench: made-up words as rare and as common as real ones, vectors in clumps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

MODEL = "bench/384/1"
DIMENSION = 384
BLOCK = 10_000
PER_DOCUMENT = 10
TOPICS = 400
TOPIC_WORDS = 60
VOCABULARY = 200_000
WORDS = 110
"""Words of a passage at the middle: with the marks between them some 200 tokens."""

DOCUMENTS = """INSERT INTO documents (owner_id, kind, title, filename, media_type, blob_sha256, size_bytes, status,
                   language, created_at)
               SELECT %s, 'file', title, 'file' || number || '.txt', 'text/plain', 'bench' || number || '-' || %s, 1,
                   'completed', 'en', now() - number * interval '1 minute'
               FROM unnest(%s::text[]) WITH ORDINALITY AS row (title, number) RETURNING id"""
INDEXED_WORDS = """INSERT INTO passage_words (passage_id, document_id, owner_id, length, words)
    SELECT p.id, p.document_id, p.owner_id, length(p.text), setweight(to_tsvector('english', p.text), 'A')
           || setweight(to_tsvector('simple', p.text), 'D')
           || CASE p.ordinal WHEN 0 THEN setweight(to_tsvector('english', d.title), 'B')
                                         || setweight(to_tsvector('simple', d.title), 'B') ELSE '' END
    FROM passages p JOIN documents d ON d.id = p.document_id WHERE p.id > %s"""
DROPPED = ("passage_words", "passage_vectors")
STOP_WORDS = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they"
    " which one you were all her she there would their we him been has when who will no if out so what"
)
SMALL = tuple(STOP_WORDS.split())
SYLLABLES = [c + v + e for c in "bdfgklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "st")]


@dataclass
class Made:
    """What was loaded: texts and vectors of some passages, to ask for, and the seconds the steps took."""

    texts: list[str] = field(default_factory=list)
    vectors: list[NDArray[np.float32]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class Writer:
    """Makes passages: each of a topic, with words of the whole vocabulary by Zipf's law and some of the topic's own."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        ranks = np.arange(VOCABULARY)
        shares = 1 / (ranks + 2.7) ** 1.07  # Zipf and Mandelbrot, as English text has it
        self.steps = np.cumsum(shares) / shares.sum()
        self.words = np.array([_word(rank) for rank in ranks], dtype=object)
        self.topic_words = self.random.integers(300, VOCABULARY // 4, size=(TOPICS, TOPIC_WORDS))
        self.centres = _units(self.random, TOPICS)

    def block(self, count: int) -> tuple[list[str], NDArray[np.float32], list[str]]:
        """Texts, vectors, and a title for each document of PER_DOCUMENT passages."""
        topics = np.repeat(self.random.integers(0, TOPICS, size=-(-count // PER_DOCUMENT)), PER_DOCUMENT)[:count]
        lengths = self.random.integers(WORDS // 2, WORDS * 3 // 2, size=count)
        ranks = np.searchsorted(self.steps, self.random.random(lengths.sum()))
        own = self.random.random(len(ranks)) < 0.2
        chosen = self.random.integers(0, TOPIC_WORDS, size=len(ranks))
        ranks[own] = self.topic_words[np.repeat(topics, lengths)[own], chosen[own]]
        ends = np.cumsum(lengths)
        words = self.words[np.minimum(ranks, VOCABULARY - 1)]
        texts = [" ".join(words[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
        titles = [" ".join(words[end - 6 : end]) for end in ends[::PER_DOCUMENT]]
        kin = np.repeat(_units(self.random, len(titles)), PER_DOCUMENT, axis=0)[:count]
        noise = _units(self.random, count) * self.random.uniform(0.5, 1.1, size=(count, 1))
        vectors = self.centres[topics] + 0.6 * kin + noise
        return texts, _unit(vectors), titles


def load(url: str, owners: tuple[int, ...], passages: int, seed: int = 1) -> Made:
    """Load so many passages for each owner by COPY; the indexes are made afterwards, as a restore does it."""
    writer, made = Writer(seed), Made()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('syncboard.principal', '*', false)")
        connection.execute("SET maintenance_work_mem = '2GB'")
        connection.execute("SET max_parallel_maintenance_workers = 2")
        for table in ("passages", "passage_vectors"):  # COPY asks for a table without a wall
            connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        with rebuilt(connection):
            for owner in owners:
                for first in range(0, passages, BLOCK):
                    _load_block(connection, writer, made, owner, min(BLOCK, passages - first))
        for table in ("passages", "passage_vectors"):
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        connection.execute("VACUUM ANALYZE")
    return made


@contextmanager
def rebuilt(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Drop the indexes that are slow to fill row by row, and make them again in the end."""
    rows = connection.execute(
        """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)
           AND indexname NOT IN (SELECT conname FROM pg_constraint)""",
        [list(DROPPED)],
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in rows:
        connection.execute(definition)


def _load_block(connection: psycopg.Connection[Any], writer: Writer, made: Made, owner: int, count: int) -> None:
    """One transaction of `count` passages with their documents, words and vectors."""
    texts, vectors, titles = writer.block(count)
    with connection.transaction(), connection.cursor() as cursor:
        begin = connection.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()
        first = begin[0] if begin else 0
        stamp = f"{owner}-{first}"
        documents = [row[0] for row in cursor.execute(DOCUMENTS, [owner, stamp, titles]).fetchall()]
        with cursor.copy(
            'COPY passages (document_id, owner_id, ordinal, text, "start", "end", text_sha256) FROM STDIN'
        ) as copy:
            for number, text in enumerate(texts):
                row = (documents[number // PER_DOCUMENT], owner, number % PER_DOCUMENT, text, 0, len(text), b"")
                copy.write_row(row)
        ids = [row[0] for row in cursor.execute("SELECT id FROM passages WHERE id > %s ORDER BY id", [first])]
        with cursor.copy(
            "COPY passage_vectors (passage_id, model, owner_id, embedding) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.write(_binary(np.asarray(ids), owner, vectors))
        cursor.execute(INDEXED_WORDS, [first])
    made.texts += texts[::500]
    made.vectors += list(vectors[::500])


def _binary(ids: NDArray[np.int64], owner: int, vectors: NDArray[np.float32]) -> bytes:
    """Rows of passage_vectors as COPY reads them: a count of fields, then each with its length, big end first."""
    model = MODEL.encode()
    fields = [
        ("fields", ">i2"),
        ("id_length", ">i4"),
        ("id", ">i8"),
        ("model_length", ">i4"),
        ("model", f"S{len(model)}"),
        ("owner_length", ">i4"),
        ("owner", ">i8"),
        ("vector_length", ">i4"),
        ("dimension", ">i2"),
        ("unused", ">i2"),
        ("vector", ">f2", (DIMENSION,)),
    ]
    rows = np.zeros(len(ids), np.dtype(fields))
    rows["fields"], rows["id_length"], rows["owner_length"] = 4, 8, 8
    rows["id"], rows["owner"], rows["model"], rows["model_length"] = ids, owner, model, len(model)
    rows["vector_length"], rows["dimension"], rows["vector"] = 4 + 2 * DIMENSION, DIMENSION, vectors
    return b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0) + rows.tobytes() + struct.pack(">h", -1)


def _word(rank: int) -> str:
    """A word for each rank: the commonest are the small words of English, which a search leaves out."""
    if rank < len(SMALL):
        return SMALL[rank]
    syllables, left = [], rank
    while left or len(syllables) < 2:
        left, digit = divmod(left, len(SYLLABLES))
        syllables.append(SYLLABLES[digit])
    return "".join(syllables)


def _units(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    return _unit(random.standard_normal((count, DIMENSION), dtype=np.float32))


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
