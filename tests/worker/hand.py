"""A worker of the test's own process: it does what waits, at once."""

from __future__ import annotations

from backend.jobs import kinds
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.job import QUEUES
from backend.jobs.runner import Runner
from backend.jobs.services import Services


class TooLong(Exception):
    """Stands for the pool's soft time limit."""


def runner(services: Services) -> Runner:
    """A runner of this process."""
    beat = Heartbeat(services.database, every=services.settings.heartbeat_seconds)
    return Runner(Hands(services, kinds.BY_NAME, beat, lambda _row, _meta: None, TooLong), "test")


def work(services: Services) -> int:
    """Run whatever waits, on all queues, until nothing does; how many steps that were."""
    hand, done = runner(services), 0
    while any(hand.answer(queue) is not None for queue in QUEUES):
        done += 1
    return done
