"""A board of real processes with a PostgreSQL and a Valkey of its own, made to be broken, and clients to load it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx
import psutil
from celery import Celery
from redis import Redis

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from backend.jobs.enqueue import enqueue
from backend.store.database import Database
from tests import probes
from tests.board import Board, eventually
from tests.conftest import migrate, new_database
from tests.faults.auditor import Auditor, Report

QUEUES = "uploads,analysis,low_priority"
STANDARD = "alpha"
"""The worker that is up unless a scenario says otherwise: one program on all queues."""

HURRIED = {"fsync": "off", "full_page_writes": "off"}
"""No power fails here, and what a killed server had handed to the system is kept. `synchronous_commit` must stay on:
with it off a crash of the server alone loses acknowledged jobs, and the auditor says so."""

Make = Callable[[random.Random, int], dict[str, Any]]
"""What the n-th request of a load asks for."""


class ProbeBoard(Board):
    """A board whose programs know the probes."""

    def start_api(self, **env: str) -> None:
        command = [sys.executable, "-m", "uvicorn", "tests.faults.probe_api:app", "--port", str(self.port)]
        self.start("api", command, **env)
        eventually(self.answers, within=90, why=f"the API did not start: {self.log('api')}")

    def group(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a program and all its children."""
        os.killpg(self.processes[name].pid, number)


