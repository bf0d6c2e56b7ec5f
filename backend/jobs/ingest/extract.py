"""The step that reads an original, by the way its media type asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from backend.domain.errors import BoardError
from backend.jobs.ingest.way import Original
from backend.jobs.ingest.ways import BY_NAME, way_of
from backend.jobs.job import UPLOADS, Context, FanOut, Finish, Stage, Step
from backend.store import documents
from backend.store.units import Unit

WAY = "way"
"""The key of a unit's input that says which way made it."""


def begin(context: Context) -> Finish | FanOut:
    """Read the original of the job's document into text, or plan the units that do. Raises Unreadable."""
    context.stage("decoding")
    original = original_of(context)
    way = way_of(original.media_type)
    outcome = way.begin(context, original)
    if isinstance(outcome, Finish):
        return outcome
    return replace(outcome, units=[replace(unit, input={**unit.input, WAY: way.name}) for unit in outcome.units])


def run_unit(context: Context) -> dict[str, Any]:
    """Read one part. Raises Unreadable."""
    run = BY_NAME[context.input[WAY]].run_unit
    if run is None:
        raise BoardError(f"The way {context.input[WAY]} makes no units.")
    return run(context, original_of(context))


def gather(context: Context, units: Sequence[dict[str, Any]]) -> Finish:
    """Put the parts together."""
    original = original_of(context)
    way = way_of(original.media_type)
    if way.gather is None:
        raise BoardError(f"The way {way.name} gathers no units.")
    return way.gather(context, original, units)


def on_unit(session: Session, unit: Unit, result: dict[str, Any]) -> None:
    """A part was read: what can be shown of it at once is written in the same transaction."""
    effect = BY_NAME[unit.input[WAY]].on_unit
    if effect is not None:
        effect(session, unit, result)


def original_of(context: Context) -> Original:
    """The original of the job's document. Raises NotFound (`not_fetched`, `document_not_found`)."""
    services, document_id = context.services, document_id_of(context)
    with services.database.session(context.owner_id) as session:
        document = documents.get(session, context.owner_id, document_id)
        sha256 = documents.blob_of(document)
    path = services.blobs.path(sha256)
    return Original(
        document_id=document_id,
        owner_id=context.owner_id,
        path=path,
        sha256=sha256,
        filename=document.filename,
        media_type=services.extractor.sniff(path, document.filename),
        size=document.size_bytes,
        source_url=document.source_url,
        details=document.details,
    )


def document_id_of(context: Context) -> int:
    """The job's document. Raises BoardError (`document_gone`)."""
    if context.document_id is None:
        raise BoardError(
            "The document was deleted for good while its job waited.", code="document_gone", hint="Upload it again."
        )
    return context.document_id


def step(*stages: Stage) -> Step:
    """The reading step with the stages of a job kind."""
    return Step(
        name="extract",
        queue=UPLOADS,
        stages=stages,
        run=begin,
        run_unit=run_unit,
        gather=gather,
        on_unit=on_unit,
        # a part of five minutes of speech, at half the speed of speech
        time_limit=1200.0,
    )


EXTRACT = step(
    Stage("decoding", 10.0, "Decoding file..."),
    Stage("extracting_text", 25.0, "Extracting text..."),
    Stage("ocr", 26.0, "Reading the words on pictures..."),
    Stage("transcribing", 26.0, "Listening..."),
)
