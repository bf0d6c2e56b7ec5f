"""Lists of tags with how many documents have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.domain import words
from backend.store.document_tags import DocumentTag
from backend.store.documents import Document
from backend.store.tags import Tag


class Counted(NamedTuple):
    """A tag and how many documents on the board have it."""

    tag: Tag
    documents: int


def page(session: Session, owner_id: int, *, q: str | None, after: str | None, limit: int) -> tuple[list[Counted], int]:
    """The tags by name, those whose name has `q` in it, after the one whose key is `after`; and how many in all."""
    conditions: list[ColumnElement[bool]] = [Tag.owner_id == owner_id]
    if q:
        conditions.append(Tag.key.contains(words.folded(q), autoescape=True))
    total = session.scalar(select(func.count()).select_from(Tag).where(*conditions)) or 0
    if after is not None:
        conditions.append(Tag.key > after)
    rows = session.scalars(select(Tag).where(*conditions).order_by(Tag.key).limit(limit)).all()
    return counted(session, owner_id, rows), total


def counted(session: Session, owner_id: int, tags: Sequence[Tag]) -> list[Counted]:
    """These tags with how many documents have each."""
    count: dict[int, int] = dict(
        session.execute(
            select(DocumentTag.tag_id, func.count())
            .join(Document, Document.id == DocumentTag.document_id)
            .where(
                DocumentTag.tag_id.in_([tag.id for tag in tags]),
                DocumentTag.owner_id == owner_id,
                Document.deleted_at.is_(None),
            )
            .group_by(DocumentTag.tag_id)
        ).all()
    )
    return [Counted(tag, count.get(tag.id, 0)) for tag in tags]
