"""The common end of all ways of reading: the text is kept, and what could not be read is said."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.domain.content import Content
from backend.jobs.ingest.way import Original
from backend.jobs.job import Context, Finish
from backend.store import documents

FAILED_PARTS = "failed_parts"
"""The detail of a document that says how many of its parts could not be read: it ends as `partial_error`."""


def finish(
    context: Context, original: Original, content: Content, version: str, *, failed_parts: int = 0, **details: Any
) -> Finish:
    """What the step returns: keeps the text and its warnings. `details` are kept on the document. Raises Stopped."""
    context.check()

    def write(session: Session) -> dict[str, Any]:
        kept = {**details, FAILED_PARTS: failed_parts}
        documents.save_text(session, original.document_id, content, version, kept)
        return {}

    return Finish(write, warnings=content.warnings)
