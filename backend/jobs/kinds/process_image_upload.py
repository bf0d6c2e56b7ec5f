"""A picture, with what a person says of it, from its bytes to its cluster."""

from __future__ import annotations

from backend.jobs.ingest import hooks
from backend.jobs.ingest.extract import step
from backend.jobs.ingest.understand import UNDERSTAND
from backend.jobs.job import Job, Stage

JOB: Job = Job(
    kind="process_image_upload",
    steps=(
        step(Stage("decoding", 10.0, "Decoding picture..."), Stage("ocr", 25.0, "Reading the words on the picture...")),
        UNDERSTAND,
    ),
    input=hooks.Input,
    on_start=hooks.started,
    on_end=hooks.ended,
)
