"""The step that files what was read on the board: passages, vectors, and then one subject after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.domain import chunks as chunking
from backend.domain import clusters as clustering
from backend.domain import words
from backend.domain.ports import Embedder
from backend.jobs import embedders
from backend.jobs.ingest import duplicates
from backend.jobs.ingest.concepts import WITHOUT_MODEL, file_concepts
from backend.jobs.ingest.extract import document_id_of
from backend.jobs.ingest.read import FAILED_PARTS
from backend.jobs.ingest.reading import Filed, Reading, Subject, Write
from backend.jobs.job import ANALYSIS, Context, Finish, Snooze, Stage, Step
from backend.store import (
    carried_concepts,
    clusters,
    documents,
    embedding_models,
    passages,
    reembedding,
    rules,
)

EMBED_BATCH = 16


def understand(context: Context) -> Finish:
    """Cut the text into passages, embed them, and file every subject of the document."""
    context.stage("ai_analysis")
    reading = _read(context)
    writes = [subject(context, reading) for subject in SUBJECTS]
    context.stage("saving")
    owner_id, document_id = reading.owner_id, reading.document.id
    status = "partial_error" if reading.document.details.get(FAILED_PARTS) else "completed"

    def write(session: Session) -> dict[str, Any]:
        model, language = reading.embedder.model, reading.language
        if not embedding_models.serves_still(session, model):
            raise Snooze(0.0, "Another embedding model has just taken over: understanding it again")
        reembedding.forget_of_document(session, document_id, model)
        filed = Filed(passages.replace(session, owner_id, document_id, reading.cut, reading.vectors, model, language))
        filed.result = {"doc_id": document_id, "document_id": document_id, "filename": reading.document.filename}
        for write_subject in writes:
            write_subject(session, filed)
        documents.set_status(session, document_id, status, warnings=_warnings(session, reading))
        return filed.result

    return Finish(write, warnings=reading.warnings)


def _warnings(session: Session, reading: Reading) -> list[dict[str, Any]]:
    """Those of the reading of the file, and those of understanding it this time."""
    row = documents.get(session, reading.owner_id, reading.document.id)
    return [*(warning for warning in row.warnings if warning.get("code") != WITHOUT_MODEL), *reading.warnings]


def _read(context: Context) -> Reading:
    services, owner_id, document_id = context.services, context.owner_id, document_id_of(context)
    embedder = embedders.for_filing(services)
    with services.database.session(owner_id) as session:
        text, parts, language = documents.content(session, document_id)
        document = documents.get(session, owner_id, document_id)
    cut = chunking.split(text, parts, count_tokens=embedder.count_tokens)
    context.check()
    texts = [chunk.text for chunk in cut]
    with services.database.session(owner_id) as session:
        known = passages.known_vectors(session, owner_id, document_id, texts, embedder.model)
    vectors = _embedded(context, embedder, texts, known)
    return Reading(owner_id, document, text, language, cut, vectors, embedder)


def _embedded(
    context: Context, embedder: Embedder, texts: list[str], known: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The vectors of all passages: those `known` from the last reading, and the others by the model.

    These come in batches, so that progress is told and a cancel is heard.
    """
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    for index, text in enumerate(texts):
        vectors[index] = known.get(text, 0.0)
    new = [index for index, text in enumerate(texts) if text not in known]
    for start in range(0, len(new), EMBED_BATCH):
        batch = new[start : start + EMBED_BATCH]
        vectors[batch] = embedder.embed([texts[index] for index in batch])
        context.progress((start + len(batch)) / len(new))
        context.check()
    return vectors


def _carried(_context: Context, reading: Reading) -> Write:
    """What merged documents brought along, looked up in the new reading."""

    def write(session: Session, _filed: Filed) -> None:
        carried_concepts.anchor_again(session, reading.owner_id, reading.document.id)

    return write


def _cluster(context: Context, reading: Reading) -> Write:
    """Where it belongs; after its concepts, which may name a new cluster."""
    context.stage("clustering")
    vector, model = clustering.mean(reading.vectors), reading.embedder.model

    def write(session: Session, filed: Filed) -> None:
        document_id = reading.document.id
        assigned = clusters.assign(session, reading.owner_id, document_id, vector, model, filed.concept_names)
        filed.result["cluster_id"], filed.result["cluster_name"] = assigned

    return write


def _tags(context: Context, reading: Reading) -> Write:
    """The tags that rules give it; last, for a rule may ask for its concepts and its cluster."""
    with context.services.database.session(reading.owner_id) as session:
        asked = rules.ask_for_text(session, reading.owner_id)
    text = words.folded(reading.text) if asked else None

    def write(session: Session, _filed: Filed) -> None:
        rules.apply_all(session, reading.owner_id, reading.document.id, text)

    return write


SUBJECTS: tuple[Subject, ...] = (file_concepts, _carried, _cluster, duplicates.like, _tags)
"""In this order: each may use what those before it have filed."""


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
