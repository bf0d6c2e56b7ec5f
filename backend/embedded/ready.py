"""When a board is ready: it answers, and a canary has come through a child process of every queue."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from backend.domain.errors import Unavailable
from backend.embedded import process
from backend.embedded.output import Output
from backend.embedded.supervise import Supervisor
from backend.settings import Settings

PATIENCE_SECONDS = 300.0
REPORT_SECONDS = 20.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine is no business of a proxy
HOPELESS = 4
"""So many ends in a row, before it was ever ready, and a program is not going to start."""


def address(settings: Settings) -> str:
    """Where a person on this machine finds the board."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 - read, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def wait(settings: Settings, supervisor: Supervisor, output: Output, ended: Callable[[], bool]) -> bool:
    """True once everything works, False when `ended` says so before. Raises Unavailable naming what does not work."""
    started = told = time.monotonic()
    while missing := _missing(f"{address(settings)}/readyz", since=started):
        supervisor.turn(0.1)
        if ended():
            return False
        for name, failures in supervisor.failures().items():
            if failures >= HOPELESS:
                raise Unavailable(
                    f"{name} does not start. It says:\n{process.tail(output.folder / f'{name}.log')}",
                    hint=f"Its whole log is {output.folder / f'{name}.log'}.",
                )
        now = time.monotonic()
        if now - started > PATIENCE_SECONDS:
            raise Unavailable(f"SyncBoard has not become ready: {missing}.", hint=f"Logs are in {output.folder}.")
        if now - told > REPORT_SECONDS:
            told = now
            output.say(f"Still waiting: {missing}.")
    return True


def _missing(url: str, *, since: float) -> str:
    """What is not there yet, in words; empty when everything is. A canary of the run before counts for nothing."""
    try:
        try:
            answer = DIRECT.open(url, timeout=5)
        except urllib.error.HTTPError as refusal:  # 503 while a part is away, with the same body
            answer = refusal
        with answer:
            queues = json.load(answer)["checks"]["queues"]
    except (OSError, http.client.HTTPException):
        return "the API does not answer yet"
    except (ValueError, KeyError, TypeError):
        return "the API answers without its checks"
    age = time.monotonic() - since
    dead = [name for name, queue in queues.items() if not queue["alive"] or queue["last_canary_seconds"] > age]
    if dead or not queues:
        return f"no worker answers on {', '.join(dead) or 'any queue'}"
    return ""


def read_env(path: Path) -> dict[str, str]:
    """The pairs of an environment file that we wrote."""
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
