"""The full-text index of the passages.

This table alone has no row-level security (the migration says why): only this file, `matches` and `search` name it,
always with the owner, and passages are read elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain import words
from backend.domain.chunks import Chunk
from backend.store.database import Base
from backend.store.documents import Document

CONFIGS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""PostgreSQL's stemmers by language; every other language is searched by its words as they are written."""

# Weight A marks stems and D the words as written: a stem is matched as `run:A`, a prefix as `runn:*D`, and each word
# of a passage can be counted once. The first passage also has the title, under B.
TITLE_WORDS = """setweight(to_tsvector(CAST(:config AS regconfig), :title), 'B')
                 || setweight(to_tsvector('simple', :title), 'B')"""
INDEX = text(
    f"""INSERT INTO passage_words (passage_id, document_id, owner_id, length, words)
        SELECT row.id, :document_id, :owner_id, row.length,
               setweight(to_tsvector(CAST(:config AS regconfig), row.spaced), 'A')
               || setweight(to_tsvector('simple', row.spaced), 'D')
               || CASE row.ordinal WHEN 0 THEN {TITLE_WORDS} ELSE '' END
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row
             (id bigint, ordinal integer, length integer, spaced text)"""
)
RETITLE = text(
    f"""UPDATE passage_words SET words = ts_filter(words, '{{a,d}}') || {TITLE_WORDS}
        WHERE owner_id = :owner_id AND passage_id = (
            SELECT id FROM passages WHERE document_id = :document_id AND ordinal = 0)"""
)


class PassageWords(Base):
    """The words of one passage, as the index has them; `length` is that of its text in characters."""

    __tablename__ = "passage_words"

    passage_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    length: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(TSVECTOR)


def config(language: str | None) -> str:
    """The full-text configuration for a language."""
    return CONFIGS.get(language or "", "simple")


def index(
    session: Session, owner_id: int, document_id: int, passages: Sequence[tuple[int, Chunk]], language: str | None
) -> None:
    """Index new passages, given with their ids."""
    document = session.get_one(Document, document_id)
    rows = [
        {"id": id_, "ordinal": chunk.ordinal, "length": len(chunk.text), "spaced": words.spaced(chunk.text)}
        for id_, chunk in passages
    ]
    session.execute(INDEX, _title(document, language) | {"owner_id": owner_id, "rows": json.dumps(rows)})


def retitle(session: Session, document: Document) -> None:
    """Let the document be found by its present title instead of the one before."""
    session.execute(RETITLE, _title(document, document.language) | {"owner_id": document.owner_id})


def _title(document: Document, language: str | None) -> dict[str, Any]:
    """Title and file name as words: a parser takes "budget_2024-final.xlsx" for one."""
    title = f"{document.title} {document.filename} {re.sub(r'[^0-9A-Za-z]+', ' ', document.filename)}"
    return {"document_id": document.id, "title": words.spaced(title), "config": config(language)}
