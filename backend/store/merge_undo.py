"""Taking a merge back from what it wrote down."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.store import clusters, merge_changes
from backend.store.cluster_rows import Cluster
from backend.store.documents import Document
from backend.store.merge_changes import MergeChange
from backend.store.merge_union import ANCHORED, FILED

ADDED_BY = {"document_concepts": ("from_document_id",)}
"""Columns that tell a row the merge added from one that came later; reading again may change the others."""

ALWAYS = {"highlights": ANCHORED}
"""Columns that belong to the text a row stands in, so they go back whatever became of them in the other text."""


def undo(session: Session, owner_id: int, merge_id: int, gone_ids: Sequence[int]) -> None:
    """Put every changed row back as far as nobody changed it since, and file the documents where they were."""
    changes = merge_changes.of_merge(session, owner_id, merge_id)
    for change in changes:
        if change.row_table == "clusters":
            _bring_back(session, change)
    for change in changes:
        if change.row_table != "clusters":
            _take_back(session, change, gone_ids)
    session.expire_all()
    for change in changes:
        if change.row_table == "documents" and change.row_key["id"] in gone_ids:
            _file(session, owner_id, change)
    session.expire_all()


def _bring_back(session: Session, change: MergeChange) -> None:
    """A cluster that vanished with its last document comes back, empty, with its id and its name."""
    before = dict(change.before or {})
    if session.get(Cluster, before["id"]) is not None:
        return
    if before.get("parent_id") is not None and session.get(Cluster, before["parent_id"]) is None:
        return
    merge_changes.put_whole(session, "clusters", {**before, "document_count": 0})


def _take_back(session: Session, change: MergeChange, gone_ids: Sequence[int]) -> None:
    # where a document is filed is for `clusters` to count
    filed = change.row_table == "documents" and change.row_key["id"] in gone_ids
    merge_changes.take_back(
        session,
        change,
        always=ALWAYS.get(change.row_table, ()),
        leave=FILED if filed else (),
        added_by=ADDED_BY.get(change.row_table),
    )


def _file(session: Session, owner_id: int, change: MergeChange) -> None:
    """Count a document in where it was; one that was in no cluster stays in none."""
    before = change.before or {}
    document = session.get_one(Document, change.row_key["id"])
    if before["cluster_id"] is None:
        return
    for name in ("cluster_id", "subcluster_id"):
        if before[name] is not None and session.get(Cluster, before[name]) is not None:
            setattr(document, name, before[name])
    session.flush()
    clusters.put_back(session, owner_id, document.id)
    if document.cluster_id == before["cluster_id"]:
        merge_changes.put(session, change, {"cluster_source": before["cluster_source"]})
