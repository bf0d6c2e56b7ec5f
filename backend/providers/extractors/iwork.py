"""Pages, Numbers and Keynote: by the PDF many of them carry as a preview; their own format is not published."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from backend.domain.errors import Unreadable
from backend.providers.extractors import pdf
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_PREVIEW = "QuickLook/Preview.pdf"


def read(source: Source) -> Draft:
    """The pages of the preview. Raises Unreadable `unsupported_type` where there is none."""
    with Archive(source.path) as archive:
        preview = archive.read(_PREVIEW)
    if preview is None:
        raise Unreadable(
            "SyncBoard cannot read this kind of file (iWork without a preview).",
            code="unsupported_type",
            hint="Export it as PDF, Word, Excel or PowerPoint in Pages, Numbers or Keynote, and add that.",
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "preview.pdf"
        copy.write_bytes(preview)
        return pdf.read(replace(source, path=copy, media_type="application/pdf"))
