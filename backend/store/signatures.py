"""Signatures of documents and the buckets in which those that may be alike meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.shingles import VERSION, Keys, Shingles
from backend.domain.signatures import OF_WORDS, Kind, Signature
from backend.store.database import Base
from backend.store.documents import Document, DocumentText

INSERT_BANDS = text(
    """INSERT INTO duplicate_bands (owner_id, kind, key, document_id)
       SELECT :owner_id, kind, key, :document_id
       FROM unnest(CAST(:kinds AS smallint[]), CAST(:keys AS bigint[])) AS row (kind, key)
       ON CONFLICT DO NOTHING"""
)


class DocumentSignature(Base):
    """The shingles of one document's text, as they were when it was signed. `compared_model` is the embedding model
    under which its nearest neighbours were looked up."""

    __tablename__ = "document_signatures"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[int] = mapped_column(BigInteger)
    text_sha256: Mapped[str] = mapped_column(Text)
    shingle_count: Mapped[int] = mapped_column(Integer)
    shingles: Mapped[bytes] = mapped_column(LargeBinary)
    compared_model: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class DuplicateBand(Base):
    """One document in one bucket."""

    __tablename__ = "duplicate_bands"

    owner_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )


def put(session: Session, owner_id: int, document_id: int, signature: Signature) -> bool:
    """Keep the signature in place of an older one; whether it is another than that."""
    before = session.execute(
        select(DocumentSignature.digest, DocumentSignature.text_sha256).where(
            DocumentSignature.document_id == document_id, DocumentSignature.owner_id == owner_id
        )
    ).first()
    row = {
        "document_id": document_id,
        "owner_id": owner_id,
        "version": VERSION,
        "digest": signature.digest,
        "text_sha256": signature.text_sha256,
        "shingle_count": len(signature.shingles),
        "shingles": signature.shingles.astype("<u4").tobytes(),
    }
    renewed = {**row, "compared_model": None, "made_at": func.now()}
    statement = insert(DocumentSignature).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=renewed))
    put_bands(session, owner_id, document_id, signature.keys, OF_WORDS)
    return before is None or (before.digest, before.text_sha256) != (signature.digest, signature.text_sha256)


def put_bands(
    session: Session, owner_id: int, document_id: int, keys: Mapping[Kind, Keys], kinds: Iterable[Kind]
) -> None:
    """Put the document into these buckets, and out of all others of the given kinds."""
    mine = (DuplicateBand.document_id == document_id, DuplicateBand.owner_id == owner_id)
    session.execute(delete(DuplicateBand).where(*mine, DuplicateBand.kind.in_([int(kind) for kind in kinds])))
    values = {
        "owner_id": owner_id,
        "document_id": document_id,
        "kinds": [int(kind) for kind, found in keys.items() for _ in range(len(found))],
        "keys": [key for found in keys.values() for key in found.tolist()],
    }
    session.execute(INSERT_BANDS, values)


class Signed(NamedTuple):
    """What is compared of a document: its sorted shingles, the hash of its folded text, and which signature it is."""

    shingles: Shingles
    text_sha256: str
    digest: int


def of(session: Session, owner_id: int, document_ids: Iterable[int]) -> dict[int, Signed]:
    """Those of these documents that have a current signature."""
    columns = (DocumentSignature.document_id, DocumentSignature.shingles, DocumentSignature.text_sha256)
    rows = session.execute(
        select(*columns, DocumentSignature.digest).where(
            DocumentSignature.owner_id == owner_id,
            DocumentSignature.document_id.in_(list(document_ids)),
            DocumentSignature.version == VERSION,
        )
    )
    return {
        row.document_id: Signed(np.frombuffer(row.shingles, dtype="<u4"), row.text_sha256, row.digest) for row in rows
    }


def unsigned(session: Session, owner_id: int, *, after: int, limit: int) -> list[int]:
    """Documents on the board with a text and without a current signature of it, by id, above `after`."""
    return list(
        session.scalars(
            select(Document.id)
            .join(DocumentText, DocumentText.document_id == Document.id)
            .outerjoin(DocumentSignature, DocumentSignature.document_id == Document.id)
            .where(
                Document.owner_id == owner_id,
                Document.deleted_at.is_(None),
                Document.id > after,
                func.coalesce(DocumentSignature.version, 0) != VERSION,
            )
            .order_by(Document.id)
            .limit(limit)
        )
    )


def count_unsigned(session: Session, owner_id: int) -> int:
    """How many those are."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Document)
            .join(DocumentText, DocumentText.document_id == Document.id)
            .outerjoin(DocumentSignature, DocumentSignature.document_id == Document.id)
            .where(
                Document.owner_id == owner_id,
                Document.deleted_at.is_(None),
                func.coalesce(DocumentSignature.version, 0) != VERSION,
            )
        )
        or 0
    )


def not_compared(session: Session, owner_id: int, model: str) -> list[int]:
    """Signed documents on the board whose neighbours under this embedding model were not looked up yet, by id."""
    return list(
        session.scalars(
            select(DocumentSignature.document_id)
            .join(Document, Document.id == DocumentSignature.document_id)
            .where(
                DocumentSignature.owner_id == owner_id,
                Document.deleted_at.is_(None),
                DocumentSignature.compared_model.is_distinct_from(model),
            )
            .order_by(DocumentSignature.document_id)
        )
    )


def mark_compared(session: Session, owner_id: int, document_ids: Sequence[int], model: str) -> None:
    """Remember that the neighbours of these documents were looked up."""
    session.execute(
        update(DocumentSignature)
        .where(DocumentSignature.owner_id == owner_id, DocumentSignature.document_id.in_(document_ids))
        .values(compared_model=model)
    )


def texts_of(session: Session, owner_id: int, document_ids: Iterable[int]) -> dict[int, str]:
    """The texts of documents."""
    rows = session.execute(
        select(DocumentText.document_id, DocumentText.text).where(
            DocumentText.owner_id == owner_id, DocumentText.document_id.in_(list(document_ids))
        )
    )
    return {row.document_id: row.text for row in rows}


def count(session: Session, owner_id: int) -> int:
    """How many documents on the board have a signature."""
    mine = (DocumentSignature.owner_id == owner_id, Document.deleted_at.is_(None))
    joined = (
        select(func.count()).select_from(DocumentSignature).join(Document, Document.id == DocumentSignature.document_id)
    )
    return session.scalar(joined.where(*mine)) or 0
