"""Documents near each other in meaning, and their passages with their vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.store import vectors
from backend.store.documents import DocumentVector
from backend.store.passages import Passage, PassageVector

ON_THE_BOARD = """AND document_id <> :itself
    AND EXISTS (SELECT 1 FROM documents d WHERE d.id = document_id AND d.deleted_at IS NULL)"""


def of_document(
    session: Session, owner_id: int, document_id: int, model: str, *, limit: int, least: float
) -> dict[int, float]:
    """The nearest documents on the board under `model` and their cosines, of at least `least`, the nearest first."""
    mine = (DocumentVector.document_id == document_id, DocumentVector.owner_id == owner_id)
    stored = session.scalar(select(DocumentVector.embedding).where(*mine, DocumentVector.model == model))
    if stored is None:
        return {}
    near = vectors.nearest(
        session,
        "document_vectors",
        "embedding",
        "document_id",
        owner_id,
        vectors.array(stored),
        model,
        limit=limit,
        condition=ON_THE_BOARD,
        parameters={"itself": document_id},
    )
    return {other.id: other.similarity for other in near if other.similarity >= least}


def passages_of(
    session: Session, owner_id: int, document_ids: Sequence[int], model: str, *, most: int
) -> dict[int, tuple[list[str], NDArray[np.float32]]]:
    """The passages of documents that have no more than `most`, with their vectors under `model`, in order."""
    few = (
        select(Passage.document_id)
        .where(Passage.owner_id == owner_id, Passage.document_id.in_(document_ids))
        .group_by(Passage.document_id)
        .having(func.count() <= most)
    )
    rows = session.execute(
        select(Passage.document_id, Passage.text, PassageVector.embedding)
        .join(PassageVector, PassageVector.passage_id == Passage.id)
        .where(Passage.owner_id == owner_id, Passage.document_id.in_(few), PassageVector.model == model)
        .order_by(Passage.document_id, Passage.ordinal)
    )
    texts: defaultdict[int, list[str]] = defaultdict(list)
    stored: defaultdict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for document_id, text, embedding in rows:
        texts[document_id].append(text)
        stored[document_id].append(vectors.array(embedding))
    return {number: (texts[number], np.stack(stored[number])) for number in texts}
