"""The board's Celery application with the probes in it: `celery -A tests.faults.probe_app worker`."""

from __future__ import annotations

from tests import probes

probes.install()

from backend.celery_app import app  # noqa: E402 - the tasks are made from the kinds known at import

__all__ = ["app"]
