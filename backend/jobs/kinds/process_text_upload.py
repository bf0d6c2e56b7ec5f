"""A note typed or pasted by a person, from its text to its cluster."""

from __future__ import annotations

from backend.jobs.job import Job
from backend.jobs.kinds import ingest

JOB = Job(
    kind="process_text_upload",
    steps=(ingest.EXTRACT, ingest.UNDERSTAND),
    input=ingest.Input,
    on_start=ingest.started,
    on_end=ingest.ended,
)
