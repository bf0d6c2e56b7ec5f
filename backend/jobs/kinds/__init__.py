"""Every kind of job there is: the explicit list."""

from __future__ import annotations

from backend.jobs.job import KINDS, Job
from backend.jobs.kinds import (
    apply_tag,
    clean_up,
    find_duplicates_background,
    process_batch,
    process_file_upload,
    process_image_upload,
    process_text_upload,
    process_url_upload,
    recluster_board,
    reembed_board,
    refresh_analytics,
)

ALL: tuple[Job, ...] = (
    process_batch.JOB,
    process_file_upload.JOB,
    process_image_upload.JOB,
    process_text_upload.JOB,
    process_url_upload.JOB,
    recluster_board.JOB,
    clean_up.JOB,
    apply_tag.JOB,
    find_duplicates_background.JOB,
    reembed_board.JOB,
    refresh_analytics.JOB,
)

BY_NAME = KINDS
BY_NAME.update({job.kind: job for job in ALL})
