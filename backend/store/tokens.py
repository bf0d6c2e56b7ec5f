"""Bearer tokens and API keys: only the SHA-256 of each is stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, LargeBinary, Text, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.access import Principal
from backend.store.database import Base
from backend.store.users import User

SESSION, API_KEY = "session", "api_key"
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


class Token(Base):
    """A session of the page or CLI (`kind` session), or a long-lived key with scopes (`kind` api_key)."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default="")
    prefix: Mapped[str] = mapped_column(Text, server_default="")
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


_LIVE = (Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > func.now()))


def add(
    session: Session,
    user_id: int,
    *,
    kind: str,
    hash: bytes,  # noqa: A002 - the column's name
    scopes: list[str],
    name: str = "",
    prefix: str = "",
    lives: timedelta | None = None,
) -> Token:
    """Store a token by its hash; `lives` None never expires."""
    token = Token(user_id=user_id, kind=kind, hash=hash, scopes=scopes, name=name, prefix=prefix)
    if lives is not None:
        token.expires_at = func.now() + lives
    session.add(token)
    session.flush()
    session.refresh(token)
    return token


def use(session: Session, hash: bytes) -> Principal | None:  # noqa: A002 - the column's name
    """Whom a live token speaks for, or None; that it was used is written at most once a minute."""
    seen_long_ago = or_(Token.last_used_at.is_(None), Token.last_used_at < func.now() - _USE_IS_NOTED_EVERY)
    row = session.execute(
        select(Token.id, Token.kind, Token.scopes, User.id, User.username, User.role, seen_long_ago)
        .join(User, User.id == Token.user_id)
        .where(Token.hash == hash, User.disabled_at.is_(None), *_LIVE)
    ).one_or_none()
    if row is None:
        return None
    token_id, kind, scopes, user_id, username, role, stale = row
    if stale:
        session.execute(update(Token).where(Token.id == token_id, seen_long_ago).values(last_used_at=func.now()))
    return Principal(user_id, username, role, frozenset(scopes), token_id, kind)


def lives(session: Session, token_id: int) -> bool:
    """Whether a token may still be used; looking is no use of it."""
    live = select(Token.id).join(User, User.id == Token.user_id).where(Token.id == token_id, User.disabled_at.is_(None))
    return session.scalar(live.where(*_LIVE)) is not None


def revoke(session: Session, user_id: int, token_id: int, kind: str | None = None) -> bool:
    """End one live token of a person at once; False when there is none."""
    wanted = [Token.id == token_id, Token.user_id == user_id, Token.revoked_at.is_(None)]
    if kind is not None:
        wanted.append(Token.kind == kind)
    revoked = update(Token).where(*wanted).values(revoked_at=func.now()).returning(Token.id)
    return session.execute(revoked).one_or_none() is not None


def keys(session: Session, user_id: int) -> list[Token]:
    """The API keys of a person that are not revoked, newest first."""
    mine = (Token.user_id == user_id, Token.kind == API_KEY, Token.revoked_at.is_(None))
    return list(session.scalars(select(Token).where(*mine).order_by(Token.id.desc())))
