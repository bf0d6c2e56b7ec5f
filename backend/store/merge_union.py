"""What comes together when documents are merged, and which rows are watched while it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.orm import Session

from backend.domain.highlights import Anchor, anchored
from backend.store import carried_concepts
from backend.store.document_urls import DocumentUrl
from backend.store.documents import Document, DocumentText
from backend.store.highlights import Highlight
from backend.store.members import DocumentMember
from backend.store.merge_changes import Row, Snapshot, rows
from backend.store.notes import Note

FILED = ("cluster_id", "subcluster_id", "cluster_source")
"""Columns of a document that say where it is filed; undoing needs them, changed or not."""

ANCHORED = ("start", "end", "quote", "before", "after", "lost")
"""Columns of a highlight that belong to the text it stands in."""

OF_DOCUMENTS = (
    ("document_urls", ("owner_id", "url")),
    ("document_members", ("archive_id", "ordinal")),
    ("document_concepts", ("document_id", "concept_id")),
    ("document_tags", ("document_id", "tag_id")),
    ("notes", ("id",)),
    ("highlights", ("id",)),
)
"""Tables, with their keys, whose rows a merge moves from one `document_id` to another, or adds."""


TAG = text(
    """INSERT INTO document_tags (document_id, tag_id, owner_id, source, created_at)
       SELECT :kept_id, tag_id, owner_id, 'person', min(created_at) FROM document_tags AS had
       WHERE document_id = ANY(:ids) AND owner_id = :owner_id
         AND NOT EXISTS (SELECT FROM document_tags_refused AS refused
                         WHERE refused.document_id = :kept_id AND refused.tag_id = had.tag_id)
       GROUP BY tag_id, owner_id ORDER BY tag_id ON CONFLICT DO NOTHING RETURNING tag_id"""
)


class Watch:
    """Remembers the rows a merge may change, and tells in the end which it did."""

    def __init__(self, session: Session, owner_id: int, kept_id: int, gone_ids: Sequence[int]) -> None:
        self.ids, self.gone_ids = [kept_id, *gone_ids], list(gone_ids)
        self.documents = Snapshot(session, owner_id, "documents", ("id",))
        taken = self.documents.take("id", self.ids)
        self.children = [row["id"] for row in self.documents.take("parent_id", self.gone_ids)]
        self.others = [Snapshot(session, owner_id, table, key) for table, key in OF_DOCUMENTS]
        for snapshot in self.others:
            snapshot.take("document_id", self.ids)
        filed = {row[name] for row in taken if row["id"] in self.gone_ids for name in ("cluster_id", "subcluster_id")}
        self.clusters = rows(session, owner_id, "clusters", "id", [number for number in filed if number is not None])

    def changes(self) -> list[Row]:
        """Every changed row, as `merge_changes.keep` takes it.

        Clusters come first, and so are undone last but found first; one that is still there needs nothing.
        """
        changed = [
            {"row_table": "clusters", "row_key": {"id": row["id"]}, "before": row, "after": {}} for row in self.clusters
        ]
        for change in self.documents.changes("id", [*self.ids, *self.children]):
            if change["row_key"]["id"] in self.gone_ids:
                self.documents.remember(change, FILED)
            changed.append(change)
        for snapshot in self.others:
            for change in snapshot.changes("document_id", self.ids):
                snapshot.remember(change, ANCHORED if snapshot.table == "highlights" else ())
                changed.append(change)
        return changed


def unite(session: Session, owner_id: int, kept: Document, gone: Sequence[Document]) -> dict[str, int]:
    """Bring everything to the kept document; how many of each came."""
    ids = [document.id for document in gone]
    return {
        "tags": _tag(session, owner_id, kept.id, ids),
        "concepts": carried_concepts.carry(session, owner_id, kept, gone),
        "notes": _repoint(session, owner_id, Note, kept.id, ids),
        "highlights": _highlight(session, owner_id, kept.id, ids),
        "urls": _repoint(session, owner_id, DocumentUrl, kept.id, ids),
        "children": _adopt(session, owner_id, kept.id, ids),
        "members": _repoint(session, owner_id, DocumentMember, kept.id, ids, DocumentMember.archive_id != kept.id),
    }


def _repoint(
    session: Session, owner_id: int, table: Any, kept_id: int, ids: Sequence[int], *more: ColumnElement[bool]
) -> int:
    """Let what leads to the merged documents lead to the kept one."""
    moved = session.execute(
        update(table)
        .where(table.owner_id == owner_id, table.document_id.in_(ids), *more)
        .values(document_id=kept_id)
        .returning(table.document_id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


def _tag(session: Session, owner_id: int, kept_id: int, ids: Sequence[int]) -> int:
    """Copy the tags the kept document lacks, as its person's: no rule put them there, and none takes them away.

    One that a person took off it stays off.
    """
    return len(session.execute(TAG, {"owner_id": owner_id, "kept_id": kept_id, "ids": list(ids)}).all())


def _highlight(session: Session, owner_id: int, kept_id: int, ids: Sequence[int]) -> int:
    """Move the highlights to where their quotes stand in the kept text; one that stands nowhere is lost, but kept."""
    mine = (Highlight.document_id.in_(ids), Highlight.owner_id == owner_id)
    moved = session.scalars(select(Highlight).where(*mine).order_by(Highlight.id).with_for_update()).all()
    if not moved:
        return 0
    text_of = (DocumentText.document_id == kept_id, DocumentText.owner_id == owner_id)
    kept_text = session.scalar(select(DocumentText.text).where(*text_of)) or ""
    anchors = [Anchor(row.start, row.end, row.quote, row.before, row.after) for row in moved]
    for row, place in zip(moved, anchored(kept_text, anchors), strict=True):
        row.document_id, row.lost = kept_id, place is None
        if place is not None:
            row.start, row.end = place.start, place.end
    session.flush()
    return len(moved)


def _adopt(session: Session, owner_id: int, kept_id: int, ids: Sequence[int]) -> int:
    """What came out of the merged documents is the kept one's from now on, wherever it is."""
    moved = session.execute(
        update(Document)
        .where(Document.owner_id == owner_id, Document.parent_id.in_(ids), Document.id != kept_id)
        .values(parent_id=kept_id)
        .returning(Document.id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())
