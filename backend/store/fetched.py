"""What becomes of a document once its address was fetched: it gets its bytes, or gives way to one that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.store import documents
from backend.store.document_urls import DocumentUrl
from backend.store.documents import Document
from backend.store.jobs import JobRow


def known(session: Session, document: Document, sha256: str, final_url: str, *, but: Sequence[str]) -> Document | None:
    """Another document of the same person that has these bytes, or that this address was found to lead to.

    `final_url` is normalised; by it, nothing is found whose status is one of `but`, and nothing for a document that
    has bytes of its own already.
    """
    twin = documents.by_blob(session, document.owner_id, sha256)
    if twin is not None:
        return None if twin.id == document.id else twin
    if document.blob_sha256 is not None:
        return None
    return session.scalar(
        select(Document)
        .join(DocumentUrl, DocumentUrl.document_id == Document.id)
        .where(
            DocumentUrl.owner_id == document.owner_id,
            DocumentUrl.url == final_url,
            Document.id != document.id,
            Document.deleted_at.is_(None),
            Document.blob_sha256.is_not(None),
            Document.status.not_in(but),
        )
    )


def give(session: Session, document: Document, values: Mapping[str, Any], details: Mapping[str, Any]) -> bool:
    """Give a document its bytes and what is known of them; False when another one got the same bytes this moment.

    `values` are columns; `details` are added to those it has, with the time of the database as `fetched_at`.
    """
    fetched_at = session.scalar(select(func.now()))
    kept = {**document.details, **details, "fetched_at": fetched_at.isoformat() if fetched_at else None}
    try:
        with session.begin_nested():
            session.execute(
                update(Document).where(Document.id == document.id).values(**values, details=kept, updated_at=func.now())
            )
    except IntegrityError:
        return False
    session.refresh(document)
    return True


def lead(session: Session, owner_id: int, urls: Sequence[str], document_id: int) -> None:
    """Let these normalised addresses lead to a document, unless they lead to another one on the board."""
    taken = set(
        session.scalars(
            select(DocumentUrl.url)
            .join(Document, Document.id == DocumentUrl.document_id)
            .where(
                DocumentUrl.owner_id == owner_id,
                DocumentUrl.url.in_(urls),
                DocumentUrl.document_id != document_id,
                Document.deleted_at.is_(None),
            )
        )
    )
    for url in dict.fromkeys(urls):
        if url not in taken:
            session.merge(DocumentUrl(owner_id=owner_id, url=url, document_id=document_id))
    session.flush()


def give_way(session: Session, placeholder: Document, known: Document) -> None:
    """The placeholder goes; its addresses and jobs belong to the document that was there before."""
    for table in (DocumentUrl, JobRow):
        statement = update(table).where(table.document_id == placeholder.id).values(document_id=known.id)
        session.execute(statement, execution_options={"synchronize_session": "fetch"})
    session.delete(placeholder)
    session.flush()
