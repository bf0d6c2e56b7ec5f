"""Tells the log and Celery's result backend what a job is doing, so that `celery … result JOB_ID` and Flower show it.

Best effort and never read back: the row in Postgres is the truth. A result backend that is away or frozen must not
hold up a job, so one thread per child does the telling and keeps only the newest word on each job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog

from backend.jobs.states import FAILURE, PROCESSING, SUCCESS
from backend.store.jobs import JobRow

log = structlog.get_logger("backend.tasks")

StoreResult = Callable[[str, Any, str], Any]
"""`store_result(task_id, result, state)` of Celery's result backend."""

MAX_WAITING = 1000


class Mirror:
    """The Announce of a runner (backend/jobs/context.py)."""

    def __init__(self, store: StoreResult | None) -> None:
        self._store = store
        self._news: dict[str, tuple[Any, str]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def __call__(self, row: JobRow, meta: dict[str, Any]) -> None:
        """Say where `row` is: `meta` is the PROCESSING meta, empty at the end of a try."""
        state = PROCESSING if meta else row.state
        log.info("Task backend.tasks.%s[%s] - %s: %s", row.kind, row.id, state, _words(row, meta))
        if self._store is None:
            return
        with self._changed:
            if len(self._news) < MAX_WAITING:
                self._news[str(row.id)] = (_result(row, meta), state)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._news:
                    self._changed.wait()
                job_id = next(iter(self._news))
                result, state = self._news.pop(job_id)
            try:
                assert self._store is not None  # noqa: S101 - the thread starts only when there is a store
                self._store(job_id, result, state)
            except Exception as error:  # noqa: BLE001 - a mirror that cannot be written is no trouble of the job
                log.debug("the result backend did not take the news", job_id=job_id, error=type(error).__name__)


def _words(row: JobRow, meta: dict[str, Any]) -> str:
    if meta:
        return str(meta["message"])
    if row.state == SUCCESS and row.result and "doc_id" in row.result:
        return f"doc_id={row.result['doc_id']}, cluster_id={row.result['cluster_id']}"
    return row.message


def _result(row: JobRow, meta: dict[str, Any]) -> Any:
    if meta:
        return meta
    if row.state == SUCCESS:
        return row.result
    if row.state == FAILURE and row.error:
        # Celery wants an exception's shape for a FAILURE
        return {"exc_type": "BoardError", "exc_module": "backend.domain.errors", "exc_message": [row.error["message"]]}
    return {"message": row.message, "percent": row.percent}
