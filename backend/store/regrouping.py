"""Grouping a whole board anew: what is read for it, and the one transaction that writes it.

Between the two, documents come, go and are moved. Whatever is no longer as it was read keeps what became of it; a
document that came meanwhile is filed once more, beside the neighbours it has now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.domain.board_changes import BoardChanges
from backend.domain.cluster_changes import Change
from backend.domain.layout import Layout
from backend.domain.regrouping import Plan
from backend.store import cluster_changes, clusters, vectors
from backend.store.board_map import BoardGrouping
from backend.store.board_reading import Seen
from backend.store.cluster_rows import Cluster

MOST_LATE = 500
"""Documents that came meanwhile and are filed once more at once; more than these wait for the next grouping."""

MOVE = text(
    """UPDATE documents SET cluster_id = plan.topic, subcluster_id = plan.subtopic
       FROM unnest(CAST(:ids AS bigint[]), CAST(:old_topics AS bigint[]), CAST(:old_subtopics AS bigint[]),
                   CAST(:topics AS bigint[]), CAST(:subtopics AS bigint[]))
            AS plan (id, old_topic, old_subtopic, topic, subtopic)
       WHERE documents.id = plan.id AND documents.owner_id = :owner_id AND documents.deleted_at IS NULL
         AND documents.cluster_source = 'auto' AND documents.cluster_id IS NOT DISTINCT FROM plan.old_topic
         AND documents.subcluster_id IS NOT DISTINCT FROM plan.old_subtopic
         AND (plan.topic, plan.subtopic) IS DISTINCT FROM (plan.old_topic, plan.old_subtopic)"""
)
# a sub-topic may have been deleted, or its document moved, since the board was read
MEND = text(
    """UPDATE documents SET subcluster_id = NULL
       FROM clusters WHERE clusters.id = documents.subcluster_id AND documents.owner_id = :owner_id
         AND clusters.parent_id IS DISTINCT FROM documents.cluster_id"""
)
COUNT = """UPDATE clusters SET document_count = counted.documents, updated_at = now(),
              centroid = coalesce(counted.centroid, clusters.centroid), model = :model
       FROM (SELECT c.id, count(d.id) AS documents, avg(v.embedding) AS centroid
             FROM clusters c LEFT JOIN documents d ON d.deleted_at IS NULL AND d.owner_id = :owner_id
                       AND d.{column} = c.id
                  LEFT JOIN document_vectors v ON v.document_id = d.id AND v.model = :model
             WHERE c.owner_id = :owner_id AND (c.parent_id IS NULL) = :topics GROUP BY c.id) AS counted
       WHERE clusters.id = counted.id AND clusters.owner_id = :owner_id"""
"""For topics (`cluster_id`) or sub-topics (`subcluster_id`)."""
CLEAR = text(
    """DELETE FROM clusters WHERE owner_id = :owner_id AND document_count = 0 AND name_source = 'auto' AND NOT pinned
         AND NOT EXISTS (SELECT 1 FROM clusters AS part WHERE part.parent_id = clusters.id
             AND (part.document_count > 0 OR part.name_source = 'person' OR part.pinned))"""
)
PARENT = text("UPDATE clusters SET parent_id = :parent_id WHERE id = :id AND owner_id = :owner_id")
CENTRE = text(
    """UPDATE clusters SET x = plan.x, y = plan.y
       FROM unnest(CAST(:ids AS bigint[]), CAST(:xs AS real[]), CAST(:ys AS real[])) AS plan (id, x, y)
       WHERE clusters.id = plan.id AND clusters.owner_id = :owner_id"""
)
NAME = text(
    """UPDATE clusters SET name = plan.name
       FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[])) AS plan (id, name)
       WHERE clusters.id = plan.id AND clusters.owner_id = :owner_id AND name_source = 'auto'"""
)
PLACE = text(
    """INSERT INTO document_places (document_id, owner_id, x, y, grouped)
       SELECT plan.id, :owner_id, plan.x, plan.y, true
       FROM unnest(CAST(:ids AS bigint[]), CAST(:xs AS real[]), CAST(:ys AS real[])) AS plan (id, x, y)
            JOIN documents ON documents.id = plan.id AND documents.owner_id = :owner_id
       ON CONFLICT (document_id) DO UPDATE SET x = excluded.x, y = excluded.y, grouped = true"""
)
LATE = text(
    """SELECT id FROM documents WHERE owner_id = :owner_id AND deleted_at IS NULL AND cluster_source = 'auto'
         AND id <> ALL(:ids) AND EXISTS (SELECT 1 FROM document_vectors v
             WHERE v.document_id = documents.id AND v.model = :model AND l2_norm(v.embedding) > 0)
       ORDER BY id LIMIT :limit"""
)
NOWHERE = text(
    """SELECT id FROM documents
       WHERE owner_id = :owner_id AND id = ANY(:ids) AND cluster_id IS NULL AND deleted_at IS NULL ORDER BY id"""
)


@dataclass(frozen=True)
class Outcome:
    """A plan with the names of its clusters by key, and the map that belongs to it."""

    plan: Plan
    names: Mapping[int, str]
    layout: Layout


def write(session: Session, owner_id: int, model: str, seen: Seen, outcome: Outcome) -> list[Change]:
    """Put a plan into effect, as far as the board is still as it was `seen`; the changes, which are recorded too."""
    clusters.lock(session, owner_id)
    gone = set(seen.known) - set(session.scalars(select(Cluster.id).where(Cluster.owner_id == owner_id)))
    ids = _make(session, owner_id, model, outcome, gone, seen.vectors.shape[1])
    plan = outcome.plan

    def there(key: int | None) -> int | None:
        return None if key is None else ids.get(key)

    moved = {
        "owner_id": owner_id,
        "ids": [one.id for one in seen.documents],
        "old_topics": [one.cluster_id for one in seen.documents],
        "old_subtopics": [one.subcluster_id for one in seen.documents],
        "topics": [there(key) for key in plan.topics],
        "subtopics": [there(key) for key in plan.subtopics],
    }
    session.execute(MOVE, moved)
    _parent(session, owner_id, plan.parents, ids)
    session.execute(MEND, {"owner_id": owner_id})
    _place(session, owner_id, seen, outcome.layout, ids)
    _count(session, owner_id, model)
    _file_late(session, owner_id, model, [one.id for one in seen.documents])
    _name(session, owner_id, outcome.names, ids)
    session.execute(CLEAR, {"owner_id": owner_id})
    _note(session, owner_id, model, len(seen.documents))
    changes = BoardChanges(seen.documents, seen.known, plan, outcome.names, ids).changes()
    cluster_changes.record(session, owner_id, changes)
    return changes


def _make(
    session: Session, owner_id: int, model: str, outcome: Outcome, gone: set[int], dimension: int
) -> dict[int, int]:
    """Make the clusters that are new; the id of every key."""
    plan, sizes = outcome.plan, outcome.plan.sizes()
    ids = {key: key for key in sizes if key > 0 and key not in gone}
    empty = vectors.half(np.zeros(dimension))
    for are_parts in (False, True):
        fresh = [key for key in sizes if key < 0 and (key in plan.parents) == are_parts]
        # a sub-topic of a topic that was deleted meanwhile is not made
        wanted = [key for key in sorted(fresh, reverse=True) if not are_parts or plan.parents[key] in ids]
        made = [
            Cluster(
                owner_id=owner_id,
                name=outcome.names.get(key, ""),
                model=model,
                centroid=empty,
                parent_id=ids[plan.parents[key]] if are_parts else None,
            )
            for key in wanted
        ]
        session.add_all(made)
        session.flush()
        ids.update(zip(wanted, (cluster.id for cluster in made), strict=True))
    return ids


def _parent(session: Session, owner_id: int, parents: Mapping[int, int], ids: Mapping[int, int]) -> None:
    """Hang the sub-topics that were there already below the topics they are in now."""
    for key, parent in parents.items():
        if key in ids and parent in ids:
            session.execute(PARENT, {"owner_id": owner_id, "id": ids[key], "parent_id": ids[parent]})


def _place(session: Session, owner_id: int, seen: Seen, layout: Layout, ids: Mapping[int, int]) -> None:
    session.execute(
        PLACE,
        {
            "owner_id": owner_id,
            "ids": [one.id for one in seen.documents],
            "xs": layout.places[:, 0].tolist(),
            "ys": layout.places[:, 1].tolist(),
        },
    )
    centres = [(ids[key], x, y) for key, (x, y) in layout.centres.items() if key in ids]
    session.execute(
        CENTRE,
        {
            "owner_id": owner_id,
            "ids": [one[0] for one in centres],
            "xs": [one[1] for one in centres],
            "ys": [one[2] for one in centres],
        },
    )


def _count(session: Session, owner_id: int, model: str) -> None:
    for column, is_topic in (("cluster_id", True), ("subcluster_id", False)):
        session.execute(text(COUNT.format(column=column)), {"owner_id": owner_id, "model": model, "topics": is_topic})
    session.expire_all()


def _file_late(session: Session, owner_id: int, model: str, ids: Sequence[int]) -> None:
    """File those once more that came meanwhile, or whose cluster is gone: beside the neighbours they have now."""
    which = {"owner_id": owner_id, "ids": ids, "model": model, "limit": MOST_LATE}
    for document_id in [*session.scalars(LATE, which), *session.scalars(NOWHERE, which)]:
        clusters.file_again(session, owner_id, document_id)


def _name(session: Session, owner_id: int, names: Mapping[int, str], ids: Mapping[int, int]) -> None:
    """The names of automatic clusters; what a person has named in the meantime stays."""
    given = [(ids[key], name) for key, name in names.items() if key in ids]
    session.execute(NAME, {"owner_id": owner_id, "ids": [one[0] for one in given], "names": [one[1] for one in given]})


def _note(session: Session, owner_id: int, model: str, documents: int) -> None:
    row = {"owner_id": owner_id, "model": model, "documents": documents, "grouped_at": func.now()}
    session.execute(insert(BoardGrouping).values(**row).on_conflict_do_update(index_elements=["owner_id"], set_=row))
    session.expire_all()
