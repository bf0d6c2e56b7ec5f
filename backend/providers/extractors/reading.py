"""Reads one file into text. Runs in the sandbox's child; nothing here is called in a worker process."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.domain import uploads
from backend.domain.content import WITHOUT_TEXT
from backend.domain.errors import Unreadable
from backend.domain.text import assemble
from backend.providers.extractors import (
    archives,
    books,
    by_kreuzberg,
    captions,
    dbase,
    hangul,
    iwork,
    languages,
    mail,
    markup,
    names,
    notebooks,
    odf,
    ole,
    outlook,
    pdf,
    plain,
    refusals,
    sheets,
    slides,
    web,
    word,
)
from backend.providers.extractors.draft import Draft, ReadFormat, Source

READERS: dict[str, tuple[ReadFormat, ...]] = {
    names.PDF: (pdf.read, by_kreuzberg.read),
    names.DOCX: (word.read, by_kreuzberg.read),
    names.PPTX: (slides.read, by_kreuzberg.read),
    names.XLSX: (sheets.read,),
    names.XLSB: (sheets.read,),
    names.ODT: (odf.read, by_kreuzberg.read),
    names.ODP: (odf.read,),
    names.ODS: (sheets.read, odf.read),
    names.EPUB: (by_kreuzberg.read, books.read),
    names.RTF: (by_kreuzberg.read,),
    names.HTML: (web.read,),
    names.XHTML: (web.read,),
    names.XML: (markup.read, plain.read),
    names.MAIL: (mail.read,),
    names.NOTEBOOK: (notebooks.read, plain.read),
    names.VTT: (captions.read,),
    **dict.fromkeys((names.SRT, names.SSA, names.SBV, names.LRC, names.TTML), (captions.read,)),
    names.SVG: (markup.read,),
    names.ODG: (odf.read,),
    names.HWPX: (hangul.read,),
    names.DBASE: (dbase.read,),
    **dict.fromkeys(names.IWORK, (iwork.read,)),
    names.CSV: (sheets.read_separated,),
    names.TSV: (sheets.read_separated,),
    ole.DOC: (by_kreuzberg.read_plain,),
    ole.XLS: (sheets.read,),
    ole.PPT: (by_kreuzberg.read_plain,),
    ole.MSG: (outlook.read, by_kreuzberg.read_plain),
    ole.HWP: (by_kreuzberg.read,),
}
"""The readers of each media type, best first: the next one is tried when one fails without knowing why."""


def readers(media_type: str) -> tuple[ReadFormat, ...]:
    """Those for the type; text of any kind that has none of its own is read as it stands."""
    if found := READERS.get(media_type):
        return found
    return (plain.read,) if names.is_text(media_type) else ()


def read(
    path: str, filename: str, media_type: str, password: str | None, source_url: str | None = None
) -> dict[str, Any]:
    """A `Content` as JSON. Raises Unreadable."""
    source = Source(Path(path), filename, media_type, password, source_url)
    draft = _draft(source)
    suffix = Path(filename).suffix.lower()
    if names.contradicts(suffix, media_type):
        draft.warn("type_mismatch", f"The name ends in {suffix}, but the content is {media_type} and was read as that.")
    text, parts = assemble(draft.pieces)
    if not text.strip() and not draft.metadata.get(WITHOUT_TEXT):
        raise refusals.no_text()
    return {
        "text": text,
        "media_type": media_type,
        "title": draft.title,
        "language": languages.detect(text) or draft.language,
        "parts": [asdict(part) for part in parts],
        "metadata": draft.metadata,
        "warnings": draft.warnings,
    }


def _draft(source: Source) -> Draft:
    if source.path.stat().st_size == 0:
        raise refusals.empty_file()
    if ole.is_encrypted(source.path, source.media_type):
        raise refusals.encrypted("Save a copy of it without a password, and add that.")
    if source.media_type in names.ZIPPED:
        archives.check(source.path)
    first: Exception | None = None
    for reader in readers(source.media_type):
        try:
            draft = reader(source)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one reader is the chance of the next; the first is told
            first = first or error
            if isinstance(error, Unreadable) and error.code != "corrupt":
                break
        else:
            # What only a second reader opened, and found nothing in, is damaged rather than empty.
            if first is None or any(piece.text.strip() for piece in draft.pieces):
                return draft
    raise first or uploads.unsupported(source.media_type)
