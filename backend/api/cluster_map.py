"""The map of the board: where documents and the names of clusters lie."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from backend.api.clusters import RECLUSTER
from backend.api.deps import ReadAccess, ServicesDep
from backend.domain import clusters
from backend.store import board_map, jobs


class MapDocument(BaseModel):
    """A document on the map; `x` and `y` go from 0 to 1."""

    document_id: int
    title: str
    media_type: str
    x: float
    y: float
    cluster_id: int | None
    subcluster_id: int | None


class MapCluster(BaseModel):
    """Where the name of a cluster stands; with a `parent_id` it is a sub-topic."""

    id: int
    name: str
    x: float
    y: float
    document_count: int
    parent_id: int | None


class ClusterMap(BaseModel):
    """The map as it was computed last, with what came since beside its neighbours.

    `stale` once so much came that the board ought to be grouped anew; `job_id` is the job that does it.
    """

    documents: list[MapDocument]
    clusters: list[MapCluster]
    computed_at: datetime | None
    job_id: UUID | None
    stale: bool


router = APIRouter(tags=["clusters"])


@router.get("/clusters/map", response_model=ClusterMap)
def cluster_map(request: Request, services: ServicesDep, principal: ReadAccess) -> Response:
    """All documents of the board on a plane, kin beside kin; with an `ETag`, unchanged answers 304."""
    owner_id = principal.user_id
    with services.database.session(owner_id) as session:
        state = board_map.state(session, owner_id)
        running = jobs.open_of_kind(session, owner_id, RECLUSTER)
        facts = f"{board_map.version(session, owner_id)} {state} {running.id if running else None}"
        etag = f'"{sha256(facts.encode()).hexdigest()[:32]}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        body = ClusterMap(
            documents=[
                MapDocument.model_validate({**row._asdict(), "x": _short(row.x), "y": _short(row.y)})
                for row in board_map.placed(session, owner_id)
            ],
            clusters=[
                MapCluster(
                    id=row.id,
                    name=row.name,
                    x=_short(row.x),
                    y=_short(row.y),
                    document_count=row.document_count,
                    parent_id=row.parent_id,
                )
                for row in board_map.named(session, owner_id)
            ],
            computed_at=state.grouped_at,
            job_id=running.id if running else None,
            stale=clusters.ought_to_be_grouped(state.since, state.documents),
        )
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


def _short(place: float | None) -> float:
    """A ten-thousandth of the map is less than a pixel."""
    return round(place or 0.0, 4)
