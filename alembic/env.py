"""Runs migrations so that they can neither take the site down nor run twice at once.

A lock that is not had within four seconds gives up (the site keeps running, the migration is tried again), and an
advisory lock makes every other migration wait its turn.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from backend import settings
from backend.store import tables
from backend.store.database import sqlalchemy_url

ADVISORY_LOCK = 7_311_602_001


def database_url() -> str:
    return context.config.get_main_option("sqlalchemy.url") or settings.load().database_url


def run_online() -> None:
    engine = create_engine(sqlalchemy_url(database_url()), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '15min'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=tables.metadata, transaction_per_migration=True)
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
            connection.commit()
    engine.dispose()


run_online()
