"""Duplicates as people see them: groups on the board, and what one document is like.

Groups are not kept: they follow from the pairs, so a document that is deleted, restored, merged or dismissed changes
them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import differences, duplicates
from backend.domain.duplicates import Facts, Group, Pair
from backend.domain.likeness import LAYERS
from backend.store import duplicate_pairs
from backend.store.documents import Document
from backend.store.duplicate_pairs import DuplicatePair
from backend.store.jobs import JobRow

KIND = "find_duplicates_background"
HINTS = 5


class Hint(NamedTuple):
    """A document that looks like another, and how."""

    document_id: int
    title: str
    layer: str
    likeness: float
    how: str


def pairs(session: Session, owner_id: int, *, of: int | None = None) -> list[Pair]:
    """The duplicates on the board, or those of one document: each two once, by their strongest layer."""
    return duplicates.strongest(_pair(row) for row in duplicate_pairs.found(session, owner_id, of=of))


def pair(session: Session, owner_id: int, a: int, b: int) -> Pair | None:
    """What is known of two documents that were compared and found alike, dismissed or not."""
    first, second = sorted((a, b))
    rows = session.scalars(
        select(DuplicatePair).where(
            DuplicatePair.owner_id == owner_id,
            DuplicatePair.a == first,
            DuplicatePair.b == second,
            DuplicatePair.layer.is_not(None),
        )
    )
    return next(iter(duplicates.strongest(_pair(row) for row in rows)), None)


def groups(session: Session, owner_id: int) -> tuple[list[Group], dict[int, Facts]]:
    """All groups, the most alike first, and what is known of their documents."""
    found = pairs(session, owner_id)
    known = facts(session, owner_id, {number for one in found for number in (one.a, one.b)})
    return duplicates.grouped([one for one in found if one.a in known and one.b in known], known), known


def facts(session: Session, owner_id: int, document_ids: Iterable[int]) -> dict[int, Facts]:
    """What a choice between documents needs to know."""
    columns = (Document.id, Document.media_type, Document.char_count, Document.size_bytes, Document.created_at)
    size = (Document.details["width"].as_integer(), Document.details["height"].as_integer())
    rows = session.execute(
        select(*columns, *size).where(
            Document.owner_id == owner_id, Document.deleted_at.is_(None), Document.id.in_(list(document_ids))
        )
    )
    return {row[0]: Facts(row[0], row[1], row[2] or 0, row[3], row[4], row[5] or 0, row[6] or 0) for row in rows}


def documents_of(session: Session, owner_id: int, document_ids: Iterable[int]) -> dict[int, Document]:
    """Those of these documents that are on the board."""
    mine = (Document.owner_id == owner_id, Document.deleted_at.is_(None), Document.id.in_(list(document_ids)))
    return {row.id: row for row in session.scalars(select(Document).where(*mine))}


def looks_like(session: Session, owner_id: int, document_id: int) -> list[Hint]:
    """What on the board this document is like, the strongest layer and the most alike first."""
    found = pairs(session, owner_id, of=document_id)
    found.sort(key=lambda one: (LAYERS.index(one.layer), -one.likeness, one.other(document_id)))
    nearest = found[:HINTS]
    rows = documents_of(session, owner_id, [one.other(document_id) for one in nearest])
    return [
        Hint(
            one.other(document_id),
            rows[one.other(document_id)].title,
            one.layer,
            round(one.likeness, 3),
            differences.how(one, document_id),
        )
        for one in nearest
        if one.other(document_id) in rows
    ]


def last_scan(session: Session, owner_id: int) -> JobRow | None:
    """The newest scan of this person's board."""
    mine = select(JobRow).where(JobRow.owner_id == owner_id, JobRow.kind == KIND)
    return session.scalar(mine.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(1))


def _pair(row: DuplicatePair) -> Pair:
    layer = row.layer or ""
    return Pair(row.a, row.b, layer, row.likeness, row.share_a, row.share_b, row.more_a, row.more_b)
