"""The two steps every source goes through: `extract` reads the original, `understand` files it on the board."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from backend.domain import chunks as chunking
from backend.domain import clusters as clustering
from backend.domain import concepts as concept_finding
from backend.domain.errors import BoardError
from backend.jobs.job import ANALYSIS, UPLOADS, Context, Finish, Stage, Step
from backend.store import clusters, concepts, documents, passages
from backend.store.jobs import JobRow

EMBED_BATCH = 16

DOCUMENT_STATUS = {"extract": "extracting", "understand": "processing_chunks"}
"""What a document is called while a step works on it."""


class Input(BaseModel):
    """What an ingest needs beside its document. The password is erased when the reading is over."""

    password: str | None = Field(default=None, repr=False)


def extract(context: Context) -> Finish:
    """Read the original of the job's document into text. Raises Unreadable."""
    services, document_id = context.services, _document_id(context)
    context.stage("decoding")
    with services.database.session(context.owner_id) as session:
        document = documents.get(session, context.owner_id, document_id)
    path = services.blobs.path(document.blob_sha256)
    media_type = services.extractor.sniff(path, document.filename)
    context.stage("extracting_text")
    content = services.extractor.extract(
        path,
        filename=document.filename,
        media_type=media_type,
        password=context.input.get("password"),
        cancelled=context.cancelled,
    )
    context.check()

    def write(session: Session) -> dict[str, Any]:
        documents.save_text(session, document_id, content, services.extractor.version)
        return {}

    return Finish(write, warnings=content.warnings)


def understand(context: Context) -> Finish:
    """Cut the text into passages, embed them, find the concepts, and put the document into its cluster."""
    services, owner_id, document_id = context.services, context.owner_id, _document_id(context)
    context.stage("ai_analysis")
    with services.database.session(owner_id) as session:
        text, parts, language = documents.content(session, document_id)
        filename = documents.get(session, owner_id, document_id).filename
    cut = chunking.split(text, parts, count_tokens=services.embedder.count_tokens)
    context.check()
    vectors = _embedded(context, [chunk.text for chunk in cut])
    found = concept_finding.find(cut, vectors, services.embedder.embed, language=language)
    context.stage("clustering")
    vector = clustering.mean(vectors)
    context.stage("saving")
    model = services.embedder.model

    def write(session: Session) -> dict[str, Any]:
        passage_ids = passages.replace(session, owner_id, document_id, cut, vectors, model, language)
        named = concepts.replace(session, owner_id, document_id, found, passage_ids)
        names = [concept["name"] for concept in named]
        cluster_id, cluster_name = clusters.assign(session, owner_id, document_id, vector, model, names)
        documents.set_status(session, document_id, "completed")
        return {
            "doc_id": document_id,
            "document_id": document_id,
            "cluster_id": cluster_id,
            "cluster_name": cluster_name,
            "concepts": names,
            "filename": filename,
        }

    return Finish(write)


def _embedded(context: Context, texts: list[str]) -> NDArray[np.float32]:
    """The vectors of all passages, in batches so that progress is told and a cancel is heard."""
    rows = [np.zeros((0, context.services.embedder.dimension), dtype=np.float32)]
    for start in range(0, len(texts), EMBED_BATCH):
        rows.append(context.services.embedder.embed(texts[start : start + EMBED_BATCH]))
        context.progress(min(start + EMBED_BATCH, len(texts)) / len(texts))
        context.check()
    return np.concatenate(rows)


def started(session: Session, row: JobRow) -> None:
    """A step was claimed: the document says so."""
    if row.document_id is not None:
        documents.set_status(session, row.document_id, DOCUMENT_STATUS[row.step])


def ended(session: Session, row: JobRow, state: str, error: dict[str, Any] | None) -> None:
    """The job failed or was cancelled: its document says why and keeps its original."""
    if row.document_id is not None:
        status = "cancelled" if state == "REVOKED" else "error"
        documents.set_status(session, row.document_id, status, error=error)


def _document_id(context: Context) -> int:
    if context.document_id is None:
        raise BoardError(
            "The document was deleted for good while its job waited.", code="document_gone", hint="Upload it again."
        )
    return context.document_id


EXTRACT = Step(
    name="extract",
    queue=UPLOADS,
    stages=(
        Stage("decoding", 10.0, "Decoding file..."),
        Stage("extracting_text", 25.0, "Extracting text..."),
    ),
    run=extract,
)

UNDERSTAND = Step(
    name="understand",
    queue=ANALYSIS,
    stages=(
        Stage("ai_analysis", 50.0, "Running AI concept extraction..."),
        Stage("clustering", 75.0, "Clustering..."),
        Stage("saving", 90.0, "Saving..."),
    ),
    run=understand,
    # a book of ten megabytes is ten thousand passages, and one core embeds nine a second
    time_limit=3600.0,
)
