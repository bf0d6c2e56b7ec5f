"""`syncboard up`: a whole board in the foreground, from an empty folder to the line that says where it is."""

from __future__ import annotations

import os
import secrets
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from backend.embedded import place, process, ready, servers
from backend.embedded.hold import Hold
from backend.embedded.output import Output
from backend.embedded.programs import BOARD, ROOT, environment, programs
from backend.embedded.supervise import Supervisor
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
    place.make(settings.data_dir)
    with ExitStack() as stack:
        stack.enter_context(Hold(settings.data_dir))
        sweep(settings.data_dir)
        settings = place.with_ports(settings)
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
    data = (folder / "postgres" / "data", "postgres"), (folder / "valkey", "valkey")
    orphans = [orphan for home, name in data for orphan in process.living_in(home, name)]
    process.end(orphans, [(signal.SIGINT, 10), (signal.SIGKILL, 3)])
    return len(left) + len(orphans)


def _run(settings: Settings, output: Output, stack: ExitStack, wish: Wish) -> None:
    """Bring everything up and keep it up until there is a wish to end; `stack` takes it down again."""
    started = time.monotonic()
    settings, embedded = servers.start(settings, output, stack)
    if not wish.told:
        output.say("Bringing the database up to date …")
        servers.migrate(settings)
    if wish.told:
        return
    run = secrets.token_hex(8)
    stack.enter_context(Watch(run, str(ROOT)))
    supervisor = Supervisor(environment(settings, run), ROOT, output)
    stack.callback(sweep, settings.data_dir)
    stack.callback(supervisor.stop)
    for name, server in embedded.items():
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
