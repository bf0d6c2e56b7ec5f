"""Which embedding model the board is answered by, and which one is being prepared to take its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Text, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base

SERVING, PREPARING = "serving", "preparing"

# Whoever files vectors shares this lock until the commit, and whoever changes the model has it alone: so no vector of
# the old model is written after the change, and none is read half-way through it.
SHARED = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('embedding models', 0))")
ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('embedding models', 0))")
ADD = text(
    """INSERT INTO embedding_models (model, state, complete)
       SELECT :model, 'serving', NOT EXISTS (SELECT 1 FROM document_vectors)
       WHERE NOT EXISTS (SELECT 1 FROM embedding_models WHERE state = 'serving') ON CONFLICT DO NOTHING"""
)
PREPARE = text(
    "INSERT INTO embedding_models (model, state, complete) VALUES (:model, 'preparing', false) ON CONFLICT DO NOTHING"
)
FORGET = text("DELETE FROM embedding_models WHERE model <> :model")
SERVE = text(
    """INSERT INTO embedding_models (model, state, complete) VALUES (:model, 'serving', :complete)
       ON CONFLICT (model) DO UPDATE SET state = 'serving', complete = :complete,
           since = CASE embedding_models.state WHEN 'serving' THEN embedding_models.since ELSE now() END"""
)


class EmbeddingModel(Base):
    """A model by its full name. Only one serves; where it is not `complete`, passages may lack a vector of it."""

    __tablename__ = "embedding_models"

    model: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    complete: Mapped[bool] = mapped_column(Boolean, server_default="true")
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def serving(session: Session) -> str | None:
    """The model that answers; None on a board where nothing was understood yet."""
    return session.scalar(select(EmbeddingModel.model).where(EmbeddingModel.state == SERVING))


def complete(session: Session) -> bool:
    """Whether every passage has a vector of the model that answers."""
    found = session.scalar(select(EmbeddingModel.complete).where(EmbeddingModel.state == SERVING))
    return found is not False


def serves_still(session: Session, model: str) -> bool:
    """Whether vectors of `model` may be filed; until the transaction ends no other takes its place."""
    session.execute(SHARED)
    session.execute(ADD, {"model": model})
    return serving(session) == model


def prepare(session: Session, model: str) -> None:
    """Note that `model` is being prepared."""
    session.execute(PREPARE, {"model": model})


def lock(session: Session) -> None:
    """Let nobody file vectors until the transaction ends."""
    session.execute(ALONE)


def serve(session: Session, model: str, *, complete: bool) -> None:
    """Let `model` answer from the commit on. To be called under `lock`."""
    session.execute(FORGET, {"model": model})
    session.execute(SERVE, {"model": model, "complete": complete})
