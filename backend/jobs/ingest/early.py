"""Pages that were read are found by their words while the rest of their document is still being read.

Only in documents that nobody has read before: of any other the old text is what is found until the new one is whole.
They go when the document is understood, for then all of its passages are there, and when its job ends in vain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from backend.domain import chunks as chunking
from backend.domain import languages
from backend.domain.content import Content, Part
from backend.store import document_pages, passages
from backend.store.documents import Document

_OF_A_PAGE = 10_000
"""Ordinals kept for the passages of one page, in the order of pages."""
_CHARS_OF_A_TOKEN = 3


def show_page(session: Session, document: Document, number: int, text: str) -> None:
    """Let one page be found; offsets are those in `text`."""
    if was_read(document) or not text:
        return
    cut = chunking.split(text, [Part(0, len(text), {"page": number})], count_tokens=_roughly)
    placed = [replace(chunk, ordinal=number * _OF_A_PAGE + chunk.ordinal) for chunk in cut]
    passages.add_early(session, document.owner_id, document.id, placed, languages.guess(text))


def show_all(session: Session, document: Document, content: Content) -> None:
    """The whole text is there, in place of its pages; to be called before it is saved."""
    if was_read(document):
        return
    passages.drop_early(session, document.owner_id, document.id)
    cut = chunking.split(content.text, content.parts, count_tokens=_roughly)
    language = content.language or languages.guess(content.text)
    passages.add_early(session, document.owner_id, document.id, cut, language)


def forget(session: Session, owner_id: int, document_id: int) -> None:
    """The job has ended in vain: what was shown of an unfinished reading goes."""
    passages.drop_early(session, owner_id, document_id)
    document = session.get(Document, document_id)
    if document is not None and not was_read(document):
        document_pages.forget(session, owner_id, document_id)


def was_read(document: Document) -> bool:
    """Whether its text has been on the board."""
    return document.char_count is not None


def _roughly(texts: Sequence[str]) -> list[int]:
    """As many tokens as a tokenizer would find at most, or a few more: these passages get no vector."""
    return [len(text) // _CHARS_OF_A_TOKEN + 1 for text in texts]
