"""Documents on the board, in lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, ServicesDep
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.store import concepts, document_lists, document_tags, jobs
from backend.store.concept_rows import Concept
from backend.store.document_lists import Listed
from backend.store.documents import STATUSES

RowFilter = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
Sort = Literal["-created_at", "created_at", "-updated_at", "title", "-title", "-size_bytes", "size_bytes"]


class ShownConcept(BaseModel):
    """A concept as a document shows it."""

    id: int
    name: str
    category: str
    confidence: float


class ShownTag(BaseModel):
    """A tag as a document has it: given by a person, who alone takes it off, or by the tag's rule."""

    id: int
    name: str
    colour: str
    source: Literal["person", "rule"]


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
    subcluster_id: int | None
    subcluster_name: str | None
    parent_id: int | None
    concepts: list[ShownConcept]
    tags: list[ShownTag]
    job_id: UUID | None
    created_at: datetime
    updated_at: datetime


class DocumentList(BaseModel):
    """A page of documents."""

    items: list[Document]
    next_cursor: str | None
    total: int


router = APIRouter(tags=["documents"])


def items(session: Session, owner_id: int, rows: list[Listed]) -> list[Document]:
    """Rows as the API shows them, with their concepts, tags and newest jobs: one query each, however many rows."""
    ids = [row.document.id for row in rows]
    shown = concepts.of_documents(session, owner_id, ids)
    tagged = document_tags.of_documents(session, owner_id, ids)
    newest = jobs.latest_of_documents(session, owner_id, ids)
    return [
        Document.model_validate(
            {
                **document_fields(row),
                "concepts": [concept_fields(concept, confidence) for concept, confidence in shown[row.document.id]],
                "tags": [tag_fields(one) for one in tagged[row.document.id]],
                "job_id": newest.get(row.document.id),
            }
        )
        for row in rows
    ]


def document_fields(row: Listed) -> dict[str, Any]:
    """The columns of a document as the API names them."""
    columns = {column.key: getattr(row.document, column.key) for column in row.document.__table__.columns}
    return {**columns, "cluster_name": row.cluster_name, "subcluster_name": row.subcluster_name}


def concept_fields(concept: Concept, confidence: float) -> dict[str, Any]:
    """A concept as a document shows it."""
    return {
        "id": concept.id,
        "name": concept.name,
        "category": concept.category,
        "confidence": round(confidence, 3),
    }


def tag_fields(tagged: document_tags.Tagged) -> ShownTag:
    """A tag as a document has it."""
    tag = tagged.tag
    return ShownTag.model_validate({"id": tag.id, "name": tag.name, "colour": tag.colour, "source": tagged.source})


@router.get("/documents")
def document_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the title or the file name.")] = None,
    cluster: RowFilter = None,
    subcluster: RowFilter = None,
    concept: RowFilter = None,
    tag: RowFilter = None,
    status: Annotated[str | None, Query(max_length=200, description="One status, or several with commas.")] = None,
    type_: Annotated[str | None, Query(alias="type", max_length=100, description="pdf, office, …")] = None,
    language: Annotated[str | None, Query(max_length=10)] = None,
    source: Annotated[str | None, Query(max_length=255, description="A site, or file, text, image.")] = None,
    since: Annotated[datetime | None, Query(description="Added at this moment or later.")] = None,
    until: Annotated[datetime | None, Query(description="Added before this moment.")] = None,
    parent: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="An archive or a mail: what it held.")] = None,
    sort: Sort = "-created_at",
    cursor: str | None = None,
    limit: Limit = 50,
) -> DocumentList:
    """Documents on the board."""
    owner_id = principal.user_id
    chosen = document_lists.Filter(
        q, cluster, concept, _statuses(status), type_, language, parent, tag, source, since, until, subcluster
    )
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
