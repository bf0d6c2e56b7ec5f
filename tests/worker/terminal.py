"""The command line as a person has it: a process with an environment and a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import ROOT, Board
from tests.conftest import new_database

MB = 1024 * 1024
Run = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def board_without_workers(postgres: Postgres, valkey: Valkey, folder: Path, *, number: int) -> Iterator[Board]:
    """A board whose jobs wait for ever; `number` is its database of the broker."""
    board = Board(new_database(postgres), valkey.url.replace("/0", f"/{number}"), folder)
    try:
        board.start_api()
        board.sign_up()
        yield board
    finally:
        board.stop()


def surroundings(board: Board, home: Path, **env: str) -> dict[str, str]:
    """The environment of somebody who is signed in by it, unless `env` says otherwise; their home is `home`."""
    named = {**board.env, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    named |= {"SYNCBOARD_URL": board.url, "SYNCBOARD_TOKEN": board.token, **env}
    return {name: value for name, value in named.items() if value}


def runner(board: Board, home: Path) -> Run:
    """Runs a command to its end, without a terminal."""

    def run(*arguments: str | Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "backend.cli", *map(str, arguments)],
            cwd=ROOT,
            env=surroundings(board, home, **env),
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def started(board: Board, home: Path, *arguments: str | Path, **env: str) -> subprocess.Popen[bytes]:
    """Starts a command and leaves it running; what it says goes to `said.txt` and `errors.txt` in the home."""
    with (home / "said.txt").open("ab") as said, (home / "errors.txt").open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "backend.cli", *map(str, arguments)],
            cwd=ROOT,
            env={**surroundings(board, home, **env), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=errors,
        )


def said(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """The JSON a command printed, after its exit code was the expected one."""
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    """The error a command printed with --json."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout == ""
    error: dict[str, Any] = json.loads(done.stderr)["error"]
    assert error["message"].endswith(".")
    return error


def note(folder: Path, name: str, words: str) -> Path:
    path = folder / name
    path.write_text(f"{words} {os.urandom(6).hex()}\n", encoding="utf-8")
    return path


def large(folder: Path, megabytes: int, name: str = "large.txt") -> Path:
    """A text of which every megabyte is another one."""
    path, salt = folder / name, os.urandom(8).hex()
    with path.open("w", encoding="ascii") as file:
        for number in range(megabytes):
            file.write((f"{salt} {number} " + "a large file that goes a long way. " * 40_000)[:MB])
    return path


def under_way(board: Board) -> int:
    """Bytes of unfinished uploads on the disk of the board."""
    size = 0
    for path in (board.folder / "blobs" / "resumable").glob("*"):
        with suppress(FileNotFoundError):  # a note of what is unproven goes as soon as it is proven
            size += path.stat().st_size
    return size
