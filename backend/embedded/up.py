"""`syncboard up`: a whole board in the foreground, from an empty folder to the line that says where it is."""

from __future__ import annotations

import os
import secrets
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
from alembic import command
from alembic.config import Config

from backend.domain.errors import BoardError, Conflict, Unavailable
from backend.embedded import process, ready
from backend.embedded.hold import Hold
from backend.embedded.output import Output
from backend.embedded.postgres import Postgres
from backend.embedded.programs import BOARD, ROOT, environment, programs
from backend.embedded.supervise import Supervisor
from backend.embedded.valkey import Valkey
from backend.embedded.watch import Watch
from backend.embedded.wish import Wish
from backend.settings import Settings

STOP_SECONDS = 45.0


def up(settings: Settings, *, echo: bool = False, with_parent: bool = False) -> int:
    """Run the board until it is told to stop; `echo` shows what every process writes.

    `with_parent` takes the end of our parent as a wish to stop too, for a `make run` that is killed with -9.

    Raises Conflict (already_running, port_busy) before anything is started, Unavailable when a part cannot start.
    """
    settings = settings.model_copy(update={"data_dir": settings.data_dir.resolve()})
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (settings.data_dir / "run").mkdir(exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(Hold(settings.data_dir))
        sweep(settings.data_dir)
        settings = _with_ports(settings)
        output = Output(settings.data_dir / "logs", echo=echo)
        wish = stack.enter_context(Wish())
        if with_parent:
            process.die_with_parent(signal.SIGTERM, parent=os.getppid())()
        with ExitStack() as running:
            _run(settings, output, running, wish)
            output.say("Stopping …")
        output.say("SyncBoard has stopped.")
    return 0


def down(settings: Settings) -> int:
    """Stop the board of this data folder, whoever started it, and end what a killed one has left."""
    folder = settings.data_dir.resolve()
    holder = Hold(folder).holder()
    if holder is not None:
        psutil.Process(holder).send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while Hold(folder).holder() is not None and time.monotonic() < until:
            time.sleep(0.1)
    left = sweep(folder)
    said = "SyncBoard has stopped." if holder or left else f"SyncBoard is not running in {folder}."
    Output(folder / "logs", echo=False).say(said)
    return 0


def sweep(folder: Path) -> int:
    """End what a killed board of this folder has left running; returns how many processes that were."""
    left = process.living_with(BOARD, str(folder))
    process.end(left, [(signal.SIGTERM, 2), (signal.SIGKILL, 3)])
    servers = [
        *process.living_in(folder / "postgres" / "data", "postgres"),
        *process.living_in(folder / "valkey", "valkey"),
    ]
    process.end(servers, [(signal.SIGINT, 10), (signal.SIGKILL, 3)])
    return len(left) + len(servers)


def _run(settings: Settings, output: Output, stack: ExitStack, wish: Wish) -> None:
    """Bring everything up and keep it up until there is a wish to end; `stack` takes it down again."""
    started = time.monotonic()
    settings, servers = _servers(settings, output, stack)
    if not wish.told:
        output.say("Bringing the database up to date …")
        _migrate(settings)
    if wish.told:
        return
    run = secrets.token_hex(8)
    stack.enter_context(Watch(run, str(ROOT)))
    supervisor = Supervisor(environment(settings, run), ROOT, output)
    stack.callback(sweep, settings.data_dir)
    stack.callback(supervisor.stop)
    for name, server in servers.items():
        supervisor.watch(name, server)
    output.say("Starting the API, the workers, beat and Flower …")
    supervisor.run(programs(settings))
    if ready.wait(settings, supervisor, output, lambda: wish.told):
        output.say(f"Started in {time.monotonic() - started:.1f} s; logs are in {output.folder}.")
        password = settings.data_dir / "flower.password"
        output.say(f"Flower: http://127.0.0.1:{settings.flower_port}/ (syncboard, {password})")
        output.say(f"SyncBoard is ready at {ready.address(settings)}/app/")
    while not wish.told:
        supervisor.turn()


def _servers(settings: Settings, output: Output, stack: ExitStack) -> tuple[Settings, dict[str, Postgres | Valkey]]:
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
    process.write_private(folder / "embedded.env", "".join(f"{name.upper()}={url}\n" for name, url in urls.items()))
    return settings.model_copy(update=urls), servers


def _with_ports(settings: Settings) -> Settings:
    """Settings whose ports are free. Raises Conflict (port_busy) for one somebody has chosen."""
    if not process.port_is_free(settings.port, settings.host):
        raise Conflict(
            f"Port {settings.port} on {settings.host} is in use by another program.",
            code="port_busy",
            hint=f"Choose another one: `make run PORT={settings.port + 1}`.",
        )
    if process.port_is_free(settings.flower_port):
        return settings
    if "flower_port" in settings.model_fields_set:
        raise Conflict(
            f"Port {settings.flower_port}, chosen for Flower by FLOWER_PORT, is in use by another program.",
            code="port_busy",
            hint="Set FLOWER_PORT to another one, or leave it unset.",
        )
    return settings.model_copy(update={"flower_port": process.free_port()})


def _migrate(settings: Settings) -> None:
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
