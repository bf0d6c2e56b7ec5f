"""The migrations make the database that the table classes describe, safely, with a wall around every person's rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from backend.embedded.postgres import Postgres
from backend.store import tables
from backend.store.database import sqlalchemy_url
from tests.board import eventually
from tests.conftest import migrate

ROOT = Path(__file__).parents[1]
EMPTY = "migrations"
WRITTEN_IN_SQL = {"index", "unique_constraint"}


def migration(url: str) -> subprocess.Popen[str]:
    """`alembic upgrade head` as a process of its own, imported and waiting for a line on its standard input."""
    code = "import sys; from tests.conftest import migrate; print('ready', flush=True); input(); migrate(sys.argv[1])"
    process = subprocess.Popen(
        [sys.executable, "-c", code, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def empty_database(postgres: Postgres) -> Iterator[str]:
    """The address of a database with the vector extension and nothing else."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {EMPTY} OWNER syncboard")
    with psycopg.connect(postgres.superuser_url.rsplit("/", 1)[0] + f"/{EMPTY}", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
    yield postgres.url.rsplit("/", 1)[0] + f"/{EMPTY}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {EMPTY} WITH (FORCE)")


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def differences(url: str) -> list[Any]:
    """What alembic would still change. Indexes and keys are written in SQL only: most are PostgreSQL's own kinds."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda _thing, _name, kind, _reflected, _other: kind not in WRITTEN_IN_SQL,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.metadata))


def test_a_migrated_database_is_what_the_classes_describe(database_url: str) -> None:
    assert differences(database_url) == []


def test_a_difference_between_the_two_would_be_seen(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE documents ALTER COLUMN title DROP NOT NULL, ADD COLUMN extra integer")
        connection.execute("ALTER TABLE clusters ALTER COLUMN model TYPE varchar(10)")
    found = {(change[0][0] if isinstance(change, list) else change[0]) for change in differences(database_url)}
    assert found == {"remove_column", "modify_nullable", "modify_type"}


def test_every_module_with_a_table_is_in_the_list_of_tables() -> None:
    store = ROOT / "backend" / "store"
    written = {path.stem for path in store.glob("*.py") if "__tablename__" in path.read_text(encoding="utf-8")}
    assert written == {module.__name__.rpartition(".")[2] for module in tables.MODULES}


def test_two_migrations_at_the_same_moment_do_no_harm(empty_database: str) -> None:
    both = [migration(empty_database), migration(empty_database)]
    with psycopg.connect(empty_database) as connection:
        # in the way of whoever creates the first table, until both have come as far as they can
        connection.execute("CREATE TABLE users ()")
        for process in both:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        eventually(lambda: rows(empty_database, waiting) == [(2,)], within=60)
        connection.rollback()
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    head = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
    assert rows(empty_database, "SELECT version_num FROM alembic_version") == [(head,)]
    assert differences(empty_database) == []


def test_migrating_a_migrated_database_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    assert differences(database_url) == []


def test_the_migrations_form_one_line() -> None:
    assert len(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()) == 1


def test_every_table_with_an_owner_has_the_second_wall(database_url: str) -> None:
    # the full-text index stands in front of the wall: behind it PostgreSQL would not use it (0001_board.sql says why)
    before_the_wall = {"passage_words"}
    owned = {name for name, table in tables.metadata.tables.items() if "owner_id" in table.columns} - before_the_wall
    walled = {
        name
        for (name,) in rows(
            database_url,
            """SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
               WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polcmd = '*'
                 AND c.relnamespace = 'public'::regnamespace""",
        )
    }
    assert owned
    assert walled >= owned, f"no row-level security on {sorted(owned - walled)}"


def test_without_a_principal_nothing_is_seen(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO users (username, password_hash, role) VALUES ('ada', 'x', 'owner')")
        connection.execute("SELECT set_config('syncboard.principal', '*', true)")
        connection.execute("INSERT INTO concepts (owner_id, key, name) SELECT id, 'tea', 'Tea' FROM users")
        seen = connection.execute("SELECT count(*) FROM concepts").fetchone()
        connection.execute("SELECT set_config('syncboard.principal', '', true)")
        unseen = connection.execute("SELECT count(*) FROM concepts").fetchone()
    assert (seen, unseen) == ((1,), (0,))


def test_the_role_of_the_board_cannot_step_around_the_wall(database_url: str) -> None:
    assert rows(database_url, "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == [
        (False, False)
    ]
