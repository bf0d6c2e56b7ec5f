"""The embedded Valkey, driven for real."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from backend.embedded import process
from backend.embedded.valkey import Valkey

ROOT = Path(__file__).parents[3]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "valkey")
    yield server
    server.stop()


def test_it_asks_for_its_password_and_never_forgets(server: Valkey) -> None:
    url = server.start()
    client = redis.Redis.from_url(url)
    assert client.config_get("maxmemory-policy", "appendonly", "appendfsync", "bind") == {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "bind": "127.0.0.1",
    }
    with pytest.raises(redis.AuthenticationError):
        redis.Redis("127.0.0.1", server.port or 0).ping()
    assert stat.S_IMODE((server.folder / "valkey.conf").stat().st_mode) == 0o600


def test_what_was_written_and_the_port_survive_stop_and_kill(server: Valkey) -> None:
    url = server.start()
    redis.Redis.from_url(url).set("kept", "1")
    server.stop()
    assert server.start() == url
    assert redis.Redis.from_url(url).get("kept") == b"1"
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert server.start() == url
    assert redis.Redis.from_url(url).get("kept") == b"1"


def test_an_orphan_of_a_killed_run_is_ended_first(server: Valkey) -> None:
    url = server.start()
    orphan = server._process
    server._process = None
    assert server.start() == url
    assert orphan.poll() is not None
    assert redis.Redis.from_url(url).ping()


def test_it_dies_with_the_process_that_started_it(server: Valkey) -> None:
    script = (
        "import sys, time; from pathlib import Path; from backend.embedded.valkey import Valkey\n"
        "print(Valkey(Path(sys.argv[1])).start(), flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(server.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert redis.Redis.from_url(url).ping()
        parent.kill()
    if sys.platform == "linux":
        until = time.monotonic() + 20
        while process.living_in(server.folder, "valkey-server") and time.monotonic() < until:
            time.sleep(0.05)
        assert process.living_in(server.folder, "valkey-server") == []
