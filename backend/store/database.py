"""The engine, the sessions, and the base of all tables."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import DataError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from backend.domain.errors import Unavailable

EVERYONE = "*"
"""The principal of the machinery (dispatcher, reaper, migrations of data): row-level security lets it see all."""


class DatabaseAway(Unavailable):
    """PostgreSQL is restarting, full, or out of reach: nothing is wrong with the work itself, try again."""

    default_code = "database_away"
    default_hint = "Try again in a moment."


DATABASE_AWAY = (DatabaseAway,)

# a database host that vanishes without a word is noticed within half a minute
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}

AWAY_CLASSES = ("08", "53", "57", "40")
"""SQLSTATE classes: connection, resources (disk, memory, connections), operator (restart), rollback (deadlock)."""
AWAY_STATES = ("55P03", "25P03")
"""A lock that was not had in time; a transaction that stood idle too long, its process having been frozen."""
NOT_AWAY = ("57014",)
"""A statement over its time limit: the same work would run into it again."""

PING_AFTER_SECONDS = 0.5
"""No PostgreSQL restarts in less, so a connection used a moment ago is as alive as one just asked."""

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


def is_away(error: OperationalError | InterfaceError | PoolTimeout) -> bool:
    """Whether the error means that PostgreSQL is away, rather than that this very work cannot be stored."""
    if isinstance(error, PoolTimeout) or error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state is None or (state not in NOT_AWAY and (state[:2] in AWAY_CLASSES or state in AWAY_STATES))


class Database:
    """Sessions on one PostgreSQL. Every session says for whom it works; row-level security holds it to that."""

    def __init__(self, url: str, *, pool_size: int = 10, statement_timeout_ms: int = 60_000) -> None:
        server = {
            "statement_timeout": statement_timeout_ms,
            # a process frozen in the middle of a transaction must not hold its locks for ever
            "idle_in_transaction_session_timeout": 20_000,
            "timezone": "UTC",
        }
        options = " ".join(f"-c {name}={value}" for name, value in server.items())
        self.engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            # psycopg's own BEGIN would be a round trip: `session` sends it together with the principal
            connect_args={"connect_timeout": 5, "options": options, "autocommit": True, **KEEPALIVES},
        )
        _ping_what_stood_idle(self.engine)

    @contextmanager
    def session(self, principal: int | str) -> Iterator[Session]:
        """One transaction for `principal` (a user id, or EVERYONE): commits at the end, rolls back on an error."""
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.connection().exec_driver_sql(_begin(principal))
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if is_away(error):
                raise DatabaseAway("The database does not answer.") from error
            raise

    def forget_connections(self) -> None:
        """Drop the pool without closing: for a child after fork, whose parent still uses those sockets."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        self.engine.dispose()


def _begin(principal: int | str) -> str:
    """The start of a transaction in one round trip. Raises ValueError for what is no principal."""
    who = EVERYONE if principal == EVERYONE else int(principal)
    return f"BEGIN; SELECT set_config('syncboard.principal', '{who}', true)"


def _ping_what_stood_idle(engine: Engine) -> None:
    """A restarted PostgreSQL costs a round trip, not an error shown to a person; a busy connection pays nothing."""

    @event.listens_for(engine, "checkin")
    def checkin(_: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def checkout(connection: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) < PING_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another
