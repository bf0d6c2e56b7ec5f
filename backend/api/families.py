"""What a document came out of, and what came out of it, as a document shows it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.store import documents, members

SHOWN = 200
"""Members shown with their archive; `GET /documents?parent=` pages through all documents."""


class Parent(BaseModel):
    """The archive or mail a document came out of."""

    id: int
    title: str
    filename: str


class Child(BaseModel):
    """One member of an archive or a mail.

    `outcome` is `new` (a document was made of it), `already_here` (its bytes were on the board), `failed` or `skipped`
    with the reason in `error`. `document_id` and `status` are null while there is no such document on the board.
    """

    name: str
    size_bytes: int
    outcome: str
    document_id: int | None
    status: str | None
    error: dict[str, Any] | None


class Family(BaseModel):
    """Both directions; `children_total` counts those beyond the first few, too."""

    parent: Parent | None
    children: list[Child]
    children_total: int


def of(session: Session, owner_id: int, document: documents.Document) -> dict[str, Any]:
    """The family of a document, as fields."""
    above = session.get(documents.Document, document.parent_id) if document.parent_id is not None else None
    here = above is not None and above.deleted_at is None
    children = [
        Child(
            name=member.name,
            size_bytes=member.size_bytes,
            outcome=member.outcome,
            document_id=child.id if child else None,
            status=child.status if child else None,
            error=member.error,
        )
        for member, child in members.first(session, owner_id, document.id, SHOWN)
    ]
    total = members.count(session, owner_id, document.id) if len(children) == SHOWN else len(children)
    parent = Parent(id=above.id, title=above.title, filename=above.filename) if above is not None and here else None
    return {"parent": parent, "children": children, "children_total": total}
