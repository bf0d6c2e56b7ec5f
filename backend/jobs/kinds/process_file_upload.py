"""An uploaded file, from its bytes to its cluster."""

from __future__ import annotations

from backend.jobs.ingest import hooks
from backend.jobs.ingest.extract import EXTRACT
from backend.jobs.ingest.understand import UNDERSTAND
from backend.jobs.job import Job

JOB: Job = Job(
    kind="process_file_upload",
    steps=(EXTRACT, UNDERSTAND),
    input=hooks.Input,
    on_start=hooks.started,
    on_end=hooks.ended,
)
