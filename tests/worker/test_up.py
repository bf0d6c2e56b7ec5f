"""`syncboard up`, driven for real: an empty folder, kill -9, a second start, a clean end."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backend.embedded import process
from backend.embedded.postgres import Postgres
from backend.embedded.programs import BOARD, environment
from backend.settings import Settings

ROOT = Path(__file__).parents[2]
READY_SECONDS = 240
NAMED = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "STORAGE_URL", "FLOWER_PORT", BOARD)


class Run:
    """One `syncboard up` in a process of its own, without a terminal."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.folder, self.port = folder, port
        self.environment = {k: v for k, v in os.environ.items() if k not in NAMED} | {
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "WORKER_CONCURRENCY": "1",
            **environment,
        }
        self.lines: list[str] = []
        self.child = self.command("up")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "backend.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _read(self) -> None:
        assert self.child.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self.child.stdout.readline, ""))

    def said(self) -> str:
        """All of its lines as one, once it has ended: the command line wraps sentences."""
        self._reader.join(10)
        return " ".join(" ".join(self.lines).split())

    @property
    def ready_line(self) -> str:
        return f"SyncBoard is ready at http://127.0.0.1:{self.port}/app/"

    def ready(self) -> Run:
        until = time.monotonic() + READY_SECONDS
        while self.ready_line not in self.lines:
            assert self.child.poll() is None, "\n".join(self.lines)
            assert time.monotonic() < until, "\n".join(self.lines)
            time.sleep(0.05)
        return self

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.load(answer)

    def end(self, sent: signal.Signals = signal.SIGTERM) -> int:
        self.child.send_signal(sent)
        code = self.child.wait(60)
        self._reader.join(10)
        return code

    def left(self) -> list[str]:
        left = process.living_with(BOARD, str(self.folder))
        left += process.living_in(self.folder / "postgres" / "data", "postgres")
        return [str(one) for one in left + process.living_in(self.folder / "valkey", "valkey")]

    def program(self, name: str) -> psutil.Process:
        """The main process of a program: the supervisor's own child."""
        children = psutil.Process(self.child.pid).children()
        return next(child for child in children if name in " ".join(child.cmdline()))


def eventually(holds: Callable[[], object], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("board") / "data"


@pytest.fixture
def up(folder: Path) -> Iterator[Callable[..., Run]]:
    """Starts boards on one folder; the first test pays for creating it."""
    runs: list[Run] = []

    def start(**environment: str) -> Run:
        runs.append(Run(folder, process.free_port(), **environment))
        return runs[-1]

    yield start
    for run in runs:
        if run.child.poll() is None:
            run.end()


def test_one_command_leads_from_an_empty_folder_to_a_board_that_works_and_ends_cleanly(up: Callable[..., Run]) -> None:
    run = up().ready()
    assert run.lines[-1] == run.ready_line
    assert run.get("/readyz")["status"] == "ok"
    assert stat.S_IMODE((run.folder / "embedded.env").stat().st_mode) == 0o600
    # another terminal needs to know the data folder only
    status = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "backend.celery_app", "status"],
        cwd=ROOT, env=run.environment, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert all(f"{queue}@" in status for queue in ("uploads", "analysis", "low_priority"))
    for name in ("--queues=analysis", "uvicorn", "beat", "bin/postgres", "valkey-server"):
        before = run.program(name)
        before.kill()
        assert eventually(lambda name=name, before=before: replaced(run, name, before)), f"{name}: {run.lines}"
    assert eventually(lambda: answers_well(run)), run.lines
    assert run.end() == 0
    assert run.lines[-1] == "SyncBoard has stopped."
    assert run.left() == []


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGHUP])
def test_a_wish_to_stop_is_heard_in_the_middle_of_starting(up: Callable[..., Run], wish: signal.Signals) -> None:
    run = up()
    assert eventually(lambda: any("the workers" in line for line in run.lines))
    assert run.end(wish) == 0
    assert run.left() == []


def test_killed_with_kill_9_it_leaves_nothing_behind_and_starts_again(up: Callable[..., Run]) -> None:
    killed = up().ready()
    killed.end(signal.SIGKILL)
    if sys.platform == "linux":  # elsewhere nothing ties a process to its parent, and the next start sweeps
        assert eventually(lambda: not killed.left()), killed.left()
    again = up().ready()
    assert again.get("/readyz")["status"] == "ok"
    second = up()
    assert second.child.wait(60) != 0
    assert f"already runs on {again.folder} (process {again.child.pid})" in second.said()
    assert again.get("/healthz") == {"status": "ok"}
    assert again.command("down").wait(60) == 0
    assert again.child.wait(60) == 0
    assert again.left() == []


def replaced(run: Run, name: str, before: psutil.Process) -> bool:
    try:
        return run.program(name).pid != before.pid
    except (StopIteration, psutil.NoSuchProcess):
        return False


def answers_well(run: Run) -> bool:
    try:
        return run.get("/readyz")["status"] == "ok"
    except OSError:
        return False


def test_a_setting_that_is_not_made_is_none_for_the_programs_either(tmp_path: Path) -> None:
    named = environment(Settings(data_dir=tmp_path), "run")
    assert "None" not in named.values()
    assert "FETCH_CA_FILE" not in named
    assert named["ALLOW_PRIVATE_ADDRESSES"] == "False"


def test_a_busy_port_is_a_sentence_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = Run(tmp_path / "data", taken.getsockname()[1])
        assert run.child.wait(60) != 0
    assert f"Port {run.port} on 127.0.0.1 is in use by another program." in run.said()
    assert not (run.folder / "postgres").exists()


def test_a_named_database_is_used_and_no_other_is_started(tmp_path: Path) -> None:
    named = Postgres(tmp_path / "named")
    run = Run(tmp_path / "data", process.free_port(), DATABASE_URL=named.start())
    try:
        run.ready()
        assert not (run.folder / "postgres").exists()
        written = (run.folder / "embedded.env").read_text()
        assert "REDIS_URL=" in written
        assert "DATABASE_URL" not in written
        assert run.end() == 0
    finally:
        run.child.kill()
        named.stop()


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        (
            {"DATABASE_URL": "postgresql://no:one@127.0.0.1:9/gone"},
            "The database could not be brought up to date",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:9/0"}, "The Redis that REDIS_URL names does not answer"),
        ({"DATA_DIR": "/dev/null/data"}, "The data folder /dev/null/data cannot be used"),
        ({"PORT": "many"}, "A setting cannot be used. PORT: "),
    ],
)
def test_what_cannot_be_is_a_sentence(tmp_path: Path, named: dict[str, str], sentence: str) -> None:
    run = Run(tmp_path / "data", process.free_port(), **named)
    assert run.child.wait(120) != 0
    assert sentence in run.said()
    assert "Traceback" not in run.said()
    assert run.left() == []


def test_nobody_reading_its_output_does_not_stop_it(folder: Path) -> None:
    read, write = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    environment = {k: v for k, v in os.environ.items() if k not in NAMED}
    environment |= {"DATA_DIR": str(folder), "PORT": str(process.free_port()), "WORKER_CONCURRENCY": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "up", "--logs"], cwd=ROOT, env=environment, stdout=write, stderr=write
    )
    os.close(write)
    try:
        url = f"http://127.0.0.1:{environment['PORT']}/healthz"
        assert eventually(lambda: _answers(url), READY_SECONDS)
        for _ in range(1000 if not hasattr(fcntl, "F_SETPIPE_SZ") else 100):  # more lines than the pipe takes
            assert _answers(url)
        os.close(read)
        assert _answers(url)
    finally:
        child.terminate()
        assert child.wait(60) == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
