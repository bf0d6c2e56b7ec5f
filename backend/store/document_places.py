"""Where each document lies on the map of its board."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Boolean, ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base


class DocumentPlace(Base):
    """Where a document lies, 0 to 1 from left to right and from top to bottom.

    `grouped` is true for a place that a grouping of the whole board gave it, false where it lies by its neighbours.
    """

    __tablename__ = "document_places"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner_id: Mapped[int] = mapped_column(BigInteger)
    x: Mapped[float] = mapped_column(REAL)
    y: Mapped[float] = mapped_column(REAL)
    grouped: Mapped[bool] = mapped_column(Boolean, server_default="false")


def put(session: Session, owner_id: int, document_id: int, x: float, y: float) -> None:
    """Lay a document beside its neighbours, until the next grouping of the board finds it a better place."""
    row = {"document_id": document_id, "owner_id": owner_id, "x": x, "y": y, "grouped": False}
    session.execute(insert(DocumentPlace).values(**row).on_conflict_do_update(index_elements=["document_id"], set_=row))
