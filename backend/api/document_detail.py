"""One document in full, and what a person changes about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api import families
from backend.api.deps import ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.documents import Document, ShownConcept, concept_fields, document_fields, tag_fields
from backend.api.idempotency import Answer, OnceDep
from backend.domain.likeness import Layer
from backend.store import (
    clusters,
    concepts,
    document_lists,
    document_tags,
    documents,
    duplicates,
    fulltext,
    jobs,
    merges,
)


class ProvedConcept(ShownConcept):
    """With the quote that proves it; `start` and `end` are offsets into the document's text.

    One that came with a merged document says so; if its words are not in this text, the quote is that document's and
    the range is empty.
    """

    quote: str
    start: int
    end: int
    passage_id: int | None
    place: dict[str, Any] | None
    from_document_id: int | None


class MergedDocument(BaseModel):
    """A document that was merged into this one and can be had back by undoing that merge."""

    merge_id: int
    document_id: int
    title: str
    at: datetime


class LooksLike(BaseModel):
    """A document on the board that this one may be a duplicate of; `how` is a sentence about this one."""

    document_id: int
    title: str
    layer: Layer
    likeness: float
    how: str


class DocumentDetail(Document, families.Family):
    """One document with the proofs of its concepts, and what it came out of or holds."""

    concepts: list[ProvedConcept]  # type: ignore[assignment]  # the same word, with more about each
    cluster_source: str
    details: dict[str, Any]
    source_url: str | None
    merged: list[MergedDocument]
    looks_like: list[LooksLike]


class DocumentPatch(BaseModel):
    """What a person changes: the title, or the cluster the document belongs to."""

    title: str | None = Field(default=None, min_length=1, max_length=documents.LONGEST_TITLE)
    cluster_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


router = APIRouter(tags=["documents"])


@router.get("/documents/{document_id}")
def documentdetail(services: ServicesDep, principal: ReadAccess, document_id: RowId) -> DocumentDetail:
    """One document."""
    with services.database.session(principal.user_id) as session:
        return detail(session, principal.user_id, document_id)


def detail(session: Session, owner_id: int, document_id: int) -> DocumentDetail:
    """One document as the API shows it. Raises NotFound."""
    row = documents.get(session, owner_id, document_id)
    listed = document_lists.of_ids(session, owner_id, [document_id])[document_id]
    tagged = document_tags.of_documents(session, owner_id, [document_id])[document_id]
    newest = jobs.latest_of_documents(session, owner_id, [document_id])
    proved = [
        {
            **concept_fields(shown.concept, shown.link.confidence),
            "quote": shown.link.quote,
            "start": shown.link.start,
            "end": shown.link.end,
            "passage_id": shown.link.passage_id,
            "place": shown.place,
            "from_document_id": shown.link.from_document_id,
        }
        for shown in concepts.of_document(session, owner_id, document_id)
    ]
    fields = {
        **document_fields(listed),
        **families.of(session, owner_id, row),
        "tags": [tag_fields(one) for one in tagged],
        "merged": [one._asdict() for one in merges.into(session, owner_id, document_id)],
        "looks_like": [one._asdict() for one in duplicates.looks_like(session, owner_id, document_id)],
    }
    return DocumentDetail.model_validate({**fields, "concepts": proved, "job_id": newest.get(document_id)})


@router.patch("/documents/{document_id}", response_model=DocumentDetail)
def document_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId, patch: DocumentPatch
) -> JSONResponse:
    """Give a document another title, or put it into another cluster, where it stays."""
    owner_id = principal.user_id

    def change() -> Answer:
        document = documents.get(session, owner_id, document_id)
        if patch.cluster_id is not None:
            clusters.move(session, owner_id, document_id, patch.cluster_id)
        if patch.title is not None:
            documents.rename(session, document, patch.title)
            fulltext.retitle(session, document)
        session.expire(document)
        return Answer(detail(session, owner_id, document_id))

    with services.database.session(owner_id) as session:
        return once(session, change)
