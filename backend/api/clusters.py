"""Clusters: their lists, what people decide about them, and grouping the board anew."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cluster_changes as changes_as_sentences
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.jobs.enqueue import enqueue_unless_open
from backend.store import cluster_changes, cluster_choices, cluster_lists, cluster_rows, clusters

RECLUSTER = "recluster_board"


class ClusterConcept(BaseModel):
    """A concept that documents of the cluster show."""

    id: int
    name: str


class Cluster(BaseModel):
    """A cluster: a topic, or with a `parent_id` a sub-topic of that topic.

    `name_source` is `person` once somebody named it, and then no machine renames it; a `pinned` one keeps its documents
    when the board is grouped anew.
    """

    id: int
    name: str
    name_source: Literal["auto", "person"]
    level: Literal["topic", "subtopic"]
    parent_id: int | None
    pinned: bool
    document_count: int
    concepts: list[ClusterConcept]
    created_at: datetime
    updated_at: datetime


class ClusterList(BaseModel):
    """A page of clusters."""

    items: list[Cluster]
    next_cursor: str | None
    total: int


class ClusterPatch(BaseModel):
    """What a person decides: a new name, and whether the cluster is pinned."""

    name: str | None = Field(default=None, min_length=1, max_length=120)
    pinned: bool | None = None


class ClusterDeleted(BaseModel):
    """Where the documents of a deleted cluster are now: `clusters` of them took in `documents`."""

    id: int
    documents: int
    clusters: list[int]


class Reclustering(BaseModel):
    """The job that groups the board anew."""

    job_id: UUID
    message: str


class ClusterChange(BaseModel):
    """What became of a cluster, as facts and as a sentence. `cluster_id` may be that of one that is gone."""

    id: int
    at: datetime
    kind: Literal["created", "vanished", "split", "merged", "renamed", "moved", "joined", "recluster"]
    cluster_id: int | None
    cluster_name: str
    documents: int
    details: dict[str, Any]
    message: str


class ClusterChangeList(BaseModel):
    """A page of changes."""

    items: list[ClusterChange]
    next_cursor: str | None
    total: int


router = APIRouter(tags=["clusters"])


def _shown(session: Session, owner_id: int, rows: list[cluster_rows.Cluster]) -> list[Cluster]:
    concepts = cluster_lists.concepts(session, owner_id, rows)
    return [
        Cluster.model_validate({**_fields(row), "concepts": [top._asdict() for top in concepts[row.id]]})
        for row in rows
    ]


def _fields(row: cluster_rows.Cluster) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in Cluster.model_fields if name not in {"concepts", "level"}}
    return {**columns, "level": "topic" if row.parent_id is None else "subtopic"}


@router.get("/clusters")
def cluster_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    parent: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="A topic: its sub-topics.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> ClusterList:
    """Topics, or the sub-topics of one, those with most documents first."""
    after = None
    if cursor is not None:
        count, cluster_id = (cursors.number(part) for part in cursors.decode(cursor, 2))
        after = (count, cluster_id)
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        rows, total = cluster_lists.page(session, owner_id, q=q, parent_id=parent, after=after, limit=limit + 1)
        items = _shown(session, owner_id, rows[:limit])
    more = len(rows) > limit
    next_cursor = cursors.encode(items[-1].document_count, items[-1].id) if more else None
    return ClusterList(items=items, next_cursor=next_cursor, total=total)


@router.get("/clusters/changes")
def cluster_change_list(
    services: ServicesDep, principal: ReadAccess, cursor: str | None = None, limit: Limit = 50
) -> ClusterChangeList:
    """What became of the clusters, by people and by grouping, the newest first."""
    before = None if cursor is None else cursors.number(cursors.decode(cursor, 1)[0])
    with services.database.session(principal.user_id) as session:
        rows, total = cluster_changes.page(session, principal.user_id, before=before, limit=limit + 1)
        items = [
            ClusterChange.model_validate(
                {
                    **{name: getattr(row, name) for name in ClusterChange.model_fields if name != "message"},
                    "message": changes_as_sentences.message(row.kind, row.cluster_name, row.documents, row.details),
                }
            )
            for row in rows[:limit]
        ]
    next_cursor = cursors.encode(items[-1].id) if len(rows) > limit else None
    return ClusterChangeList(items=items, next_cursor=next_cursor, total=total)


@router.post("/clusters/recluster", status_code=202, response_model=Reclustering)
def board_recluster(services: ServicesDep, principal: UploadAccess, once: OnceDep) -> JSONResponse:
    """Group the whole board anew. What people named, pinned and moved stays; one such job at a time."""
    owner_id = principal.user_id
    queues: list[str] = []

    def begin() -> Answer:
        tries = services.settings.max_attempts
        row, new = enqueue_unless_open(session, kind=RECLUSTER, owner_id=owner_id, input={}, max_attempts=tries)
        queues.extend([row.queue] if new else [])
        message = "The board is grouped anew" if new else "The board is being grouped already"
        body = Reclustering(job_id=row.id, message=message)
        return Answer(body, status=202, headers={"Location": f"/jobs/{row.id}/status"})

    with services.database.session(owner_id) as session:
        response = once(session, begin)
    for queue in queues:
        services.ring(queue)
    return response


@router.get("/clusters/{cluster_id}")
def cluster_detail(services: ServicesDep, principal: ReadAccess, cluster_id: RowId) -> Cluster:
    """One cluster; its documents are at `/documents?cluster=`, or `?subcluster=` for a sub-topic."""
    with services.database.session(principal.user_id) as session:
        row = clusters.get(session, principal.user_id, cluster_id)
        return _shown(session, principal.user_id, [row])[0]


@router.patch("/clusters/{cluster_id}", response_model=Cluster)
def cluster_change(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, cluster_id: RowId, patch: ClusterPatch
) -> JSONResponse:
    """Give a cluster a name of one's own, or pin it, which keeps it and its documents together."""
    owner_id = principal.user_id
    name = None if patch.name is None else " ".join(patch.name.split())
    if name == "":
        raise InvalidInput("A cluster needs a name.", code="empty_name", hint="Type at least one letter.")

    def change() -> Answer:
        row = cluster_choices.change(session, owner_id, cluster_id, name=name, pinned=patch.pinned)
        return Answer(_shown(session, owner_id, [row])[0])

    with services.database.session(owner_id) as session:
        return once(session, change)


@router.delete("/clusters/{cluster_id}", response_model=ClusterDeleted)
def cluster_delete(services: ServicesDep, principal: UploadAccess, once: OnceDep, cluster_id: RowId) -> JSONResponse:
    """Delete a cluster; its documents stay on the board and are filed again elsewhere."""
    owner_id = principal.user_id

    def delete() -> Answer:
        documents, into = cluster_choices.delete(session, owner_id, cluster_id)
        return Answer(ClusterDeleted(id=cluster_id, documents=documents, clusters=into))

    with services.database.session(owner_id) as session:
        return once(session, delete)
