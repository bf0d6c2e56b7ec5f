"""The engine, the sessions, and the base of all tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import MetaData, NullPool, create_engine, text
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

EVERYONE = "*"
"""The principal of the machinery (dispatcher, reaper, migrations of data): row-level security lets it see all."""

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""PostgreSQL is restarting, full, or out of reach: nothing is wrong with the work itself, try again."""

UNSTORABLE = (DataError,)
"""A value that no column can hold, such as a NUL character in a text."""


class Base(DeclarativeBase):
    """The base of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def sqlalchemy_url(url: str) -> str:
    """`postgres://` and `postgresql://` as people write them, for psycopg 3."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("DATABASE_URL must start with postgresql://")


class Database:
    """Sessions on one PostgreSQL. Every session says for whom it works; row-level security holds it to that."""

    def __init__(
        self, url: str, *, pool_size: int = 10, pooled: bool = True, statement_timeout_ms: int = 60_000
    ) -> None:
        options = {
            "connect_timeout": 5,
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
        }
        if pooled:
            # pre_ping: a restarted PostgreSQL costs one extra round trip, not an error shown to a person
            self.engine = create_engine(
                sqlalchemy_url(url),
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_pre_ping=True,
                pool_timeout=10,
                connect_args=options,
            )
        else:
            self.engine = create_engine(sqlalchemy_url(url), poolclass=NullPool, connect_args=options)

    @contextmanager
    def session(self, principal: int | str) -> Iterator[Session]:
        """One transaction for `principal` (a user id, or EVERYONE): commits at the end, rolls back on an error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.execute(text("SELECT set_config('syncboard.principal', :p, true)"), {"p": str(principal)})
            yield session

    def forget_connections(self) -> None:
        """Drop the pool without closing: for a child after fork, whose parent still uses those sockets."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        self.engine.dispose()
