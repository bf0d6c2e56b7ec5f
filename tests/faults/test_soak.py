"""Everything at once, by chance: faults of every kind while clients load the board, several seeds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import psutil
import pytest

from tests.faults.arena import STANDARD, Arena, Load

REAL_TEXTS = (
    "The Pomodoro technique divides work into intervals of twenty-five minutes, each followed by a short break.",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen in the chloroplasts of plants.",
    "A fencing token is a number that grows with every lease, so that a storage can reject a late writer.",
)


class Monkey:
    """Breaks something every now and then, as its seed says, and mends it again."""

    def __init__(self, arena: Arena, seed: int) -> None:
        self.arena, self.chance = arena, random.Random(seed)
        self.done: dict[str, int] = {}
        self.faults: list[Callable[[], None]] = [
            arena.kill_child,
            arena.kill_child,
            self.worker_killed,
            self.worker_frozen,
            self.worker_replaced,
            self.broker_restarted,
            self.broker_emptied,
            self.broker_frozen,
            self.database_restarted,
            self.database_crashed,
            self.api_killed,
            self.doorbells_repeated,
        ]

    def once(self) -> None:
        """One fault."""
        fault = self.chance.choice(self.faults)
        name = fault.__name__
        self.done[name] = self.done.get(name, 0) + 1
        fault()

    def worker_killed(self) -> None:
        self.arena.kill_worker()
        self.arena.start_worker(wait=False)

    def worker_frozen(self) -> None:
        with self.arena.frozen_worker():
            time.sleep(self.chance.choice([1.0, 6.0]))

    def worker_replaced(self) -> None:
        self.arena.end(STANDARD)
        self.arena.kills += 1
        self.arena.start_worker(wait=False)

    def broker_restarted(self) -> None:
        self.arena.restart_valkey(forget=self.chance.random() < 0.5, away=self.chance.choice([0.0, 1.0]))

    def broker_emptied(self) -> None:
        self.arena.redis().flushall()
        self.arena.kills += 1

    def broker_frozen(self) -> None:
        with self.arena.frozen(self.arena.valkey):
            time.sleep(self.chance.choice([0.5, 4.0]))

    def database_restarted(self) -> None:
        self.arena.restart_postgres(away=self.chance.choice([0.0, 1.0]))

    def database_crashed(self) -> None:
        self.arena.restart_postgres(crash=True)

    def api_killed(self) -> None:
        self.arena.board.kill("api")
        self.arena.kills += 1
        self.arena.board.start_api()

    def doorbells_repeated(self) -> None:
        waiting = self.arena.redis().lrange("uploads", 0, 20)
        if waiting:
            self.arena.redis().rpush("uploads", *waiting * 5)


class RealClients:
    """Beside the probes: real texts uploaded, and some of the jobs cancelled, over HTTP."""

    def __init__(self, arena: Arena, seed: int, texts: int) -> None:
        self.arena, self.seed, self.texts = arena, seed, texts
        self.chance = random.Random(seed)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        for number in range(self.texts):
            text = {
                "title": f"{self.seed}.{number}",
                "content": f"{self.chance.choice(REAL_TEXTS)} {self.seed} {number}",
            }
            answer = self._post("/upload_text", text, f"text-{self.seed}-{number}")
            self.arena.auditor.promised(answer["job_id"])
            probe = {"kind": "probe", "input": {"seconds": self.chance.choice([0.0, 0.3, 2.0])}}
            victim = self._post("/probes", probe, f"victim-{self.seed}-{number}")["job_id"]
            self.arena.auditor.promised(victim)
            self._post(f"/jobs/{victim}/cancel", None, f"cancel-{self.seed}-{number}")

    def _post(self, path: str, body: Any, key: str) -> dict[str, Any]:
        while True:
            try:
                with self.arena.board.client() as client:
                    answer = client.post(path, json=body, headers={"Idempotency-Key": key}, timeout=10)
            except httpx.HTTPError:
                time.sleep(0.3)
                continue
            if answer.status_code < 500:
                found: dict[str, Any] = answer.json()
                return found
            time.sleep(0.3)


def seeds(config: pytest.Config) -> list[int]:
    return list(range(1, 9)) if config.getoption("--chaos", default=False) else [1, 2]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """More seeds for `make chaos`."""
    metafunc.parametrize("seed", seeds(metafunc.config))


def test_everything_at_once_loses_nothing_and_does_nothing_twice(arena: Arena, seed: int) -> None:
    monkey = Monkey(arena, seed)
    real = RealClients(arena, seed, arena.scale(6, 60))
    with Load(arena, arena.scale(60, 1500), seed=seed) as load:
        real.thread.start()
        until = time.monotonic() + arena.scale(15, 150)
        while time.monotonic() < until or not load.finished():
            try:
                monkey.once()
            except psutil.NoSuchProcess:
                continue  # what was to be killed had just died
            time.sleep(monkey.chance.uniform(0.2, 1.5))
            if time.monotonic() > until + 60:
                break
        arena.heal()
    real.thread.join(timeout=120)
    assert not real.thread.is_alive(), "a client never got its answer"
    assert arena.settle(within=arena.scale(180, 600)).doubles == 0
    arena.note(f"seed {seed}: {monkey.done}")
