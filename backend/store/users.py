"""People with an account: the table and its queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.access import MEMBER, OWNER
from backend.store.database import Base

_FIRST_ACCOUNT_LOCK = 7_311_602_002
_LOCK = text("SELECT 1 FROM users WHERE id = :id FOR NO KEY UPDATE")


class User(Base):
    """One account. `username` is stored in lower case; the first account is the owner of the board."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def none_yet(session: Session) -> bool:
    """True while nobody has an account."""
    return session.execute(select(User.id).limit(1)).first() is None


def lock_registration(session: Session) -> None:
    """Wait for every other registration: two first accounts at one moment would both be owner."""
    session.execute(text(f"SELECT pg_advisory_xact_lock({_FIRST_ACCOUNT_LOCK})"))


def add(session: Session, username: str, password_hash: str, *, owner: bool) -> User | None:
    """The new account, or None when the name is taken."""
    values = {"username": username, "password_hash": password_hash, "role": OWNER if owner else MEMBER}
    added = insert(User).values(values).on_conflict_do_nothing(index_elements=["username"]).returning(User)
    return session.scalars(added).one_or_none()


def named(session: Session, username: str) -> User | None:
    """The account of that name that may sign in."""
    return session.scalars(select(User).where(User.username == username, User.disabled_at.is_(None))).one_or_none()


def lock(session: Session, user_id: int) -> None:
    """Let nobody else take things onto this person's board until the transaction ends.

    Two at one moment would both find the last room free, and two lists of the same things in another order wait for
    each other for ever.
    """
    session.execute(_LOCK, {"id": user_id})


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """Store another hash of a password."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


def everyone(session: Session) -> Sequence[User]:
    """All accounts, the oldest first."""
    return session.scalars(select(User).order_by(User.id)).all()


def board_owner(session: Session) -> int | None:
    """The id of the account that owns the board, if there is one yet."""
    return session.scalar(select(User.id).where(User.role == "owner").order_by(User.id).limit(1))
