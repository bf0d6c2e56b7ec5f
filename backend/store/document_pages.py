"""Pages that were read as pictures: how large each is, and where every word stands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import REAL, BigInteger, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.database import Base


class DocumentPage(Base):
    """One page; `width` and `height` in pixels, `boxes` are `[text, left, top, right, bottom]` in shares of them."""

    __tablename__ = "document_pages"

    document_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    page: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    engine: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float] = mapped_column(REAL)
    boxes: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
