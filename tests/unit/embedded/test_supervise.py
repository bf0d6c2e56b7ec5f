"""The supervisor with small programs of the shell."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backend.embedded import process
from backend.embedded.output import Output
from backend.embedded.supervise import Program, Supervisor


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(os.environ, tmp_path, Output(tmp_path / "logs", echo=False))
    yield supervisor
    supervisor.stop()


def log(tmp_path: Path, name: str) -> list[str]:
    path = tmp_path / "logs" / f"{name}.log"
    return path.read_text().splitlines() if path.exists() else []


def turn_until(supervisor: Supervisor, holds: Callable[[], object]) -> bool:
    until = time.monotonic() + 30
    while not holds() and time.monotonic() < until:
        supervisor.turn(0.05)
    return bool(holds())


def shell(name: str, script: str) -> Program:
    return Program(name, ("sh", "-c", script), stop=((signal.SIGTERM, 0.5), (signal.SIGKILL, 5.0)))


def test_what_a_program_writes_is_in_its_log_line_by_line(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run([shell("talker", "printf 'one\\ntwo'; sleep 0.1; echo ' halves'; echo no end; exec sleep 60")])
    assert turn_until(supervisor, lambda: len(log(tmp_path, "talker")) == 3)
    assert log(tmp_path, "talker") == ["one", "two halves", "no end"]


def test_a_program_that_ends_is_started_again_later_and_later(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run([shell("brief", "date +%s.%N; exit 3")])
    assert turn_until(supervisor, lambda: len(log(tmp_path, "brief")) == 4)
    times = [float(line) for line in log(tmp_path, "brief")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert pauses[0] >= 0.5
    assert pauses[1] >= 1
    assert pauses[2] >= 2
    assert supervisor.failures()["brief"] >= 3
    assert "brief has ended (exit code 3); it is started again in 0.5 s." in log(tmp_path, "up")


def test_one_that_does_not_listen_is_killed_with_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run([shell("deaf", "trap '' TERM; sh -c 'echo $$; while :; do sleep 0.2; done'")])
    assert turn_until(supervisor, lambda: log(tmp_path, "deaf"))
    child = int(log(tmp_path, "deaf")[0])
    listening = psutil.Process(child)
    supervisor.stop()
    assert turn_until(supervisor, lambda: not process.alive(listening))


def test_logs_do_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.embedded.output.LOG_BYTES", 1000)
    output = Output(tmp_path / "logs", echo=False)
    for number in range(1000):
        output.line("talker", f"line {number}")
    sizes = [path.stat().st_size for path in (tmp_path / "logs").glob("talker.log*")]
    assert len(sizes) == 4
    assert max(sizes) <= 1000
    assert log(tmp_path, "talker")[-1] == "line 999"
