"""What a document is about: by the language model where one is set, by its own words where none is or it fails."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from backend.domain import concept_reading, fields, spellings, words
from backend.domain import concepts as concept_finding
from backend.domain.chunks import Chunk
from backend.domain.concepts import FoundConcept
from backend.domain.errors import Unavailable
from backend.domain.ports import Embedder
from backend.domain.spellings import Evidence
from backend.domain.writing import Writer
from backend.jobs.ingest.reading import Filed, Reading, Write
from backend.jobs.job import Context
from backend.store import concepts

WITHOUT_MODEL = "concepts_without_model"
"""The warning that a language model is set and did not help."""

log = structlog.get_logger(__name__)

TRIES = 2
"""Answers asked for one portion: a model may miss the shape once."""
WORST = 3
"""Portions in a row without one proved concept, after which the model is not asked further about this document."""

_FIELDS: dict[str, fields.Fields] = {}


def file_concepts(context: Context, reading: Reading) -> Write:
    """What it is about, with the quotes that prove it, and which of its names mean the same."""
    found: Sequence[FoundConcept] = concept_finding.find(
        reading.cut,
        reading.vectors,
        reading.embedder.embed,
        language=reading.language,
        known_fields=_fields(reading.embedder),
    )
    if context.services.writer is not None and reading.cut:
        found = _by_model(context, context.services.writer, reading, found)
    evidence = _evidence(reading, found)

    def write(session: Session, filed: Filed) -> None:
        owner_id, document_id = reading.owner_id, reading.document.id
        named = concepts.replace(session, owner_id, document_id, found, filed.passage_ids, evidence)
        filed.concept_names = [concept["name"] for concept in named]
        filed.result["concepts"] = filed.concept_names

    return write


def _fields(embedder: Embedder) -> fields.Fields:
    """The fields as the model sees them, made once per process and model."""
    if embedder.model not in _FIELDS:
        _FIELDS[embedder.model] = fields.vectors(embedder.embed)
    return _FIELDS[embedder.model]


def _by_model(
    context: Context, writer: Writer, reading: Reading, local: Sequence[FoundConcept]
) -> Sequence[FoundConcept]:
    """The concepts the model finds and can prove; the local ones, with a warning, when it does not help."""
    portions = concept_reading.portions(reading.cut, writer.most_chars)
    read: list[list[FoundConcept]] = []
    try:
        for number, portion in enumerate(portions):
            context.progress(number / len(portions), f"Asking {writer.model} for concepts...")
            context.check()
            read.append(_portion(context, writer, portion))
            if len(read) == WORST and not any(read):
                break
    except Unavailable as error:
        log.warning("the language model is away", document_id=reading.document.id, error=error.message)
        reading.warn(WITHOUT_MODEL, f"{error.message} The concepts were found without it.")
        return local
    if not any(read):
        reading.warn(
            WITHOUT_MODEL,
            "The language model named no concept that the text proves. The concepts were found without it.",
        )
        return local
    return concept_reading.joined(read, reading.cut, local)


def _portion(context: Context, writer: Writer, portion: Sequence[Chunk]) -> list[FoundConcept]:
    """The proved concepts of one portion; none when the model answers something else each time."""
    for _ in range(TRIES):
        answer = writer.write(
            concept_reading.messages(portion), shape=concept_reading.SHAPE, cancelled=context.cancelled
        )
        try:
            found = concept_reading.believed(answer.text, portion)
        except ValueError:
            continue
        if found:
            return found
    return []


def _evidence(reading: Reading, found: Sequence[FoundConcept]) -> Evidence:
    acronyms = spellings.acronyms(reading.text)
    acronyms += spellings.initials(reading.text, [concept.name for concept in found], acronyms)
    model = reading.embedder.model
    if model not in spellings.SAME_MEANING or not found:
        return Evidence(acronyms=acronyms)
    vectors = reading.embedder.embed([concept.name for concept in found])
    keys = [words.folded(concept.name) for concept in found]
    return Evidence(model, dict(zip(keys, vectors, strict=True)), acronyms)
