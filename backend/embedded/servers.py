"""The database and the broker of a board: named ones, or embedded ones started here."""

from __future__ import annotations

from contextlib import ExitStack

import redis
from alembic import command
from alembic.config import Config

from backend.domain.errors import BoardError, Unavailable
from backend.embedded import process, ready
from backend.embedded.output import Output
from backend.embedded.postgres import Postgres
from backend.embedded.programs import ROOT
from backend.embedded.valkey import Valkey
from backend.settings import Settings


def start(settings: Settings, output: Output, stack: ExitStack) -> tuple[Settings, dict[str, Postgres | Valkey]]:
    """The servers nobody has named, started; what `embedded.env` says comes from an earlier run and names nobody."""
    folder, written = settings.data_dir, ready.read_env(settings.data_dir / "embedded.env")
    servers: dict[str, Postgres | Valkey] = {}
    if settings.database_url in ("", written.get("DATABASE_URL")):
        servers["postgres"] = Postgres(folder / "postgres", log=folder / "logs" / "postgres.log")
    if settings.redis_url in ("", written.get("REDIS_URL")):
        servers["valkey"] = Valkey(folder / "valkey", log=folder / "logs" / "valkey.log")
    urls: dict[str, str] = {}
    for name, server in servers.items():
        output.say(f"Starting the embedded {type(server).__name__} …")
        stack.callback(server.stop)
        urls["database_url" if name == "postgres" else "redis_url"] = server.start()
    if "valkey" not in servers:
        _reach(settings.redis_url)
    process.write_private(folder / "embedded.env", "".join(f"{name.upper()}={url}\n" for name, url in urls.items()))
    return settings.model_copy(update=urls), servers


def _reach(url: str) -> None:
    """Raises Unavailable when the named Redis does not answer: nothing would ever run."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Unavailable(
            f"The Redis that REDIS_URL names does not answer: {error}", hint="Is REDIS_URL right, and does it run?"
        ) from error


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema. Raises Unavailable with what the database says."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.set_main_option("sqlalchemy.url", settings.database_url.replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except BoardError:
        raise
    except Exception as error:
        raise Unavailable(
            f"The database could not be brought up to date: {str(error).splitlines()[0]}",
            hint="Is DATABASE_URL right, does that PostgreSQL run, and may its role create the extension `vector`?",
            retryable=False,
        ) from error
