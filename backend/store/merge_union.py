"""What comes together when documents are merged, and which rows are watched while it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.store import carried_concepts
from backend.store.document_urls import DocumentUrl
from backend.store.documents import Document
from backend.store.members import DocumentMember
from backend.store.merge_changes import Row, Snapshot, rows

FILED = ("cluster_id", "subcluster_id", "cluster_source")
"""Columns of a document that say where it is filed; undoing needs them, changed or not."""

OF_DOCUMENTS = (
    ("document_urls", ("owner_id", "url")),
    ("document_members", ("archive_id", "ordinal")),
    ("document_concepts", ("document_id", "concept_id")),
)
"""Tables, with their keys, whose rows a merge moves from one `document_id` to another, or adds."""


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
            row = self.documents.rows[f"[{change['row_key']['id']}]"]
            if row["id"] in self.gone_ids:
                change["before"] |= {name: row[name] for name in FILED if name in row}
            changed.append(change)
        for snapshot in self.others:
            changed += snapshot.changes("document_id", self.ids)
        return changed


def unite(session: Session, owner_id: int, kept: Document, gone: Sequence[Document]) -> dict[str, int]:
    """Bring everything to the kept document; how many of each came."""
    ids = [document.id for document in gone]
    return {
        "tags": 0,
        "concepts": carried_concepts.carry(session, owner_id, kept, gone),
        "notes": 0,
        "highlights": 0,
        "urls": _repoint(session, owner_id, DocumentUrl, kept.id, ids),
        "children": _adopt(session, owner_id, kept.id, ids),
        "members": _repoint(session, owner_id, DocumentMember, kept.id, ids),
    }


def _repoint(session: Session, owner_id: int, table: Any, kept_id: int, ids: Sequence[int]) -> int:
    """Let what leads to the merged documents lead to the kept one."""
    moved = session.execute(
        update(table)
        .where(table.owner_id == owner_id, table.document_id.in_(ids))
        .values(document_id=kept_id)
        .returning(table.document_id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


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
