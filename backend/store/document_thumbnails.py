"""Small pictures of documents, for lists."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class DocumentThumbnail(Base):
    """The thumbnail of one document: a WebP of a few kilobytes."""

    __tablename__ = "document_thumbnails"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    picture: Mapped[bytes] = mapped_column(LargeBinary)


def save(session: Session, owner_id: int, document_id: int, picture: bytes) -> None:
    """Keep the thumbnail, in place of an older one."""
    row = {"document_id": document_id, "owner_id": owner_id, "picture": picture}
    statement = insert(DocumentThumbnail).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_={"picture": picture}))


def get(session: Session, owner_id: int, document_id: int) -> bytes | None:
    """The thumbnail, where there is one."""
    mine = select(DocumentThumbnail.picture).filter_by(document_id=document_id, owner_id=owner_id)
    return session.scalar(mine)
