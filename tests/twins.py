"""Documents that are like each other, as tests need them: signed and on a board, without a model."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from backend.domain.content import Content
from backend.jobs import comparing, signing
from backend.store import documents, duplicate_candidates, duplicate_pairs, signatures
from backend.store.database import Database
from tests.factories import new_document

DELETED = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = np.array([f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("nd", "rk", "st", "l", "m", "")])


def prose(seed: int, words: int = 300, *, paragraph: int = 40) -> str:
    """A text that shares no phrase with one of another seed."""
    chosen = np.random.default_rng(seed).choice(_WORDS, words).tolist()
    return "\n\n".join(" ".join(chosen[at : at + paragraph]) for at in range(0, words, paragraph))


def changed(text: str, seed: int, share: float) -> str:
    """The same text with `share` of its words replaced, here and there."""
    rng = np.random.default_rng(seed)
    paragraphs = []
    for paragraph in text.split("\n\n"):
        words = [str(rng.choice(_WORDS)) if rng.random() < share else word for word in paragraph.split(" ")]
        paragraphs.append(" ".join(words))
    return "\n\n".join(paragraphs)


def add(database: Database, owner_id: int, name: str, text: str, *, media_type: str = "text/plain") -> int:
    """A document with this text, read but not signed, as boards from before signatures have them."""
    document_id = new_document(database, owner_id, name)
    with database.session(owner_id) as session:
        documents.save_text(session, document_id, Content(text=text, media_type=media_type), "test")
        documents.set_status(session, document_id, "completed")
    return document_id


def sign(database: Database, owner_id: int, document_id: int, *, compare: bool = True) -> None:
    """Sign the document, and compare it with its like, as its understanding does."""
    with database.session(owner_id) as session:
        document = documents.get(session, owner_id, document_id)
        text, _, _ = documents.content(session, document_id)
        signature = signing.signature_of(document, text)
        signing.keep(session, owner_id, document_id, signature)
        if not compare:
            return
        met = duplicate_candidates.meeting(session, owner_id, document_id, signature.keys, limit=24)
        pairs = [(min(document_id, other), max(document_id, other)) for other in met]
        duplicate_pairs.put(session, owner_id, duplicate_pairs.WORDS, comparing.by_words(session, owner_id, pairs))


def filed(database: Database, owner_id: int, name: str, text: str) -> int:
    """A document added, signed and compared."""
    document_id = add(database, owner_id, name, text)
    sign(database, owner_id, document_id)
    return document_id


def digest(database: Database, owner_id: int, document_id: int) -> int:
    """Which signature the document has."""
    with database.session(owner_id) as session:
        return signatures.of(session, owner_id, [document_id])[document_id].digest
