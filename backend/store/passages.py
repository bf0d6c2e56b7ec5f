"""Passages: the pieces of a document that are searched, embedded and cited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pgvector import HalfVector
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, ForeignKey, Identity, Integer, LargeBinary, Text, delete, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.chunks import Chunk
from backend.store import fulltext
from backend.store.database import Base

BATCH = 500

INSERT = text(
    """INSERT INTO passages (document_id, owner_id, ordinal, text, "start", "end", heading, place, text_sha256)
       SELECT :document_id, :owner_id, row.ordinal, row.text, row.start, row.end, row.heading, row.place,
              sha256(convert_to(row.text, 'UTF8'))
       FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row
            (ordinal integer, text text, start integer, "end" integer, heading text, place jsonb)
       ORDER BY row.ordinal RETURNING id, ordinal"""
)
INSERT_VECTORS = text(
    """INSERT INTO passage_vectors (passage_id, model, owner_id, embedding)
       SELECT id, :model, :owner_id, CAST(vector AS halfvec)
       FROM unnest(CAST(:ids AS bigint[]), CAST(:vectors AS text[])) AS row (id, vector)"""
)


KNOWN = text(
    """SELECT p.text_sha256, v.embedding FROM passages p JOIN passage_vectors v ON v.passage_id = p.id
       WHERE p.document_id = :document_id AND p.owner_id = :owner_id AND v.model = :model
         AND p.text_sha256 = ANY(:hashes)"""
).columns(embedding=HALFVEC())


class Passage(Base):
    """One passage. `start` and `end` are character offsets into the document's text."""

    __tablename__ = "passages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("documents.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    ordinal: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    heading: Mapped[str | None] = mapped_column(Text)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    text_sha256: Mapped[bytes] = mapped_column(LargeBinary)


class PassageVector(Base):
    """The vector of one passage under one model; vectors of two models are never compared."""

    __tablename__ = "passage_vectors"

    passage_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    embedding: Mapped[object] = mapped_column(HALFVEC())


def literal(vector: ArrayLike) -> str:
    """A vector as PostgreSQL reads it: five digits are more than a half-precision number holds."""
    return "[" + ",".join(f"{value:.5g}" for value in np.asarray(vector, dtype=np.float32).ravel().tolist()) + "]"


def known_vectors(
    session: Session, owner_id: int, document_id: int, texts: Sequence[str], model: str
) -> dict[str, NDArray[np.float32]]:
    """The vectors under `model` that the document's passages have already, by text: read again, few of them change."""
    by_hash = {sha256(body.encode()).digest(): body for body in texts}
    rows = session.execute(
        KNOWN, {"document_id": document_id, "owner_id": owner_id, "model": model, "hashes": list(by_hash)}
    )
    return {by_hash[bytes(row.text_sha256)]: _array(row.embedding) for row in rows}


def _array(stored: Any) -> NDArray[np.float32]:
    return np.asarray(stored.to_list() if isinstance(stored, HalfVector) else stored, dtype=np.float32)


def replace(
    session: Session,
    owner_id: int,
    document_id: int,
    chunks: Sequence[Chunk],
    vectors: ArrayLike,
    model: str,
    language: str | None,
) -> list[int]:
    """Put these passages and vectors in place of the document's old ones; the new ids, in order."""
    session.execute(delete(Passage).where(Passage.document_id == document_id, Passage.owner_id == owner_id))
    rows = np.asarray(vectors, dtype=np.float32)
    ids: list[int] = []
    for first in range(0, len(chunks), BATCH):
        batch = chunks[first : first + BATCH]
        new = _insert(session, owner_id, document_id, batch)
        literals = [literal(vector) for vector in rows[first : first + BATCH]]
        session.execute(INSERT_VECTORS, {"model": model, "owner_id": owner_id, "ids": new, "vectors": literals})
        fulltext.index(session, owner_id, document_id, list(zip(new, batch, strict=True)), language)
        ids += new
    return ids


def add_early(session: Session, owner_id: int, document_id: int, chunks: Sequence[Chunk], language: str | None) -> None:
    """Passages of a document that is still being read: they are found by their words, and have no vectors.

    `replace` and `drop_early` take them away.
    """
    for first in range(0, len(chunks), BATCH):
        batch = chunks[first : first + BATCH]
        new = _insert(session, owner_id, document_id, batch)
        fulltext.index(session, owner_id, document_id, list(zip(new, batch, strict=True)), language)


def drop_early(session: Session, owner_id: int, document_id: int) -> None:
    """Take away the passages that have no vectors."""
    vectors = select(PassageVector.passage_id).where(PassageVector.passage_id == Passage.id).exists()
    mine = (Passage.document_id == document_id, Passage.owner_id == owner_id)
    session.execute(delete(Passage).where(*mine, ~vectors))


def _insert(session: Session, owner_id: int, document_id: int, chunks: Sequence[Chunk]) -> list[int]:
    rows = json.dumps([_row(chunk) for chunk in chunks])
    values = {"document_id": document_id, "owner_id": owner_id, "rows": rows}
    inserted = session.execute(INSERT, values).all()
    return [row.id for row in sorted(inserted, key=lambda row: row.ordinal)]


def _row(chunk: Chunk) -> dict[str, Any]:
    return {
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "heading": chunk.heading,
        "place": chunk.place,
    }


def page(session: Session, owner_id: int, document_id: int, *, after: int, limit: int) -> list[Passage]:
    """The passages of a document with an ordinal above `after` (-1: from the first), in order."""
    return list(
        session.scalars(
            select(Passage)
            .where(Passage.document_id == document_id, Passage.owner_id == owner_id, Passage.ordinal > after)
            .order_by(Passage.ordinal)
            .limit(limit)
        )
    )


def count(session: Session, owner_id: int, document_id: int) -> int:
    """How many passages a document has."""
    mine = select(func.count()).select_from(Passage).filter_by(document_id=document_id, owner_id=owner_id)
    return session.scalar(mine) or 0
