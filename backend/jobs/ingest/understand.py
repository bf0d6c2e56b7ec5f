"""The step that files what was read on the board: passages, vectors, concepts, a cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.domain import chunks as chunking
from backend.domain import clusters as clustering
from backend.domain import concepts as concept_finding
from backend.jobs.ingest.extract import document_id_of
from backend.jobs.ingest.read import FAILED_PARTS
from backend.jobs.job import ANALYSIS, Context, Finish, Stage, Step
from backend.store import clusters, concepts, documents, passages

EMBED_BATCH = 16


def understand(context: Context) -> Finish:
    """Cut the text into passages, embed them, find the concepts, and put the document into its cluster."""
    services, owner_id, document_id = context.services, context.owner_id, document_id_of(context)
    context.stage("ai_analysis")
    with services.database.session(owner_id) as session:
        text, parts, language = documents.content(session, document_id)
        document = documents.get(session, owner_id, document_id)
    filename = document.filename
    status = "partial_error" if document.details.get(FAILED_PARTS) else "completed"
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
        documents.set_status(session, document_id, status)
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
