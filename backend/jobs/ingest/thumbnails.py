"""The small picture of a document, made by the worker that reads it."""

from __future__ import annotations

import structlog

from backend.domain.errors import BoardError
from backend.jobs.ingest.way import Original
from backend.jobs.job import Context

log = structlog.get_logger(__name__)

LONGEST = 320
"""Pixels: as wide as a card of the board on a screen of two pixels per point."""


def draw(context: Context, original: Original) -> bytes | None:
    """The first page as a WebP of a few kilobytes; None where it cannot be drawn, which is no reason to fail."""
    try:
        return context.services.renderer.draw(
            original.path,
            media_type=original.media_type,
            page=1,
            longest=LONGEST,
            encoding="webp",
            password=context.job_input.get("password"),
        )
    except BoardError as error:
        log.info("no_thumbnail", job_id=str(context.job_id), code=error.code)
        return None
