"""Lists of documents: filters, orders, pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, UnaryExpression, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.store import media, origins
from backend.store.cluster_rows import Cluster
from backend.store.concept_rows import SHOWN, root
from backend.store.document_tags import DocumentTag
from backend.store.documents import Document
from backend.store.members import DocumentMember

SORTS: dict[str, tuple[InstrumentedAttribute[Any], bool]] = {
    "-created_at": (Document.created_at, True),
    "created_at": (Document.created_at, False),
    "-updated_at": (Document.updated_at, True),
    "title": (Document.title, False),
    "-title": (Document.title, True),
    "-size_bytes": (Document.size_bytes, True),
    "size_bytes": (Document.size_bytes, False),
}
"""The orders of a list: the column and whether it falls."""

Subcluster = aliased(Cluster)


@dataclass(frozen=True)
class Filter:
    """Which documents; None means any. `since` is included, `until` is not."""

    q: str | None = None
    cluster_id: int | None = None
    concept_id: int | None = None
    statuses: Sequence[str] | None = None
    type: str | None = None
    language: str | None = None
    parent_id: int | None = None
    tag_id: int | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    subcluster_id: int | None = None


class Listed(NamedTuple):
    """A document with the names of its cluster and of its sub-topic there."""

    document: Document
    cluster_name: str | None
    subcluster_name: str | None = None


def _where(owner_id: int, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Document.owner_id == owner_id, Document.deleted_at.is_(None)]
    if chosen.q:
        conditions.append(
            or_(
                Document.title.icontains(chosen.q, autoescape=True),
                Document.filename.icontains(chosen.q, autoescape=True),
            )
        )
    if chosen.concept_id is not None:
        showing = select(SHOWN.c.document_id).where(
            SHOWN.c.owner_id == owner_id, SHOWN.c.concept_id == root(owner_id, chosen.concept_id)
        )
        conditions.append(Document.id.in_(showing))
    if chosen.tag_id is not None:
        tagged = select(DocumentTag.document_id).where(DocumentTag.tag_id == chosen.tag_id)
        conditions.append(Document.id.in_(tagged))
    if chosen.statuses is not None:
        conditions.append(Document.status.in_(chosen.statuses))
    if chosen.type is not None:
        conditions.append(or_(*[Document.media_type.like(pattern) for pattern in media.patterns(chosen.type)]))
    if chosen.parent_id is not None:
        linked = select(DocumentMember.document_id).where(DocumentMember.archive_id == chosen.parent_id)
        conditions.append(or_(Document.parent_id == chosen.parent_id, Document.id.in_(linked)))
    return [*conditions, *_columns(chosen)]


def _columns(chosen: Filter) -> list[ColumnElement[bool]]:
    """What is said of the document itself."""
    said: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (chosen.cluster_id, Document.cluster_id.__eq__),
        (chosen.subcluster_id, Document.subcluster_id.__eq__),
        (chosen.language, Document.language.__eq__),
        (chosen.since, Document.created_at.__ge__),
        (chosen.until, Document.created_at.__lt__),
        (chosen.source, lambda source: origins.origin() == source.lower()),
    ]
    return [compared(value) for value, compared in said if value is not None]


def page(
    session: Session, owner_id: int, chosen: Filter, *, sort: str, after: tuple[Any, int] | None, limit: int
) -> list[Listed]:
    """Documents in the order `sort` (of SORTS), after the keyset cursor (value of the sort column, id)."""
    column, falls = SORTS[sort]
    conditions = _where(owner_id, chosen)
    if after is not None:
        key = tuple_(column, Document.id)
        conditions.append(key < after if falls else key > after)
    order: list[UnaryExpression[Any]] = [
        column.desc() if falls else column.asc(),
        Document.id.desc() if falls else Document.id.asc(),
    ]
    rows = session.execute(_listed().where(*conditions).order_by(*order).limit(limit))
    return [Listed(*row) for row in rows]


def total(session: Session, owner_id: int, chosen: Filter) -> int:
    """How many documents the filter lets through."""
    return session.scalar(select(func.count()).select_from(Document).where(*_where(owner_id, chosen))) or 0


def of_ids(session: Session, owner_id: int, document_ids: Sequence[int]) -> dict[int, Listed]:
    """The documents of these ids that are on the board, by id."""
    rows = session.execute(
        _listed().where(Document.id.in_(document_ids), Document.owner_id == owner_id, Document.deleted_at.is_(None))
    )
    return {row[0].id: Listed(*row) for row in rows}


def _listed() -> Any:
    return (
        select(Document, Cluster.name, Subcluster.name)
        .outerjoin(Cluster, Cluster.id == Document.cluster_id)
        .outerjoin(Subcluster, Subcluster.id == Document.subcluster_id)
    )
