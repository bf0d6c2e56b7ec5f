"""Makes the signatures of documents that have none, or an old one."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.domain import addresses
from backend.domain.errors import BoardError
from backend.domain.signatures import Signature, sign
from backend.jobs import comparing_pictures
from backend.jobs.job import Context
from backend.store import documents, duplicate_pairs, signatures
from backend.store.documents import Document

AT_ONCE = 50


def signature_of(document: Document, text: str) -> Signature:
    """The signature of a document with this text."""
    told = (document.source_url, document.details.get("canonical_url"), document.details.get("requested_url"))
    return sign(text, sorted({key for key in map(_key, told) if key}))


def keep(session: Session, owner_id: int, document_id: int, signature: Signature) -> None:
    """Keep it; what comparing the one before gave goes, if that was another."""
    if signatures.put(session, owner_id, document_id, signature):
        for compared in (duplicate_pairs.WORDS, duplicate_pairs.MEANING, duplicate_pairs.PICTURE):
            duplicate_pairs.forget(session, owner_id, document_id, compared)


def sign_all(context: Context, *, pictures: bool) -> None:
    """Sign every document on the board that is not signed as this version does it."""
    database, owner_id = context.services.database, context.owner_id
    with database.session(owner_id) as session:
        total = signatures.count_unsigned(session, owner_id)
    done = last = 0
    while True:
        context.progress(done / max(total, 1), f"Preparing, {done:,} of {total:,} documents..." if total else None)
        context.check()
        with database.session(owner_id) as session:
            ids = signatures.unsigned(session, owner_id, after=last, limit=AT_ONCE)
            for number, text in signatures.texts_of(session, owner_id, ids).items():
                keep(session, owner_id, number, signature_of(documents.get(session, owner_id, number), text))
        if not ids:
            break
        last, done = ids[-1], done + len(ids)
    if pictures:
        comparing_pictures.sign_all(context)


def _key(address: Any) -> str | None:
    if not address:
        return None
    try:
        return addresses.read(str(address)).key
    except BoardError:
        return None
