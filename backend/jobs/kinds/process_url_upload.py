"""A page, or whatever else an address leads to, from the address to its cluster."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.jobs.ingest import hooks
from backend.jobs.ingest.extract import EXTRACT
from backend.jobs.ingest.fetching import FETCH, Input, fetched_again_in_vain
from backend.jobs.ingest.understand import UNDERSTAND
from backend.jobs.job import Job
from backend.store.jobs import JobRow


def ended(session: Session, row: JobRow, state: str, error: dict[str, Any] | None) -> None:
    """A document that has been read stays readable when its address cannot be fetched again."""
    if row.step != FETCH.name or not fetched_again_in_vain(session, row, error):
        hooks.ended(session, row, state, error)


JOB: Job = Job(
    kind="process_url_upload",
    steps=(FETCH, EXTRACT, UNDERSTAND),
    input=Input,
    on_start=hooks.started,
    on_end=ended,
)
