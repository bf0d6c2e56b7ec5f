"""Makes things a test needs, through the functions the product uses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.domain import chunks as chunking
from backend.domain import clusters as clustering
from backend.domain import concepts as concept_finding
from backend.domain.content import Content, Part
from backend.domain.ports import Embedder
from backend.store import clusters, concepts, documents, passages
from backend.store.database import Database

MODEL = "test/384/1"


@dataclass
class Filed:
    """A document as a test made it."""

    id: int
    cluster_id: int | None
    cluster_name: str | None
    passage_ids: list[int] = field(default_factory=list)
    concepts: list[str] = field(default_factory=list)


def new_document(database: Database, owner_id: int, name: str = "a.txt", *, body: bytes | None = None) -> int:
    """A document that nobody has read yet."""
    data = name.encode() if body is None else body
    with database.session(owner_id) as session:
        document, _ = documents.create(
            session,
            owner_id,
            kind="file",
            title=name,
            filename=name,
            media_type="text/plain",
            blob_sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
        )
        return document.id


def file_document(
    database: Database,
    embedder: Embedder,
    owner_id: int,
    text: str,
    *,
    name: str | None = None,
    parts: Sequence[Part] = (),
    language: str | None = None,
    media_type: str = "text/plain",
) -> Filed:
    """A document read, understood and filed, as the two steps of an ingest do it."""
    document_id = new_document(database, owner_id, name or f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.txt")
    with database.session(owner_id) as session:
        content = Content(text=text, media_type=media_type, parts=tuple(parts), language=language)
        documents.save_text(session, document_id, content, "test")
    with database.session(owner_id) as session:
        body, found_parts, found_language = documents.content(session, document_id)
    cut = chunking.split(body, found_parts, count_tokens=embedder.count_tokens)
    vectors = embedder.embed([chunk.text for chunk in cut])
    found = concept_finding.find(cut, vectors, embedder.embed, language=found_language)
    with database.session(owner_id) as session:
        ids = passages.replace(session, owner_id, document_id, cut, vectors, embedder.model, found_language)
        named = concepts.replace(session, owner_id, document_id, found, ids)
        names = [concept["name"] for concept in named]
        cluster_id, cluster_name = clusters.assign(
            session, owner_id, document_id, clustering.mean(vectors), embedder.model, names
        )
        documents.set_status(session, document_id, "completed")
    return Filed(document_id, cluster_id, cluster_name, ids, names)


def direction(*numbers: float) -> NDArray[np.float32]:
    """A unit vector of 384 dimensions whose first numbers are in the given proportion."""
    vector = np.zeros(384, dtype=np.float32)
    vector[: len(numbers)] = numbers
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
