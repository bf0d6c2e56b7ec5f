"""Invitations to the board: only the SHA-256 of each code is stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, LargeBinary, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base

LIVES = timedelta(days=7)


class Invitation(Base):
    """A code that lets one person register once, until it expires or is revoked."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


_OPEN = (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > func.now())


def add(session: Session, created_by: int, hash: bytes) -> Invitation:  # noqa: A002 - the column's name
    """A new invitation, by the hash of its code."""
    invitation = Invitation(hash=hash, created_by=created_by)
    invitation.expires_at = func.now() + LIVES
    session.add(invitation)
    session.flush()
    session.refresh(invitation)
    return invitation


def is_open(session: Session, hash: bytes) -> bool:  # noqa: A002 - the column's name
    """True when the code would let somebody in."""
    return session.execute(select(Invitation.id).where(Invitation.hash == hash, *_OPEN)).first() is not None


def use(session: Session, hash: bytes, user_id: int) -> bool:  # noqa: A002 - the column's name
    """Use the code up for `user_id`; False when it is not (or no longer) open."""
    used = update(Invitation).where(Invitation.hash == hash, *_OPEN).values(used_by=user_id, used_at=func.now())
    return session.execute(used.returning(Invitation.id)).one_or_none() is not None


def still_open(session: Session) -> list[Invitation]:
    """The invitations nobody used yet, newest first."""
    return list(session.scalars(select(Invitation).where(*_OPEN).order_by(Invitation.id.desc())))


def revoke(session: Session, invitation_id: int) -> bool:
    """Close an open invitation; False when there is none."""
    closed = update(Invitation).where(Invitation.id == invitation_id, *_OPEN).values(revoked_at=func.now())
    return session.execute(closed.returning(Invitation.id)).one_or_none() is not None
