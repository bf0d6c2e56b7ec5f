"""Lists of jobs: filters, pages, counts, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from backend.store.documents import Document
from backend.store.jobs import OPEN_STATES, JobRow

Again = aliased(JobRow)


def _retried() -> ColumnElement[bool]:
    return exists().where(Again.retry_of == JobRow.id)


def _helped() -> ColumnElement[bool]:
    """A failure that is nobody's concern any more: retried, its document worked on since, or in the trash."""
    since = exists().where(Again.document_id == JobRow.document_id, Again.created_at > JobRow.created_at)
    trashed = exists().where(Document.id == JobRow.document_id, Document.deleted_at.is_not(None))
    return or_(_retried(), since, trashed)


_ALONE = JobRow.parent_id.is_(None)
"""A job of a batch is stood for by its batch, unless it needs attention of its own."""

GROUPS: dict[str, ColumnElement[bool]] = {
    "attention": and_(JobRow.state == "FAILURE", ~_helped()),
    "running": and_(JobRow.state == "PROCESSING", _ALONE),
    "waiting": and_(JobRow.state.in_(("PENDING", "RETRY")), _ALONE),
    "done": and_(or_(JobRow.state.in_(("SUCCESS", "REVOKED")), and_(JobRow.state == "FAILURE", _helped())), _ALONE),
}
"""The four groups of the Jobs page; every job that is no part of another is in exactly one."""


@dataclass(frozen=True)
class Filter:
    """Which jobs; None means any. `states` may hold names of states and of GROUPS."""

    states: Sequence[str] | None = None
    kind: str | None = None
    queue: str | None = None
    q: str | None = None
    ids: Sequence[UUID] | None = None
    not_retried: bool = False


def _where(owner_id: int, chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [JobRow.owner_id == owner_id]
    if chosen.states is not None:
        conditions.append(or_(*[GROUPS.get(state, JobRow.state == state) for state in chosen.states]))
    if chosen.kind:
        conditions.append(JobRow.kind == chosen.kind)
    if chosen.queue:
        conditions.append(JobRow.queue == chosen.queue)
    if chosen.ids is not None:
        conditions.append(JobRow.id.in_(chosen.ids))
    if chosen.not_retried:
        conditions.append(~_retried())
    if chosen.q:
        conditions.append(
            JobRow.document_id.in_(
                select(Document.id).where(
                    Document.owner_id == owner_id,
                    or_(
                        Document.filename.icontains(chosen.q, autoescape=True),
                        Document.title.icontains(chosen.q, autoescape=True),
                    ),
                )
            )
        )
    return conditions


def page(
    session: Session, owner_id: int, chosen: Filter, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[JobRow]:
    """Jobs newest first, after the keyset cursor `(created_at, id)`."""
    conditions = _where(owner_id, chosen)
    if after is not None:
        conditions.append(tuple_(JobRow.created_at, JobRow.id) < tuple_(*after))
    statement = select(JobRow).where(*conditions).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)
    return list(session.scalars(statement))


def total(session: Session, owner_id: int, chosen: Filter) -> int:
    """How many jobs the filter lets through."""
    return session.scalar(select(func.count()).select_from(JobRow).where(*_where(owner_id, chosen))) or 0


def counts(session: Session, owner_id: int) -> dict[str, int]:
    """How many of this person's jobs are in each of GROUPS."""
    columns = [func.count().filter(condition).label(name) for name, condition in GROUPS.items()]
    row = session.execute(select(*columns).where(JobRow.owner_id == owner_id)).mappings().one()
    return {name: int(row[name]) for name in GROUPS}


def filenames(session: Session, owner_id: int, rows: Sequence[JobRow]) -> dict[int, str]:
    """The file name of each job's document, by document id."""
    ids = [row.document_id for row in rows if row.document_id is not None]
    statement = select(Document.id, Document.filename).where(Document.id.in_(ids), Document.owner_id == owner_id)
    return {row.id: row.filename for row in session.execute(statement)}


def changed_since(session: Session, owner_id: int, since: datetime, *, limit: int = 200) -> list[JobRow]:
    """This person's jobs that changed after `since`, oldest change first."""
    fresh: list[Any] = [
        JobRow.owner_id == owner_id,
        JobRow.updated_at > since,
        # both halves have an index; the jobs finished long ago are not looked at
        or_(JobRow.state.in_(OPEN_STATES), JobRow.finished_at > since),
    ]
    return list(session.scalars(select(JobRow).where(*fresh).order_by(JobRow.updated_at).limit(limit)))
