"""Which embedding model the board is answered by, and how far another one is prepared."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from backend.api.deps import OwnerAccess, ServicesDep
from backend.store import embedding_models, reembedding
from backend.store.database import EVERYONE


class EmbeddingModels(BaseModel):
    """`serving` answers searches and files documents (null on an empty board); `wanted` is the one of the settings.

    `available` says whether the serving one can be run here, `passages_missing` how many the wanted one still lacks.
    """

    serving: str | None
    wanted: str
    available: bool
    passages_missing: int


router = APIRouter(tags=["operating"])


@router.get("/admin/models")
def model_state(services: ServicesDep, _principal: OwnerAccess) -> EmbeddingModels:
    """The embedding models of the board."""
    wanted = services.embedder.model
    with services.database.session(EVERYONE) as session:
        serving = embedding_models.serving(session)
        done = serving in {None, wanted} and embedding_models.complete(session)
        missing = 0 if done else reembedding.lacking(session, wanted)
    return EmbeddingModels(
        serving=serving,
        wanted=wanted,
        available=serving is None or serving in services.embedders,
        passages_missing=missing,
    )
