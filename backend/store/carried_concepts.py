"""Concepts that merged documents brought to the one that was kept, with evidence that can be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.domain import merging
from backend.store.concept_rows import Concept, DocumentConcept
from backend.store.documents import Document, DocumentText
from backend.store.passages import Passage


def carry(session: Session, owner_id: int, kept: Document, gone: Sequence[Document]) -> int:
    """Give the kept document the concepts of the merged ones that it does not show; how many.

    The quote is looked up in the kept text, or else a sentence that names the concept. Where neither is, the quote
    stays that of the merged document, as `from_document_id` says, and its range in the kept text is empty.
    """
    text = _text(session, owner_id, kept.id)
    has, rank = _shown(session, owner_id, kept.id)
    added = []
    for document in gone:
        rows = session.execute(
            select(DocumentConcept, Concept.name)
            .join(Concept, Concept.id == DocumentConcept.concept_id)
            .where(DocumentConcept.document_id == document.id, DocumentConcept.owner_id == owner_id)
            .order_by(DocumentConcept.rank)
        )
        for link, name in rows:
            if link.concept_id not in has:
                has.add(link.concept_id)
                rank += 1
                near = link.start / max(document.char_count or 1, 1)
                added.append(_row(session, kept, text, link, name, near) | {"rank": rank})
    if added:
        session.execute(insert(DocumentConcept), added)
    return len(added)


def anchor_again(session: Session, owner_id: int, document_id: int) -> None:
    """Look up the quotes of carried concepts again, after the document was read anew."""
    rows = session.execute(
        select(DocumentConcept, Concept.name)
        .join(Concept, Concept.id == DocumentConcept.concept_id)
        .where(
            DocumentConcept.document_id == document_id,
            DocumentConcept.owner_id == owner_id,
            DocumentConcept.from_document_id.is_not(None),
        )
    ).all()
    if not rows:
        return
    document = session.get_one(Document, document_id)
    text = _text(session, owner_id, document_id)
    for link, name in rows:
        anchored = _anchored(session, document, text, link.quote, name, link.start / max(len(text), 1))
        for column, value in anchored.items():
            setattr(link, column, value)
    session.flush()


def _row(session: Session, kept: Document, text: str, link: DocumentConcept, name: str, near: float) -> dict[str, Any]:
    return {
        "document_id": kept.id,
        "concept_id": link.concept_id,
        "owner_id": kept.owner_id,
        "confidence": link.confidence,
        "from_document_id": link.from_document_id or link.document_id,
        **_anchored(session, kept, text, link.quote, name, near),
    }


def _anchored(session: Session, kept: Document, text: str, quote: str, name: str, near: float) -> dict[str, Any]:
    found = merging.anchor(text, quote, near=near) or merging.mention(text, name)
    if found is None:
        return {"quote": quote, "start": 0, "end": 0, "passage_id": None}
    passage_id = session.scalar(
        select(Passage.id)
        .where(Passage.document_id == kept.id, Passage.owner_id == kept.owner_id, Passage.start <= found.start)
        .order_by(Passage.start.desc())
        .limit(1)
    )
    return {"quote": found.quote, "start": found.start, "end": found.end, "passage_id": passage_id}


def _text(session: Session, owner_id: int, document_id: int) -> str:
    query = select(DocumentText.text).where(DocumentText.document_id == document_id, DocumentText.owner_id == owner_id)
    return session.scalar(query) or ""


def _shown(session: Session, owner_id: int, document_id: int) -> tuple[set[int], int]:
    """The concepts a document shows, and the last rank among them."""
    mine = (DocumentConcept.document_id == document_id, DocumentConcept.owner_id == owner_id)
    ids = set(session.scalars(select(DocumentConcept.concept_id).where(*mine)))
    last = session.scalar(select(func.max(DocumentConcept.rank)).where(*mine))
    return ids, -1 if last is None else last
