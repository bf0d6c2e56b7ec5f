"""Reading an original at once: everything the extractor turns into text by itself."""

from __future__ import annotations

from backend.jobs.ingest import read
from backend.jobs.ingest.way import Original, Way
from backend.jobs.job import Context, Finish


def begin(context: Context, original: Original) -> Finish:
    """Read the original into text. Raises Unreadable."""
    extractor = context.services.extractor
    context.stage("extracting_text")
    content = extractor.extract(
        original.path,
        filename=original.filename,
        media_type=original.media_type,
        password=context.job_input.get("password"),
        cancelled=context.cancelled,
        source_url=original.source_url,
    )
    return read.finish(context, original, content, extractor.version)


WAY = Way(name="plain", begin=begin)
