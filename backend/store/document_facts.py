"""What rules may ask of documents, gathered for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.domain import tags
from backend.domain.tags import Facts
from backend.store import media, origins
from backend.store.cluster_rows import Cluster
from backend.store.concept_rows import SHOWN, Concept
from backend.store.document_urls import DocumentUrl
from backend.store.documents import Document, DocumentText


def of_documents(session: Session, owner_id: int, document_ids: Sequence[int], *, with_text: bool) -> dict[int, Facts]:
    """The facts of each document that is on the board; the text, which is long, only where a rule asks for it."""
    body = DocumentText.text if with_text else DocumentText.extractor
    rows = session.execute(
        select(Document, Cluster.name, origins.origin(), body)
        .outerjoin(Cluster, Cluster.id == Document.cluster_id)
        .outerjoin(DocumentText, DocumentText.document_id == Document.id)
        .where(Document.id.in_(document_ids), Document.owner_id == owner_id, Document.deleted_at.is_(None))
    ).all()
    concepts = _concepts(session, owner_id, document_ids)
    urls = _urls(session, owner_id, document_ids)
    return {
        document.id: tags.facts(
            title=document.title,
            filename=document.filename,
            url=[document.source_url or "", *urls.get(document.id, ())],
            text=text if with_text else None,
            type=[document.media_type, *media.families(document.media_type)],
            language=document.language,
            concept=concepts.get(document.id),
            cluster=cluster,
            source=[origin, document.kind],
        )
        for document, cluster, origin, text in rows
    }


def ids(session: Session, owner_id: int, *, after: int, limit: int) -> list[int]:
    """The documents on the board with an id above `after`, in order."""
    mine = (Document.owner_id == owner_id, Document.deleted_at.is_(None), Document.id > after)
    return list(session.scalars(select(Document.id).where(*mine).order_by(Document.id).limit(limit)))


def _concepts(session: Session, owner_id: int, document_ids: Sequence[int]) -> dict[int, list[str]]:
    """Under the names they are shown by, and those the documents themselves use."""
    rows = session.execute(
        select(SHOWN.c.document_id, Concept.name)
        .join(Concept, or_(Concept.id == SHOWN.c.concept_id, Concept.id == SHOWN.c.spelling_id))
        .where(SHOWN.c.document_id.in_(document_ids), SHOWN.c.owner_id == owner_id)
    )
    return _grouped(rows)


def _urls(session: Session, owner_id: int, document_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(DocumentUrl.document_id, DocumentUrl.url).where(
            DocumentUrl.document_id.in_(document_ids), DocumentUrl.owner_id == owner_id
        )
    )
    return _grouped(rows)


def _grouped(rows: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for document_id, value in rows:
        found.setdefault(document_id, []).append(value)
    return found
