"""Which documents meet in a bucket: of the whole board by one pass over the buckets, of one document by its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.domain.buckets import LARGEST
from backend.domain.shingles import Keys
from backend.domain.signatures import Kind
from backend.store.documents import Document

FETCHED = 10_000

# more memory than a request has: else a large board is sorted on the disk
ROOM = text("SELECT set_config('work_mem', '128MB', true)")
BUCKETS = text(
    """SELECT DISTINCT ids FROM (
           SELECT array_agg(document_id ORDER BY document_id) AS ids FROM duplicate_bands
           WHERE owner_id = :owner_id AND kind = ANY(:kinds) GROUP BY kind, key HAVING count(*) > 1) AS bucket"""
)
MEETING = text(
    """SELECT met.document_id AS id, count(*) AS keys, min(wanted.kind) AS kind
       FROM unnest(CAST(:kinds AS smallint[]), CAST(:keys AS bigint[])) AS wanted (kind, key)
            CROSS JOIN LATERAL (
                SELECT document_id FROM duplicate_bands
                WHERE owner_id = :owner_id AND kind = wanted.kind AND key = wanted.key AND document_id <> :document_id
                ORDER BY document_id DESC LIMIT :largest) AS met
            JOIN documents d ON d.id = met.document_id AND d.owner_id = :owner_id AND d.deleted_at IS NULL
       GROUP BY met.document_id ORDER BY min(wanted.kind) > 1, count(*) DESC, met.document_id LIMIT :limit"""
)


def buckets(session: Session, owner_id: int, kinds: Sequence[Kind]) -> Iterator[list[int]]:
    """The documents of every bucket of these kinds that holds two or more, by id; the same company once."""
    session.execute(ROOM)
    values = {"owner_id": owner_id, "kinds": [int(kind) for kind in kinds]}
    yield from session.execute(BUCKETS, values, execution_options={"yield_per": FETCHED}).scalars()


def meeting(
    session: Session, owner_id: int, document_id: int, keys: Mapping[Kind, Keys], *, limit: int
) -> dict[int, int]:
    """Documents on the board that share a bucket with this one, and how many buckets; the likeliest come first.

    Of a bucket that thousands share, the newest are looked at.
    """
    values = {
        "owner_id": owner_id,
        "document_id": document_id,
        "kinds": [int(kind) for kind, found in keys.items() for _ in range(len(found))],
        "keys": [key for found in keys.values() for key in found.tolist()],
        "largest": LARGEST,
        "limit": limit,
    }
    return {row.id: row.keys for row in session.execute(MEETING, values)}


def in_trash(session: Session, owner_id: int) -> list[int]:
    """The documents that no pair may have."""
    return list(
        session.scalars(select(Document.id).filter_by(owner_id=owner_id).where(Document.deleted_at.is_not(None)))
    )
