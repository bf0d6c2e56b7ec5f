"""The common end of all ways of reading: the text is kept, and what could not be read is said."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.domain.content import WITHOUT_TEXT, Content
from backend.jobs.ingest.way import Original
from backend.jobs.job import Context, Finish
from backend.store import documents, highlights

FAILED_PARTS = "failed_parts"
"""The detail of a document that says how many of its parts could not be read: it ends as `partial_error`."""


def finish(
    context: Context, original: Original, content: Content, version: str, *, failed_parts: int = 0, **details: Any
) -> Finish:
    """What the step returns: keeps the text and its warnings, and what the file says of itself.

    `details` are kept on the document as well. Raises Stopped.
    """
    context.check()

    def write(session: Session) -> dict[str, Any]:
        kept = {**_told(original, content), **details, FAILED_PARTS: failed_parts}
        documents.save_text(session, original.document_id, content, version, kept)
        highlights.find_again(session, original.owner_id, original.document_id, content.text)
        return {}

    return Finish(write, warnings=content.warnings)


def _told(original: Original, content: Content) -> dict[str, Any]:
    """The metadata; what a person said of the file goes before what it says of itself."""
    ours = {WITHOUT_TEXT, *({"description"} & original.details.keys())}
    return {name: value for name, value in content.metadata.items() if value and name not in ours}