class Arena:
    """Everything a scenario breaks, and the auditor that looks afterwards."""

    app = "tests.faults.probe_app"

    def __init__(self, folder: Path, *, chaos: bool) -> None:
        self.folder, self.chaos = folder, chaos
        self.postgres = Postgres(folder / "postgres", options=HURRIED)
        self.valkey = Valkey(folder / "valkey")
        self.kills = 0
        self.notes: list[str] = []

    def open(self) -> None:
        """Start everything."""
        url = self.postgres.start()
        migrate(url)
        self.spare_database = new_database(self.postgres)
        self.valkey.start()
        self.prepare(url, self.valkey.url)
        self.board.start_api()
        self.board.sign_up()
        self.owner = int(self.board.sql("SELECT id FROM users")[0][0])
        self.start_worker()

    def prepare(self, database_url: str, redis_url: str) -> None:
        """What all programs of a board share, and the auditor that watches its database."""
        probes.install()
        self.auditor = Auditor(database_url)
        self.auditor.install()
        self.database = Database(database_url, pool_size=5)
        (self.folder / "board").mkdir()
        # many tries: a scenario that kills a job's worker often must not end it for that alone
        self.board = ProbeBoard(database_url, redis_url, self.folder / "board", MAX_ATTEMPTS="20")

    def close(self) -> None:
        """End everything."""
        self.unfreeze_servers()
        self.board.stop()
        self.database.close()
        self.valkey.stop()
        self.postgres.stop()
        probes.uninstall()

    def scale(self, short: int, long: int) -> int:
        """How many: `short` within the tests, `long` for `make chaos`."""
        return long if self.chaos else short

    def note(self, words: str) -> None:
        """Something measured, for the table at the end."""
        self.notes.append(words)

    def heal(self) -> None:
        """Whatever the scenario before left behind: servers up, API up, the standard worker consuming, nothing open."""
        probes.install()  # tests of other files, in the same process, may have taken them away
        self.unfreeze_servers()
        if not self.valkey.alive():
            self.valkey.start()
        if not self.postgres.alive():
            self.postgres.start()
        for name in list(self.board.processes):
            if self.board.processes[name].poll() is not None or name not in ("api", STANDARD):
                self.board.kill(name)
        if "api" not in self.board.processes:
            self.board.start_api()
        if STANDARD not in self.board.processes:
            self.start_worker()

    def forget(self) -> None:
        """Start the next scenario with an empty board: what one found wrong is not found again by all after it."""
        with self.auditor.connect() as connection:
            connection.execute("TRUNCATE jobs, units, job_attempts, effects, job_history, documents, clusters CASCADE")
            connection.execute("UPDATE queues SET paused = false")
        self.auditor.acknowledged.clear()
        self.kills = 0

    def unfreeze_servers(self) -> None:
        """Let frozen servers go on."""
        for server in (self.valkey, self.postgres):
            if server.pid is not None:
                os.kill(server.pid, signal.SIGCONT)

    # what a scenario does to the board

    def start_worker(self, name: str = STANDARD, *, concurrency: int = 3, wait: bool = True, **env: str) -> None:
        """Start a worker on all queues, and wait until it consumes."""
        before = self._times_ready(name)
        self.board.start_worker(name, QUEUES, concurrency=concurrency, app=self.app, **env)
        if wait:
            eventually(lambda: self._times_ready(name) > before, within=90, why=f"{name} did not start")

    def _times_ready(self, name: str) -> int:
        return self.log(name).count(" ready.")

    def log(self, name: str) -> str:
        """All that a program of the board has said."""
        path = self.board.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def end(self, name: str, within: float = 30.0) -> None:
        """SIGTERM, as a service manager does, and wait until it is gone; by force when it does not go."""
        process = self.board.processes[name]
        self.board.group(name, signal.SIGCONT)
        process.terminate()
        try:
            process.wait(within)
        finally:
            self.board.kill(name)

    def kill_worker(self, name: str = STANDARD) -> None:
        """kill -9 a worker and all its children."""
        self.board.kill(name)
        self.kills += 1

    def kill_child(self, name: str = STANDARD, pid: int | None = None) -> None:
        """kill -9 one pool child of a worker: any, or the one of that number."""
        children = [child for child in self.board.children(name) if pid in (None, child.pid)]
        if children:
            random.choice(children).kill()
            self.kills += 1

    def restart_valkey(self, *, forget: bool = False, away: float = 0.0) -> None:
        """kill -9 Valkey and start it again; `forget`: without what it kept on disk."""
        self.kill_valkey()
        if forget:
            shutil.rmtree(self.valkey.folder / "appendonlydir", ignore_errors=True)
        time.sleep(away)
        self.valkey.start()

    def kill_valkey(self) -> None:
        """kill -9."""
        self._kill_server(self.valkey)

    def restart_postgres(self, *, crash: bool = False, away: float = 0.0) -> None:
        """Shut PostgreSQL down (or kill -9 it), and start it again."""
        if crash:
            self._kill_server(self.postgres)
        else:
            self.postgres.stop()
        time.sleep(away)
        self.postgres.start()
        self.kills += not crash

    def _kill_server(self, server: Postgres | Valkey) -> None:
        process = psutil.Process(server.pid)
        process.kill()
        process.wait(10)
        server.stop()
        self.kills += 1

    @contextmanager
    def frozen_worker(self) -> Iterator[None]:
        """SIGSTOP the standing worker and its children for the length of the block: as good as none."""
        self.board.group(STANDARD, signal.SIGSTOP)
        self.kills += 1
        try:
            yield
        finally:
            self.board.group(STANDARD, signal.SIGCONT)

    @contextmanager
    def frozen(self, server: Postgres | Valkey) -> Iterator[None]:
        """SIGSTOP a server for the length of the block: its sockets stay, nobody answers."""
        assert server.pid is not None
        os.kill(server.pid, signal.SIGSTOP)
        self.kills += 1
        try:
            yield
        finally:
            os.kill(server.pid, signal.SIGCONT)

    def redis(self) -> Redis:
        """A client of the broker."""
        return Redis.from_url(self.valkey.url, socket_timeout=5)

    def celery(self) -> Celery:
        """A Celery that only publishes."""
        return Celery("tests", broker=self.valkey.url, set_as_current=False)

    # jobs, and what became of them

    def add(self, kind: str = "probe_one", *, max_attempts: int = 20, **wanted: Any) -> UUID:
        """Commit a probe; nobody rings for it but the dispatchers."""
        with self.database.session(self.owner) as session:
            row = enqueue(session, kind=kind, owner_id=self.owner, input=wanted, max_attempts=max_attempts)
        self.auditor.promised(row.id)
        return row.id

    def row(self, job_id: UUID | str) -> dict[str, Any]:
        """The job as the database has it."""
        with self.auditor.connect() as connection:
            cursor = connection.execute("SELECT to_jsonb(jobs) FROM jobs WHERE id = %s", [job_id])
            found = cursor.fetchone()
        assert found is not None, f"job {job_id} is lost"
        row: dict[str, Any] = found[0]
        return row

    def until(self, job_id: UUID | str, within: float = 60.0, **wanted: Any) -> dict[str, Any]:
        """The job's row once its columns are as wanted."""

        def look() -> dict[str, Any] | None:
            row = self.row(job_id)
            return row if all(row[name] == value for name, value in wanted.items()) else None

        try:
            found = eventually(look, within=within, every=0.05)
        except AssertionError:
            raise AssertionError(f"never {wanted}: {self.row(job_id)}") from None
        assert found is not None
        return found

    def settle(self, within: float = 120.0) -> Report:
        """Wait until every job has ended, and hold the whole board to its promises."""
        self.auditor.wait(within)
        report = self.auditor.audit()
        assert not report.lost, f"acknowledged and lost: {report.lost}"
        assert not report.wrong, report.wrong
        return report


