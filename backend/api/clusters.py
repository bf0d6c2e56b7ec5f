"""Clusters: their lists, and the names people give them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.api.deps import Limit, ReadAccess, RowId, ServicesDep, UploadAccess
from backend.api.idempotency import Answer, OnceDep
from backend.domain import cursors
from backend.domain.errors import InvalidInput
from backend.store import cluster_lists, clusters


class ClusterConcept(BaseModel):
    """A concept that documents of the cluster show."""

    id: int
    name: str


class Cluster(BaseModel):
    """A cluster; `name_source` is `person` once somebody named it, and then no machine renames it."""

    id: int
    name: str
    name_source: Literal["auto", "person"]
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
    """A new name."""

    name: str = Field(min_length=1, max_length=120)


router = APIRouter(tags=["clusters"])


def _shown(session: Session, owner_id: int, rows: list[clusters.Cluster]) -> list[Cluster]:
    concepts = cluster_lists.concepts(session, owner_id, [row.id for row in rows])
    return [
        Cluster.model_validate({**_fields(row), "concepts": [top._asdict() for top in concepts[row.id]]})
        for row in rows
    ]


def _fields(row: clusters.Cluster) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Cluster.model_fields if name != "concepts"}


@router.get("/clusters")
def cluster_list(
    services: ServicesDep,
    principal: ReadAccess,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> ClusterList:
    """Clusters, those with most documents first."""
    after = None
    if cursor is not None:
        count, cluster_id = (cursors.number(part) for part in cursors.decode(cursor, 2))
        after = (count, cluster_id)
    with services.database.session(principal.user_id) as session:
        rows, total = cluster_lists.page(session, principal.user_id, q=q, after=after, limit=limit + 1)
        items = _shown(session, principal.user_id, rows[:limit])
    more = len(rows) > limit
    next_cursor = cursors.encode(items[-1].document_count, items[-1].id) if more else None
    return ClusterList(items=items, next_cursor=next_cursor, total=total)


@router.get("/clusters/{cluster_id}")
def cluster_detail(services: ServicesDep, principal: ReadAccess, cluster_id: RowId) -> Cluster:
    """One cluster; its documents are at `/documents?cluster=`."""
    with services.database.session(principal.user_id) as session:
        row = clusters.get(session, principal.user_id, cluster_id)
        return _shown(session, principal.user_id, [row])[0]


@router.patch("/clusters/{cluster_id}", response_model=Cluster)
def cluster_rename(
    services: ServicesDep, principal: UploadAccess, once: OnceDep, cluster_id: RowId, patch: ClusterPatch
) -> JSONResponse:
    """Give a cluster a name of one's own."""
    name = " ".join(patch.name.split())
    if not name:
        raise InvalidInput("A cluster needs a name.", code="empty_name", hint="Type at least one letter.")

    def rename() -> Answer:
        row = clusters.rename(session, principal.user_id, cluster_id, name)
        return Answer(_shown(session, principal.user_id, [row])[0])

    with services.database.session(principal.user_id) as session:
        return once(session, rename)
