"""Tags on documents: those of one, and some of many at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backend.api.deps import RowId, ServicesDep, UploadAccess
from backend.api.documents import ShownTag, tag_fields
from backend.api.idempotency import Answer, OnceDep
from backend.domain import tags
from backend.store import document_tags

Names = Annotated[list[str], Field(max_length=50)]


class TagNames(BaseModel):
    """All tags the document shall have; those that the board does not know are made."""

    names: Names


class TagsOfDocument(BaseModel):
    """The tags a document has now."""

    document_id: int
    tags: list[ShownTag]


class TagChange(BaseModel):
    """Names of tags to give to all of the documents, and to take off them."""

    document_ids: list[int] = Field(min_length=1, max_length=1000)
    add: Names = Field(default_factory=list)
    remove: Names = Field(default_factory=list)


class TagsChanged(BaseModel):
    """The tags of each of the documents now."""

    items: list[TagsOfDocument]


router = APIRouter(tags=["tags"])


@router.put("/documents/{document_id}/tags", response_model=TagsOfDocument)
def document_tags_put(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, document_id: RowId, wanted: TagNames
) -> JSONResponse:
    """Let a document have exactly these tags. A tag that is taken off is not put back by a rule."""
    owner_id = principal.user_id
    names = _by_key(wanted.names)

    def put() -> Answer:
        document_tags.put(session, owner_id, document_id, names)
        tagged = document_tags.of_documents(session, owner_id, [document_id])[document_id]
        return Answer(TagsOfDocument(document_id=document_id, tags=[tag_fields(one) for one in tagged]))

    with services.database.session(owner_id) as session:
        return once(session, put)


@router.post("/documents/tags", response_model=TagsChanged)
def document_tags_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, change: TagChange
) -> JSONResponse:
    """Give tags to many documents at once, or take them off; all of it, or nothing when a document is not there."""
    owner_id = principal.user_id
    add, remove = _by_key(change.add), _by_key(change.remove)
    document_ids = sorted(set(change.document_ids))

    def write() -> Answer:
        document_tags.change(session, owner_id, document_ids, add=add, remove=remove)
        tagged = document_tags.of_documents(session, owner_id, document_ids)
        items = [
            TagsOfDocument(document_id=document_id, tags=[tag_fields(one) for one in tagged[document_id]])
            for document_id in document_ids
        ]
        return Answer(TagsChanged(items=items))

    with services.database.session(owner_id) as session:
        return once(session, write)


def _by_key(names: list[str]) -> dict[str, str]:
    """Names as they are shown by names as they are compared; the first spelling of two counts. Raises InvalidInput."""
    checked = [tags.checked_name(name) for name in reversed(names)]
    return {key: shown for shown, key in checked}
