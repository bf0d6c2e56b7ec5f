"""PDF with a text layer: the words come page by page as they stand, headings as far as kreuzberg recognises them."""

from __future__ import annotations

import re

import kreuzberg

from backend.domain import pages
from backend.domain.content import WITHOUT_TEXT
from backend.domain.text import Piece, clean
from backend.providers.extractors.by_kreuzberg import extract, kept, title_of, unmark
from backend.providers.extractors.draft import Draft, Source
from backend.providers.rendering import pdf_pages

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_HEADING_SHARE = 0.2
_STAMP = 100
"""Characters: a page number, or "Scanned with …"; what is a page of text in a picture has more."""


def read(source: Source) -> Draft:
    """A piece per page; pages without a text layer are named in the metadata. Raises Unreadable."""
    passwords = [source.password] if source.password else None
    result = extract(
        source,
        pages=kreuzberg.PageConfig(extract_pages=True),
        pdf_options=kreuzberg.PdfConfig(passwords=passwords, extract_metadata=True),
    )
    found = sorted(result.pages or [], key=lambda page: page["page_number"])
    # kreuzberg's Markdown leaves out what it takes for furniture, and sometimes that is the text: the pages are whole.
    texts = [pages.with_lines(page["content"]) for page in found]
    draft = Draft(title=title_of(result.metadata), metadata=kept(result.metadata))
    by_number = {page["page_number"]: text for page, text in zip(found, texts, strict=True)}
    draft.metadata[WITHOUT_TEXT] = sorted(_without_text(source, by_number))
    for page, text in zip(found, _readable(texts, result.content), strict=True):
        draft.pieces.append(Piece(text, {"page": page["page_number"]}))
    draft.metadata["page_count"] = len(found)
    return draft


def _without_text(source: Source, texts: dict[int, str]) -> set[int]:
    """Pages with no text, or with a few words stamped on a scan by the program that made it."""
    written = {number: len(clean(text).strip()) for number, text in texts.items()}
    stamped = [number for number, length in written.items() if 0 < length <= _STAMP]
    blank = {number for number, length in written.items() if not length}
    return blank | pdf_pages.pictured(source.path, stamped, source.password)


def _readable(texts: list[str], markdown: str) -> list[str]:
    texts = pages.in_reading_order(pages.drop_furniture(texts))
    words = pages.count_words(texts)
    headings = {pages.squeeze(title): marks for marks, title in _HEADING.findall(unmark(markdown))}
    lines = [pages.squeeze(line) for text in texts for line in text.split("\n")]
    if sum(line in headings for line in lines) > _HEADING_SHARE * len(lines):
        headings = {}  # a page of formulas or a form, where big and bold mean nothing
    return [pages.unwrap(pages.mend_hyphens(text, words), headings) for text in texts]
