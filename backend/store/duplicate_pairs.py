"""Pairs of documents that were compared, and what came of it. A pair is kept with its smaller id first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    REAL,
    BigInteger,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from backend.domain.buckets import Pairs
from backend.store.database import Base
from backend.store.documents import Document
from backend.store.duplicate_verdicts import DIFFERENT, DuplicateVerdict

WORDS, MEANING, PICTURE = "words", "meaning", "picture"

SIGNED = {WORDS: "document_signatures", MEANING: "document_signatures", PICTURE: "picture_signatures"}

# Only while both documents have the signatures that were compared: one that is being signed anew at this moment holds
# its row, and what is said of the old one is not kept.
PUT = """INSERT INTO duplicate_pairs (a, b, compared, owner_id, layer, likeness, share_a, share_b, more_a, more_b)
       SELECT row.a, row.b, :compared, :owner_id, row.layer, row.likeness, row.share_a, row.share_b,
              row.more_a, row.more_b
       FROM unnest(CAST(:a AS bigint[]), CAST(:b AS bigint[]), CAST(:layer AS text[]), CAST(:likeness AS real[]),
                   CAST(:share_a AS real[]), CAST(:share_b AS real[]), CAST(:more_a AS integer[]),
                   CAST(:more_b AS integer[]), CAST(:digest_a AS bigint[]), CAST(:digest_b AS bigint[]))
            AS row (a, b, layer, likeness, share_a, share_b, more_a, more_b, digest_a, digest_b)
            JOIN {signed} sa ON sa.document_id = row.a AND sa.digest = row.digest_a AND sa.owner_id = :owner_id
            JOIN {signed} sb ON sb.document_id = row.b AND sb.digest = row.digest_b AND sb.owner_id = :owner_id
       FOR SHARE OF sa, sb
       ON CONFLICT (a, b, compared) DO UPDATE SET layer = excluded.layer, likeness = excluded.likeness,
           share_a = excluded.share_a, share_b = excluded.share_b, more_a = excluded.more_a, more_b = excluded.more_b,
           compared_at = now()"""


class DuplicatePair(Base):
    """One comparison. Without a `layer` the two are no duplicates, which spares comparing them again.

    `share_a` is the part of `a` that is in `b`; `more_a` counts the paragraphs that only `a` has.
    """

    __tablename__ = "duplicate_pairs"

    a: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    b: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    compared: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    layer: Mapped[str | None] = mapped_column(Text)
    likeness: Mapped[float] = mapped_column(REAL)
    share_a: Mapped[float] = mapped_column(REAL)
    share_b: Mapped[float] = mapped_column(REAL)
    more_a: Mapped[int] = mapped_column(Integer, server_default="0")
    more_b: Mapped[int] = mapped_column(Integer, server_default="0")
    compared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


@dataclass(frozen=True)
class Compared:
    """One comparison to be kept; `a` < `b`, each as it was signed with that digest."""

    a: int
    b: int
    layer: str | None
    likeness: float
    share_a: float
    share_b: float
    more_a: int = 0
    more_b: int = 0
    digest_a: int = 0
    digest_b: int = 0


def put(session: Session, owner_id: int, compared: str, rows: Sequence[Compared]) -> None:
    """Keep what comparing these by words, meaning or picture gave, but for documents that are gone or signed anew."""
    if not rows:
        return
    values: dict[str, Any] = {field.name: [getattr(row, field.name) for row in rows] for field in fields(Compared)}
    session.execute(text(PUT.format(signed=SIGNED[compared])), {"owner_id": owner_id, "compared": compared, **values})


def known(session: Session, owner_id: int, compared: str) -> Pairs:
    """Every pair that was compared that way."""
    rows = session.execute(
        select(DuplicatePair.a, DuplicatePair.b).where(
            DuplicatePair.owner_id == owner_id, DuplicatePair.compared == compared
        )
    ).all()
    return np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)


def forget(session: Session, owner_id: int, document_id: int, compared: str) -> None:
    """Forget what comparing this document gave: it has another signature now."""
    session.execute(
        delete(DuplicatePair).where(
            DuplicatePair.owner_id == owner_id,
            DuplicatePair.compared == compared,
            or_(DuplicatePair.a == document_id, DuplicatePair.b == document_id),
        )
    )


def found(session: Session, owner_id: int, *, of: int | None = None) -> list[DuplicatePair]:
    """The pairs that are duplicates, of the whole board or of one document: both on the board, and not dismissed."""
    first, second = aliased(Document), aliased(Document)
    dismissed = exists().where(
        DuplicateVerdict.a == DuplicatePair.a,
        DuplicateVerdict.b == DuplicatePair.b,
        DuplicateVerdict.owner_id == owner_id,
        DuplicateVerdict.verdict == DIFFERENT,
    )
    query = (
        select(DuplicatePair)
        .join(first, (first.id == DuplicatePair.a) & first.deleted_at.is_(None))
        .join(second, (second.id == DuplicatePair.b) & second.deleted_at.is_(None))
        .where(DuplicatePair.owner_id == owner_id, DuplicatePair.layer.is_not(None), ~dismissed)
    )
    if of is not None:
        query = query.where(or_(DuplicatePair.a == of, DuplicatePair.b == of))
    return list(session.scalars(query.order_by(DuplicatePair.a, DuplicatePair.b)))


def near_enough(session: Session, owner_id: int, threshold: float, overlap: float) -> list[tuple[int, int]]:
    """Pairs that are no duplicates as they were judged, and versions of one text under this threshold."""
    rows = session.execute(
        select(DuplicatePair.a, DuplicatePair.b).where(
            DuplicatePair.owner_id == owner_id,
            DuplicatePair.compared == WORDS,
            DuplicatePair.layer.is_(None),
            DuplicatePair.likeness >= threshold,
            func.greatest(DuplicatePair.share_a, DuplicatePair.share_b) >= overlap,
        )
    )
    return [(a, b) for a, b in rows]


def drop_below(session: Session, owner_id: int, threshold: float) -> None:
    """Let versions of one text that are less alike than this be no duplicates."""
    session.execute(
        update(DuplicatePair)
        .where(
            DuplicatePair.owner_id == owner_id,
            DuplicatePair.compared == WORDS,
            DuplicatePair.layer == "near",
            DuplicatePair.likeness < threshold,
        )
        .values(layer=null())
    )
