"""The programs of a board on one machine, and the environment they all get."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from backend.embedded import process
from backend.embedded.supervise import Program
from backend.embedded.watch import RUN
from backend.jobs.job import LOW_PRIORITY, QUEUES
from backend.settings import Settings

ROOT = Path(__file__).parents[2]
BOARD = "SYNCBOARD_BOARD"
"""In the environment of every process of a board: the board's data folder. The sweep knows them by it."""

GRACE_SECONDS = 5.0
"""What a running step gets to finish when the board stops; the job engine resumes what did not."""


def environment(settings: Settings, run: str) -> dict[str, str]:
    """This process's environment with every setting named, so that no child decides for itself."""
    named = {name.upper(): str(value) for name, value in settings if value not in (None, "")}
    return {
        **os.environ,
        **named,
        BOARD: str(settings.data_dir),
        RUN: run,
        "PYTHONUNBUFFERED": "1",
        "FLOWER_BASIC_AUTH": f"syncboard:{process.secret(settings.data_dir / 'flower.password')}",
    }


def programs(settings: Settings) -> list[Program]:
    """The API, one worker for each queue, beat and Flower; and the watched folder, if there is to be one."""
    celery = (sys.executable, "-m", "celery", "-A", "backend.celery_app")
    api = ("--host", settings.host, "--port", str(settings.port), "--timeout-graceful-shutdown", "3")
    schedule = str(settings.data_dir / "run" / "beat-schedule")
    watched = (sys.executable, "-m", "backend.embedded.watched_folder")
    flower = ("--address=127.0.0.1", f"--port={settings.flower_port}")
    return [
        Program("api", (sys.executable, "-m", "uvicorn", "backend.main:app", *api, "--no-server-header")),
        *(_worker(celery, queue, settings) for queue in QUEUES),
        Program("beat", (*celery, "beat", f"--schedule={schedule}", "--pidfile=")),
        Program("flower", (*celery, "flower", *flower), needed=False),
        *([Program("watched-folder", watched, needed=False)] if settings.watch_dir else []),
    ]


def _worker(celery: tuple[str, ...], queue: str, settings: Settings) -> Program:
    children = 1 if queue == LOW_PRIORITY else settings.worker_concurrency
    return Program(
        f"worker-{queue}",
        (*celery, "worker", f"--queues={queue}", f"--hostname={queue}@%h", f"--concurrency={children}"),
        # TERM lets a running task finish, QUIT ends the children at once
        stop=((signal.SIGTERM, GRACE_SECONDS), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 3.0)),
        orphaned=signal.SIGQUIT,
    )