class Load:
    """Clients that make probes over HTTP, each sending one Idempotency-Key until it is answered."""

    def __init__(
        self, arena: Arena, total: int, *, clients: int = 3, seed: int = 1, make: Callable[..., Any] | None = None
    ):
        self._arena, self._total = arena, total
        self._make = make or some_work
        self._random = random.Random(seed)
        self._numbers = iter(range(total))
        self._prefix = f"{time.monotonic_ns()}"
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post_all, daemon=True) for _ in range(clients)]
        self.retries = 0
        self.failures: list[str] = []
        self.slowest = 0.0
        self.made: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._stop.set()
        for thread in self._threads:
            thread.join(timeout=180)
        assert not self.failures, self.failures[:5]

    def finished(self) -> bool:
        """Whether every client got all its answers."""
        return not any(thread.is_alive() for thread in self._threads)

    def wait_made(self, share: float) -> None:
        """Wait until that share of the jobs was acknowledged."""
        eventually(lambda: len(self.made) >= share * self._total or self.finished(), within=180)

    def _post_all(self) -> None:
        with self._arena.board.client() as client:
            while not self._stop.is_set():
                with self._lock:
                    number = next(self._numbers, None)
                    body = self._make(self._random, number) if number is not None else None
                if number is None:
                    return
                self._post(client, f"{self._prefix}-{number}", body)

    def _post(self, client: httpx.Client, key: str, body: Any) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                answer = client.post("/probes", json=body, headers={"Idempotency-Key": key}, timeout=10)
            except httpx.HTTPError:
                answer = None
            self.slowest = max(self.slowest, time.monotonic() - began)
            if answer is not None and answer.status_code == 202:
                job_id = answer.json()["job_id"]
                self._arena.auditor.promised(job_id)
                self.made.append(job_id)
                return
            if answer is not None and answer.status_code < 500:
                self.failures.append(answer.text)
                return
            if answer is not None and answer.status_code == 500:
                self.failures.append(f"{answer.status_code} {answer.text}")
            self.retries += 1
            time.sleep(0.2)


def some_work(chance: random.Random, _number: int) -> dict[str, Any]:
    """Mostly two-step probes of a fraction of a second, some that fan out, a few that fail a while or for good."""
    seconds = chance.choice([0.0, 0.05, 0.2, 0.5])
    dice = chance.random()
    if dice < 0.1:
        return {"kind": "probe_fan", "input": {"units": chance.randint(1, 6)}}
    if dice < 0.15:
        return {"kind": "probe_one", "input": {"seconds": seconds, "fail": "final"}}
    return {"kind": "probe", "input": {"seconds": seconds}}
