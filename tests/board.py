"""A board of real processes that tests start, watch, freeze and kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import psycopg

from backend.embedded.process import free_port

ROOT = Path(__file__).parent.parent
Answer = TypeVar("Answer")


def eventually(look: Callable[[], Answer], *, within: float = 30.0, every: float = 0.1, why: str = "") -> Answer:
    """The first truthy answer of `look`. Raises AssertionError when there is none in time."""
    until = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < until, why or f"not in {within} seconds: {look}"
        time.sleep(every)


class Board:
    """An API process, workers and beat on one database and one broker. `env` overrides settings of all of them."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **env: str) -> None:
        self.database_url, self.redis_url, self.folder = database_url, redis_url, folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = ""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "LEASE_SECONDS": "4",
            "HEARTBEAT_SECONDS": "1",
            "CANARY_SECONDS": "3",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
            **env,
        }

    def start(self, name: str, command: Iterable[str], **env: str) -> subprocess.Popen[bytes]:
        """Start a process of the board in a group of its own; its output goes to `<name>.log` in the folder."""
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes[name] = process
        return process

    def start_api(self) -> None:
        """Start the API and wait until it answers."""
        self.start("api", [sys.executable, "-m", "uvicorn", "backend.main:app", "--port", str(self.port)])
        eventually(self.answers, within=60, why=f"the API did not start: {self.log('api')}")

    def answers(self) -> bool:
        """Whether the API answers at all."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def start_worker(
        self, name: str, queues: str, *, concurrency: int = 2, app: str = "backend.celery_app", **env: str
    ) -> subprocess.Popen[bytes]:
        """Start a Celery worker on `queues` (with commas)."""
        return self.start(
            name,
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                app,
                "worker",
                f"--queues={queues}",
                "-n",
                f"{name}@%h",
                f"--concurrency={concurrency}",
                "--loglevel=info",
            ],
            **env,
        )

    def start_beat(self) -> None:
        """Start beat, whose process is a dispatcher as well."""
        schedule = str(self.folder / "beat-schedule")
        self.start("beat", [sys.executable, "-m", "celery", "-A", "backend.celery_app", "beat", "-s", schedule])

    def start_workers(self) -> None:
        """One worker per queue, and beat, as `make run` does; waits until a canary went through each."""
        for queue, concurrency in (("uploads", 2), ("analysis", 2), ("low_priority", 1)):
            self.start_worker(queue, queue, concurrency=concurrency)
        self.start_beat()
        self.wait_alive()

    def wait_alive(self, queues: Iterable[str] = ("uploads", "analysis", "low_priority")) -> None:
        """Wait until a canary went through every one of `queues`."""

        def alive() -> bool:
            checks = httpx.get(f"{self.url}/readyz", timeout=10).json()["checks"]["queues"]
            return all(checks[queue]["alive"] for queue in queues)

        logs = "\n".join(self.log(name) for name in self.processes)
        eventually(alive, within=90, why=f"no canary came through: {logs}")

    def log(self, name: str) -> str:
        """The end of a process's log."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def children(self, name: str) -> list[psutil.Process]:
        """The pool children of a worker."""
        return psutil.Process(self.processes[name].pid).children()

    def kill(self, name: str) -> None:
        """kill -9 the whole group of a process, and reap it."""
        process = self.processes.pop(name)
        _signal_group(process, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """End everything: workers first, politely, then by force."""
        for process in self.processes.values():
            _signal_group(process, signal.SIGCONT)
            process.terminate()
        until = time.monotonic() + 10
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait(10)
        self.processes.clear()

    def sign_up(self, username: str = "ada", password: str = "correct horse battery", **more: str) -> str:
        """Make an account and sign in; the token is kept as the board's when it has none."""
        made = httpx.post(f"{self.url}/users", json={"username": username, "password": password, **more}, timeout=30)
        assert made.status_code == 201, made.text
        token = self.sign_in(username, password)
        self.token = self.token or token
        return token

    def sign_in(self, username: str = "ada", password: str = "correct horse battery") -> str:
        """A new token of an account."""
        answer = httpx.post(f"{self.url}/token", json={"username": username, "password": password}, timeout=30)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def client(self, token: str | None = None) -> httpx.Client:
        """A signed-in client."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def upload(self, filename: str, content: bytes, **headers: str) -> dict[str, Any]:
        """Upload a file as multipart; the 202 answer."""
        with self.client() as client:
            answer = client.post("/upload_file", files={"file": (filename, content)}, headers=headers)
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def status(self, job_id: str) -> dict[str, Any]:
        """The status of a job."""
        with self.client() as client:
            body: dict[str, Any] = client.get(f"/jobs/{job_id}/status").raise_for_status().json()
        return body

    def finished(self, job_id: str, within: float = 60.0) -> dict[str, Any]:
        """The status of a job once it has ended."""

        def ended() -> dict[str, Any] | None:
            body = self.status(job_id)
            return body if body["finished_at"] else None

        return eventually(ended, within=within, every=0.2, why=f"{self.status(job_id)}")  # type: ignore[return-value]

    def sql(self, query: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        """Rows of the board's database, past row-level security; values by place or by name."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("SELECT set_config('syncboard.principal', '*', true)")
            return connection.execute(query, named or values).fetchall()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
