"""What a new document is like: its signature, and the likeliest of what is on the board compared with it at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.jobs import comparing, comparing_meaning, comparing_pictures, signing
from backend.jobs.ingest.reading import Filed, Reading, Write
from backend.jobs.job import Context
from backend.store import duplicate_candidates, duplicate_pairs, duplicates

BEST = 24
"""Candidates that are compared at once; the next scan compares all."""


def like(_context: Context, reading: Reading) -> Write:
    """Sign the text outside; find and compare its like within, where two uploads at once see each other.

    Comes after the cluster, whose lock lets the documents of one person be filed one after the other.
    """
    owner_id, document_id = reading.owner_id, reading.document.id
    signature = signing.signature_of(reading.document, reading.text)
    model = reading.embedder.model

    def write(session: Session, filed: Filed) -> None:
        signing.keep(session, owner_id, document_id, signature)
        met = duplicate_candidates.meeting(session, owner_id, document_id, signature.keys, limit=BEST)
        pairs = [(min(document_id, other), max(document_id, other)) for other in met]
        rows = comparing.by_words(session, owner_id, pairs)
        duplicate_pairs.put(session, owner_id, duplicate_pairs.WORDS, rows)
        comparing_meaning.keep(session, owner_id, document_id, model)
        comparing_pictures.compare_one(session, owner_id, document_id)
        hints = duplicates.looks_like(session, owner_id, document_id)
        filed.result["looks_like"] = [hint._asdict() for hint in hints]

    return write
