"""Celery: the process pool and the doorbell. The row in Postgres is the truth; losing every message costs seconds.

celery -A backend.celery_app worker --queues=uploads,analysis,low_priority --concurrency=4
celery -A backend.celery_app status | inspect active | inspect registered | inspect stats | events | flower
celery -A backend.celery_app result JOB_ID
"""

from __future__ import annotations

import functools
import os
import socket
import time
from contextlib import suppress
from typing import Any

import structlog
from celery import Celery, Task, signals
from celery.exceptions import SoftTimeLimitExceeded

from backend import logs, settings, wiring
from backend.jobs import kinds, schedule
from backend.jobs.dispatch import Dispatcher, ring_due
from backend.jobs.hands import Hands
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.job import LOW_PRIORITY, QUEUES
from backend.jobs.mirror import Mirror
from backend.jobs.places import ANYWHERE, AllButOne
from backend.jobs.runner import Runner
from backend.jobs.services import Services
from backend.store import queues
from backend.store.database import EVERYONE
from backend.store.doorbells import Doorbell

log = structlog.get_logger(__name__)

SEED_TASKS = (
    "process_file_upload",
    "process_url_upload",
    "process_image_upload",
    "find_duplicates_background",
    "generate_build_suggestions",
)
"""Task names that clients and operators know. Every one is a doorbell: what it runs is what the rows say."""

SCHEDULE = {"clean_up": 6 * 3600.0, "reembed_board": 60.0, "refresh_analytics": 15.0, "recluster_board": 60.0}
"""Kinds that come with the clock, and how often it looks whether they are due, in seconds."""

HARD_LIMIT_SECONDS = 120.0 + max(step.time_limit for job in kinds.ALL for step in job.steps)
"""A child stuck beyond every step's own limit is killed by the pool; the reaper takes its job back."""

DRAIN_SECONDS = 1.0
"""How long a child goes on with the next piece of work without waiting for another doorbell."""

config = settings.load()

app = Celery("syncboard", broker=config.broker_url or None, backend=config.result_backend or None)
app.conf.update(
    # why these: docs/decisions/0002; measured under restarts of the broker, in tests/faults
    task_acks_late=False,
    task_ignore_result=True,
    task_publish_retry=False,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_time_limit=HARD_LIMIT_SECONDS,
    task_default_queue=QUEUES[0],
    task_create_missing_queues=True,
    task_send_sent_event=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_timeout=1,
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "ack_emulation": False,
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    redis_socket_connect_timeout=1,
    redis_socket_timeout=2,
    redis_retry_on_timeout=False,
    result_expires=24 * 3600,
    result_backend_always_retry=False,
    redis_backend_health_check_interval=10,
    timezone="UTC",
    enable_utc=True,
    beat_schedule={
        kind: {
            "task": "backend.tasks.schedule",
            "schedule": seconds,
            "args": [kind],
            "options": {"queue": LOW_PRIORITY},
        }
        for kind, seconds in SCHEDULE.items()
    },
)


class CeleryBroker:
    """Doorbells and canaries as Celery messages; every call fails fast."""

    def ring(self, queue: str, bell: Doorbell) -> None:
        """Publish one doorbell."""
        args = [str(bell.job_id), bell.step] + ([bell.ordinal] if bell.ordinal is not None else [])
        task_id = str(bell.job_id) if bell.ordinal is None else f"{bell.job_id}:{bell.ordinal}"
        app.send_task(f"backend.tasks.{bell.kind}", args, queue=queue, task_id=task_id, retry=False)

    def canary(self, queue: str) -> None:
        """Publish one canary."""
        app.send_task("backend.tasks.canary", [queue], queue=queue, retry=False)

    def depth(self, queue: str) -> int:
        """Messages in the broker's queue."""
        with app.connection_or_acquire() as connection:
            return int(connection.default_channel.client.llen(queue))


def dispatcher() -> Dispatcher:
    """A dispatcher for this process (an API process, or beat)."""
    return Dispatcher(wiring.database(config, pool_size=2), CeleryBroker(), config, kinds.BY_NAME)


@functools.cache
def services() -> Services:
    """The services of this worker child: built after the fork, at the first doorbell."""
    database = wiring.database(config, pool_size=3)
    broker = CeleryBroker()

    def ring(queue: str) -> None:
        try:
            ring_due(database, broker, queue, config.doorbells_per_queue)
        except Exception as error:  # noqa: BLE001 - best effort: a dispatcher rings within a second
            log.warning("could not ring", queue=queue, error=type(error).__name__)

    return wiring.build(config, database=database, ring=ring)


_places = ANYWHERE


@signals.celeryd_after_setup.connect
def _share_places(instance: Any, **_: Any) -> None:
    """Before the children of a worker are forked."""
    global _places  # noqa: PLW0603 - a fork is the way it reaches them
    _places = AllButOne(int(instance.concurrency))


@functools.cache
def runner() -> Runner:
    """The runner of this worker child."""
    world = services()
    hands = Hands(
        services=world,
        kinds=kinds.BY_NAME,
        heartbeat=Heartbeat(world.database, every=config.heartbeat_seconds),
        announce=Mirror(app.backend.store_result if config.result_backend else None),
        out_of_time=SoftTimeLimitExceeded,
    )
    return Runner(hands, worker=f"{socket.gethostname()}:{os.getpid()}", places=_places)


def answer(self: Task, *_: Any) -> None:
    """Answer a doorbell: run what comes next on the queue it came through, and what else is quickly done."""
    queue = self.request.delivery_info["routing_key"]
    until = time.monotonic() + DRAIN_SECONDS
    while (done := runner().answer(queue)) and time.monotonic() < until:
        pass
    if done:
        # a child that had to leave bulk work alone may have answered the doorbells of what still waits
        with suppress(Exception):
            app.send_task(self.name, self.request.args, queue=queue, retry=False)
        services().ring(queue)


for name in dict.fromkeys([*SEED_TASKS, *kinds.BY_NAME]):
    app.task(answer, name=f"backend.tasks.{name}", bind=True, shared=False)


@app.task(name="backend.tasks.canary")
def canary(queue: str) -> None:
    """Show that a child process answers on this queue."""
    with services().database.session(EVERYONE) as session:
        queues.canary_seen(session, queue, f"{socket.gethostname()}:{os.getpid()}")


@app.task(name="backend.tasks.schedule")
def scheduled(kind: str) -> list[str]:
    """Make the jobs of a schedule, for whom they are due and none is still open."""
    return schedule.plan(services(), kind)


@app.task(name="backend.tasks.test_celery")
def test_celery() -> dict[str, str]:
    """Answers that Celery is set up, as in the old set-up guide: `test_celery.delay()`."""
    return {"status": "success", "message": "Celery is configured and working properly!"}


@signals.setup_logging.connect
def _logging(**_: Any) -> None:
    logs.configure(config.log_level, config.log_format)


@signals.beat_init.connect
def _beat(**_: Any) -> None:
    dispatcher().start()
