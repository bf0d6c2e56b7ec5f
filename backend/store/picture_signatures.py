"""What pictures look like."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, DateTime, ForeignKey, LargeBinary, SmallInteger, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.looks import SIDE, VERSION, Look, Square
from backend.domain.signatures import Kind
from backend.store import signatures
from backend.store.database import Base
from backend.store.documents import Document


class PictureSignature(Base):
    """One picture; without `grey` it could not be looked at, which is not tried again under this version."""

    __tablename__ = "picture_signatures"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[int] = mapped_column(BigInteger)
    grey: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Seen(NamedTuple):
    """The grey square of a picture, and which signature it is of."""

    grey: Square
    digest: int


def put(session: Session, owner_id: int, document_id: int, look: Look | None) -> bool:
    """Keep the look in place of an older one (None: there is none to be had); whether it is another than that."""
    before = session.scalar(
        select(PictureSignature.digest).where(
            PictureSignature.document_id == document_id, PictureSignature.owner_id == owner_id
        )
    )
    row = {
        "document_id": document_id,
        "owner_id": owner_id,
        "version": VERSION,
        "digest": look.digest if look else 0,
        "grey": look.grey.tobytes() if look else None,
    }
    statement = insert(PictureSignature).values(**row)
    session.execute(
        statement.on_conflict_do_update(index_elements=["document_id"], set_={**row, "made_at": func.now()})
    )
    keys = {Kind.PICTURE: look.keys if look else np.zeros(0, np.int64)}
    signatures.put_bands(session, owner_id, document_id, keys, (Kind.PICTURE,))
    return before != row["digest"]


def of(session: Session, owner_id: int, document_ids: Iterable[int]) -> dict[int, Seen]:
    """The looks of those of these documents that have one."""
    rows = session.execute(
        select(PictureSignature.document_id, PictureSignature.grey, PictureSignature.digest).where(
            PictureSignature.owner_id == owner_id,
            PictureSignature.document_id.in_(list(document_ids)),
            PictureSignature.version == VERSION,
            PictureSignature.grey.is_not(None),
        )
    )
    return {row.document_id: Seen(np.frombuffer(row.grey, np.uint8).reshape(SIDE, SIDE), row.digest) for row in rows}


def unsigned(session: Session, owner_id: int, *, after: int, limit: int) -> list[Document]:
    """Pictures on the board that were not looked at as this version does it, by id, above `after`."""
    query = select(Document).outerjoin(PictureSignature, PictureSignature.document_id == Document.id)
    query = query.where(*_unsigned(owner_id), Document.id > after)
    return list(session.scalars(query.order_by(Document.id).limit(limit)))


def count_unsigned(session: Session, owner_id: int) -> int:
    """How many those are."""
    query = select(func.count()).select_from(Document)
    query = query.outerjoin(PictureSignature, PictureSignature.document_id == Document.id)
    return session.scalar(query.where(*_unsigned(owner_id))) or 0


def _unsigned(owner_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Document.owner_id == owner_id,
        Document.deleted_at.is_(None),
        Document.media_type.like("image/%"),
        Document.blob_sha256.is_not(None),
        # not while it is being read: what reads it looks at it
        Document.status.not_in(("queued", "pending", "extracting")),
        func.coalesce(PictureSignature.version, 0) != VERSION,
    )
