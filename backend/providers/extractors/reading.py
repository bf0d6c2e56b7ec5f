"""Reads one file into text. Runs in the sandbox's child; nothing here is called in a worker process."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.domain.errors import Unreadable
from backend.domain.text import assemble
from backend.providers.extractors import by_kreuzberg, languages, names, ole, pdf, plain, refusals
from backend.providers.extractors.draft import Draft, ReadFormat, Source

READERS: dict[str, tuple[ReadFormat, ...]] = {
    names.PDF: (pdf.read,),
    names.DOCX: (by_kreuzberg.read,),
    names.XLSX: (by_kreuzberg.read,),
    names.XLSB: (by_kreuzberg.read,),
    names.PPTX: (by_kreuzberg.read,),
    names.ODT: (by_kreuzberg.read,),
    names.ODS: (by_kreuzberg.read,),
    names.EPUB: (by_kreuzberg.read,),
    ole.DOC: (by_kreuzberg.read,),
    ole.XLS: (by_kreuzberg.read,),
    ole.PPT: (by_kreuzberg.read,),
    ole.MSG: (by_kreuzberg.read,),
    names.RTF: (by_kreuzberg.read,),
    names.MAIL: (by_kreuzberg.read,),
    names.HTML: (by_kreuzberg.read,),
    names.XHTML: (by_kreuzberg.read,),
    names.XML: (by_kreuzberg.read,),
    names.NOTEBOOK: (by_kreuzberg.read,),
}
"""The readers of each media type, best first: the next one is tried when one fails without knowing why."""


def readers(media_type: str) -> tuple[ReadFormat, ...]:
    """Those for the type; text of any kind that has none of its own is read as it stands."""
    if found := READERS.get(media_type):
        return found
    return (plain.read,) if names.is_text(media_type) else ()


def read(path: str, filename: str, media_type: str, password: str | None) -> dict[str, Any]:
    """A `Content` as JSON. Raises Unreadable."""
    source = Source(Path(path), filename, media_type, password)
    draft = _draft(source)
    text, parts = assemble(draft.pieces)
    if not text.strip():
        raise refusals.no_text()
    return {
        "text": text,
        "media_type": media_type,
        "title": draft.title,
        "language": draft.language or languages.detect(text),
        "parts": [asdict(part) for part in parts],
        "metadata": draft.metadata,
        "warnings": draft.warnings,
    }


def _draft(source: Source) -> Draft:
    if source.path.stat().st_size == 0:
        raise refusals.empty_file()
    if source.media_type == ole.ENCRYPTED:
        raise refusals.encrypted("Save a copy of it without a password, and add that.")
    last: Unreadable = refusals.unsupported(source.media_type)
    for reader in readers(source.media_type):
        try:
            return reader(source)
        except Unreadable as error:
            last = error
            if error.code != "corrupt":
                break
    raise last
