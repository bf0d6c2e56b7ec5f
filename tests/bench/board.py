"""A database of its own for a bench, with the schema of the board and as many people as are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.postgres import Postgres
from backend.store import users
from backend.store.database import EVERYONE, Database
from tests.conftest import migrate


@dataclass(frozen=True)
class Bench:
    """The database and its address, as the board and as the superuser, and the ids of the people in it."""

    database: Database
    url: str
    superuser_url: str
    people: tuple[int, ...]


@contextmanager
def running(people: int = 1, *, statement_timeout_ms: int = 3_600_000) -> Iterator[Bench]:
    """A real PostgreSQL in a folder of its own, as `make run` starts it."""
    with tempfile.TemporaryDirectory(prefix="syncboard-bench-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder, "postgres"))
        try:
            url = server.start()
            migrate(url)
            database = Database(url, pool_size=4, statement_timeout_ms=statement_timeout_ms)
            try:
                superuser = server.superuser_url.rsplit("/", 1)[0] + "/" + url.rpartition("/")[2]
                ids = tuple(_person(database, number) for number in range(people))
                yield Bench(database, url, superuser, ids)
            finally:
                database.close()
        finally:
            server.stop()


def _person(database: Database, number: int) -> int:
    with database.session(EVERYONE) as session:
        added = users.add(session, f"person{number}", "no-password", owner=number == 0)
    assert added is not None
    return added.id
