"""The model that answers the board now, which after a change of settings is not yet the one that is wanted.

Vectors of two models are never compared. While the wanted model is being prepared (the job `reembed_board`) the old
one files new documents and answers searches; where it can no longer be run here the wanted one takes its place at
once, and what it has not embedded yet is found by words only.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.domain.errors import Unavailable
from backend.domain.ports import Embedder
from backend.jobs.services import Services
from backend.store import embedding_models
from backend.store.database import EVERYONE


def serving(services: Services, session: Session) -> Embedder:
    """The model to compare with. Raises Unavailable (`old_model_away`) while that one cannot be run here."""
    model = embedding_models.serving(session)
    if model is None or model == services.embedder.model:
        return services.embedder
    if (found := services.embedders.get(model)) is not None:
        return found
    raise Unavailable(
        f"The board still holds vectors of {model}, which is not set up here any more.",
        code="old_model_away",
        hint="The next document that is read, or the clock within minutes, brings the board to the new model.",
    )


def for_filing(services: Services) -> Embedder:
    """The model to file new documents with: the one that serves, or the wanted one where that cannot be had."""
    with services.database.session(EVERYONE) as session:
        try:
            return serving(services, session)
        except Unavailable:
            embedding_models.lock(session)
            embedding_models.serve(session, services.embedder.model, complete=False)
            return services.embedder


def change_is_due(services: Services) -> bool:
    """Whether passages have to be embedded anew: another model is wanted, or the one that serves is not complete."""
    with services.database.session(EVERYONE) as session:
        model = embedding_models.serving(session)
        return model is not None and (model != services.embedder.model or not embedding_models.complete(session))
