"""Documents: their lists, one of them, and what a person changes about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api import families
from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.store import clusters, concepts, document_lists, documents, fulltext, jobs
from backend.store.document_lists import Listed
from backend.store.documents import STATUSES

Sort = Literal["-created_at", "created_at", "-updated_at", "title", "-title", "-size_bytes", "size_bytes"]


class ShownConcept(BaseModel):
    """A concept as a document shows it."""

    id: int
    name: str
    category: str
    confidence: float


class ProvedConcept(ShownConcept):
    """With the quote that proves it; `start` and `end` are offsets into the document's text."""

    quote: str
    start: int
    end: int
    passage_id: int | None
    place: dict[str, Any] | None


class Document(BaseModel):
    """A document in a list."""

    id: int
    title: str
    filename: str
    kind: str
    media_type: str
    size_bytes: int
    status: str
    error: dict[str, Any] | None
    warnings: list[dict[str, Any]]
    language: str | None
    char_count: int | None
    cluster_id: int | None
    cluster_name: str | None
    parent_id: int | None
    concepts: list[ShownConcept]
    job_id: UUID | None
    created_at: datetime
    updated_at: datetime


class DocumentDetail(Document, families.Family):
    """One document with the proofs of its concepts, and what it came out of or holds."""

    concepts: list[ProvedConcept]  # type: ignore[assignment]  # the same word, with more about each
    cluster_source: str
    details: dict[str, Any]
    source_url: str | None


class DocumentList(BaseModel):
    """A page of documents."""

    items: list[Document]
    next_cursor: str | None
    total: int


class DocumentPatch(BaseModel):
    """What a person changes: the title, or the cluster the document belongs to."""

    title: str | None = Field(default=None, min_length=1, max_length=documents.LONGEST_TITLE)
    cluster_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


router = APIRouter(tags=["documents"])


def items(session: Session, owner_id: int, rows: list[Listed]) -> list[Document]:
    """Rows as the API shows them, with their concepts and newest jobs."""
    ids = [row.document.id for row in rows]
    shown = concepts.of_documents(session, owner_id, ids)
    newest = jobs.latest_of_documents(session, owner_id, ids)
    return [
        Document.model_validate(
            {
                **_fields(row),
                "concepts": [_concept(concept, confidence) for concept, confidence in shown[row.document.id]],
                "job_id": newest.get(row.document.id),
            }
        )
        for row in rows
    ]


def _fields(row: Listed) -> dict[str, Any]:
    columns = {column.key: getattr(row.document, column.key) for column in row.document.__table__.columns}
    return {**columns, "cluster_name": row.cluster_name}


def _concept(concept: concepts.Concept, confidence: float) -> dict[str, Any]:
    return {
        "id": concept.id,
        "name": concept.name,
        "category": concept.category,
        "confidence": round(confidence, 3),
    }


@router.get("/documents")
def document_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the title or the file name.")] = None,
    cluster: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    concept: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    status: Annotated[str | None, Query(max_length=200, description="One status, or several with commas.")] = None,
    type_: Annotated[str | None, Query(alias="type", max_length=100, description="pdf, office, …")] = None,
    language: Annotated[str | None, Query(max_length=10)] = None,
    parent: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="An archive or a mail: what it held.")] = None,
    sort: Sort = "-created_at",
    cursor: str | None = None,
    limit: Limit = 50,
) -> DocumentList:
    """Documents on the board."""
    owner_id = principal.user_id
    chosen = document_lists.Filter(q, cluster, concept, _statuses(status), type_, language, parent)
    after = _after(cursor, sort)
    with services.database.session(owner_id) as session:
        rows = document_lists.page(session, owner_id, chosen, sort=sort, after=after, limit=limit + 1)
        shown = items(session, owner_id, rows[:limit])
        total = document_lists.total(session, owner_id, chosen)
    return DocumentList(items=shown, next_cursor=_cursor(rows, limit, sort), total=total)


def _statuses(given: str | None) -> list[str] | None:
    if not given:
        return None
    names = [name.strip() for name in given.split(",")]
    for name in names:
        if name not in STATUSES:
            raise InvalidInput(
                f"There is no status “{name[:40]}”.", code="unknown_status", hint=f"Use {', '.join(STATUSES)}."
            )
    return names


def _after(cursor: str | None, sort: str) -> tuple[Any, int] | None:
    if cursor is None:
        return None
    key, document_id = cursors.decode(cursor, 2)
    if sort.endswith("_at"):
        key = cursors.moment(key)
    elif sort.endswith("size_bytes"):
        key = cursors.number(key)
    else:
        key = str(key)
    return key, cursors.number(document_id)


def _cursor(rows: list[Listed], limit: int, sort: str) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1].document
    key = getattr(last, sort.removeprefix("-"))
    return cursors.encode(key.isoformat() if isinstance(key, datetime) else key, last.id)


@router.get("/documents/{document_id}")
def documentdetail(services: ServicesDep, principal: ReadAccess, document_id: RowId) -> DocumentDetail:
    """One document."""
    with services.database.session(principal.user_id) as session:
        return detail(session, principal.user_id, document_id)


def detail(session: Session, owner_id: int, document_id: int) -> DocumentDetail:
    """One document as the API shows it. Raises NotFound."""
    row = documents.get(session, owner_id, document_id)
    cluster = clusters.get(session, owner_id, row.cluster_id) if row.cluster_id is not None else None
    newest = jobs.latest_of_documents(session, owner_id, [document_id])
    proved = [
        {
            **_concept(shown.concept, shown.link.confidence),
            "quote": shown.link.quote,
            "start": shown.link.start,
            "end": shown.link.end,
            "passage_id": shown.link.passage_id,
            "place": shown.place,
        }
        for shown in concepts.of_document(session, owner_id, document_id)
    ]
    fields = {**_fields(Listed(row, cluster.name if cluster else None)), **families.of(session, owner_id, row)}
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
