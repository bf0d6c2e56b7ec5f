"""Searches that people keep, to ask them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.errors import Conflict, NotFound
from backend.store import users
from backend.store.database import Base

MOST_OF_A_BOARD = 200


class SavedSearch(Base):
    """One kept search. `key` is its name as names are compared; `seen_at` is when its person last looked."""

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    q: Mapped[str] = mapped_column(Text)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def add(session: Session, owner_id: int, name: tuple[str, str], q: str, filters: dict[str, Any]) -> SavedSearch:
    """Keep a search; `name` is as shown and as compared. Raises Conflict (`name_taken`, `too_many_saved_searches`)."""
    shown, key = name
    users.lock(session, owner_id)
    _check_free(session, owner_id, name)
    mine = select(func.count()).select_from(SavedSearch).where(SavedSearch.owner_id == owner_id)
    if (session.scalar(mine) or 0) >= MOST_OF_A_BOARD:
        raise Conflict(
            f"A board keeps at most {MOST_OF_A_BOARD} searches.",
            code="too_many_saved_searches",
            hint="Delete some that nobody asks any more.",
        )
    row = SavedSearch(owner_id=owner_id, key=key, name=shown, q=q, filters=filters)
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def get(session: Session, owner_id: int, search_id: int) -> SavedSearch:
    """The kept search. Raises NotFound."""
    found = session.scalar(select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.owner_id == owner_id))
    if found is None:
        raise NotFound("There is no such saved search.", code="saved_search_not_found")
    return found


def change(
    session: Session,
    row: SavedSearch,
    *,
    name: tuple[str, str] | None = None,
    q: str | None = None,
    filters: dict[str, Any] | None = None,
) -> None:
    """Change what is given. Raises Conflict (`name_taken`)."""
    if name is not None:
        users.lock(session, row.owner_id)
        _check_free(session, row.owner_id, name, besides=row.id)
        row.name, row.key = name
    if q is not None:
        row.q = q
    if filters is not None:
        row.filters = filters
    row.updated_at = func.now()
    session.flush()
    session.refresh(row)


def seen(session: Session, row: SavedSearch) -> None:
    """Its person has looked: what it finds from now on is new."""
    row.seen_at = func.now()
    session.flush()
    session.refresh(row)


def remove(session: Session, row: SavedSearch) -> None:
    """Keep it no longer."""
    session.delete(row)
    session.flush()


def page(session: Session, owner_id: int, *, after: str | None, limit: int) -> tuple[list[SavedSearch], int]:
    """The kept searches by name, after the one whose key is `after`, and how many there are."""
    mine = SavedSearch.owner_id == owner_id
    total = session.scalar(select(func.count()).select_from(SavedSearch).where(mine)) or 0
    statement = select(SavedSearch).where(mine).order_by(SavedSearch.key).limit(limit)
    if after is not None:
        statement = statement.where(SavedSearch.key > after)
    return list(session.scalars(statement)), total


def _check_free(session: Session, owner_id: int, name: tuple[str, str], *, besides: int | None = None) -> None:
    taken = select(SavedSearch.id).where(SavedSearch.owner_id == owner_id, SavedSearch.key == name[1])
    if session.scalar(taken) not in (None, besides):
        raise Conflict(f"There is a saved search “{name[0]}” already.", code="name_taken", hint="Take another name.")
