"""An uploaded file, from its bytes to its cluster."""

from __future__ import annotations

from backend.jobs.job import Job
from backend.jobs.kinds import ingest

JOB = Job(
    kind="process_file_upload",
    steps=(ingest.EXTRACT, ingest.UNDERSTAND),
    input=ingest.Input,
    on_start=ingest.started,
    on_end=ingest.ended,
)
