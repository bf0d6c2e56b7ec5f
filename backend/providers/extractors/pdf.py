"""PDF with a text layer: the words come page by page as they stand, headings as far as kreuzberg recognises them."""

from __future__ import annotations

import re

import kreuzberg

from backend.domain.text import Piece, clean, drop_furniture, mend_hyphens, unwrap
from backend.providers.extractors import refusals
from backend.providers.extractors.by_kreuzberg import extract, kept, title_of, unmark
from backend.providers.extractors.draft import Draft, Source

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)


def read(source: Source) -> Draft:
    """A piece per page. Raises Unreadable `encrypted`, `corrupt`, `no_text`."""
    passwords = [source.password] if source.password else None
    result = extract(
        source,
        pages=kreuzberg.PageConfig(extract_pages=True),
        pdf_options=kreuzberg.PdfConfig(passwords=passwords, extract_metadata=True),
    )
    pages = sorted(result.pages or [], key=lambda page: page["page_number"])
    # kreuzberg's Markdown leaves out what it takes for furniture, and sometimes that is the text: the pages are whole.
    texts = drop_furniture([page["content"].replace("\r\n", "\n").replace("\r", "\n") for page in pages])
    headings = {_squeeze(unmark(title)): marks for marks, title in _HEADING.findall(result.content)}
    draft = Draft(title=title_of(result.metadata), metadata=kept(result.metadata))
    blank = 0
    for page, text in zip(pages, texts, strict=True):
        draft.pieces.append(Piece(_readable(text, headings), {"page": page["page_number"]}))
        blank += not page["content"].strip()
    if pages and blank == len(pages):
        raise refusals.only_pictures()
    if blank:
        draft.warn("pages_without_text", f"{blank} of {len(pages)} pages have no text; they may be pictures.")
    draft.metadata["page_count"] = len(pages)
    return draft


def _readable(text: str, headings: dict[str, str]) -> str:
    lines = [
        f"\n{headings[_squeeze(line)]} {line.strip()}\n" if _squeeze(line) in headings else line
        for line in text.split("\n")
    ]
    return unwrap(mend_hyphens("\n".join(lines))) if clean(text) else ""


def _squeeze(line: str) -> str:
    return re.sub(r"\W+", "", line).casefold()
