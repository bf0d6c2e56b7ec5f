"""The real parts every test may ask for: PostgreSQL, Valkey, a migrated database, services, people, a running board."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from backend import wiring
from backend.domain.ports import Embedder, Extractor, Unpacker
from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from backend.jobs.services import Services
from backend.providers.embedding import PackagedEmbedder
from backend.providers.extractors import Reader
from backend.providers.unpacking import ArchiveUnpacker
from backend.settings import Settings
from backend.store import users
from backend.store.database import EVERYONE, Database
from tests.board import Board

ROOT = Path(__file__).parent.parent
_numbers = itertools.count(1)


def migrate(url: str) -> None:
    """Bring a database to the newest schema."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One PostgreSQL for the session; its database `syncboard` is migrated and serves as the template."""
    # a small log: the temporary folder may be a small one, in memory
    server = Postgres(tmp_path_factory.mktemp("postgres"), options={"fsync": "off", "max_wal_size": "128MB"})
    migrate(server.start())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One Valkey for the session."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(valkey: Valkey) -> str:
    """Where the session's Valkey answers."""
    return valkey.url


def new_database(postgres: Postgres) -> str:
    """The address of a fresh migrated database."""
    name = f"board_{next(_numbers)}"
    with psycopg.connect(postgres.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE syncboard")
    return postgres.url.rsplit("/", 1)[0] + "/" + name


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh migrated database for this test, gone after it."""
    url = new_database(postgres)
    yield url
    if postgres.alive():
        with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Sessions on the test's own database."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a board of this test's own."""
    return Settings(
        database_url=database_url, redis_url=redis_url, data_dir=tmp_path, lease_seconds=3, heartbeat_seconds=1
    )


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The real reader."""
    return Reader(60.0, 2 * 1024**3)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real packaged model."""
    return PackagedEmbedder()


@pytest.fixture(scope="session")
def unpacker() -> Unpacker:
    """The real unpacker."""
    return ArchiveUnpacker(60.0, 2 * 1024**3, 4 * 1024**3)


@pytest.fixture
def rung() -> list[str]:
    """The queues that were rung."""
    return []


@pytest.fixture
def services(
    settings: Settings,
    database: Database,
    extractor: Extractor,
    embedder: Embedder,
    unpacker: Unpacker,
    rung: list[str],
) -> Services:
    """The services of a process, on real parts; a ring lands in `rung`."""
    made = wiring.build(settings, database=database, ring=rung.append)
    return replace(made, extractor=extractor, embedder=embedder, unpacker=unpacker)


def add_user(database: Database, name: str, *, owner: bool = False) -> int:
    """An account that cannot sign in; its id."""
    with database.session(EVERYONE) as session:
        added = users.add(session, name, "no-password", owner=owner)
        assert added is not None
        return added.id


@pytest.fixture
def user(database: Database) -> int:
    """The id of an account."""
    return add_user(database, "ada", owner=True)


@pytest.fixture
def other_user(database: Database) -> int:
    """The id of another account."""
    return add_user(database, "grace")


@pytest.fixture(scope="session")
def board(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A whole board as processes: API, one worker per queue, beat; an owner is signed in.

    One for the session: a test that kills, floods or empties something starts a board of its own.
    """
    running = Board(new_database(postgres), valkey.url.replace("/0", "/1"), tmp_path_factory.mktemp("board"))
    try:
        running.start_api()
        running.start_workers()
        running.sign_up()
        yield running
    finally:
        running.stop()
