"""Reading sound and films: cut at silences into parts of some minutes, which are listened to at the same time.

Nothing is kept between the parts but where they are: each decodes its own stretch of the original, so there is nothing
to clean up, and a part that is tried again is the only one that is done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain import recordings
from backend.domain.content import Content
from backend.domain.errors import BoardError, Unreadable
from backend.domain.recordings import Recording, Said, Span, Transcript, clock
from backend.domain.text import assemble
from backend.jobs.ingest import read
from backend.jobs.ingest.way import Original, Way
from backend.jobs.job import Context, FanOut, Finish, UnitPlan
from backend.store import units as unit_rows


def begin(context: Context, original: Original) -> FanOut:
    """Decode the sound to see where it can be cut. Raises Unreadable (`no_sound`, `no_text`, `corrupt`, …)."""
    services = context.services
    recording = services.decoder.look(original.path, media_type=original.media_type, cancelled=context.cancelled)
    if recording.silent:
        raise _nobody_speaks()
    parts = recordings.cut(recording.levels, services.settings.speech_part_seconds)
    context.stage("transcribing", f"Listening, 0:00 of {clock(recording.seconds)}...")
    facts = _facts(recording)
    plans = [UnitPlan(span.name, {"span": span, "seekable": recording.seekable, "recording": facts}) for span in parts]
    return FanOut("part", _content_key(context, original), plans)


def run_unit(context: Context, original: Original) -> dict[str, Any]:
    """Listen to one part. Raises Unreadable, Unavailable."""
    services, span = context.services, Span(*context.input["span"])
    facts = context.input["recording"]
    with services.database.session(context.owner_id) as session:
        before = sum(span["span"][1] - span["span"][0] for span in unit_rows.ended_inputs(session, context.job_id))

    def heard(second: float) -> None:
        done = min(before + second, facts["seconds"])
        share = second / (span.end - span.start)
        context.progress(share, f"Listening, {clock(done)} of {clock(facts['seconds'])}...")

    with services.decoder.sound(
        original.path,
        span,
        media_type=original.media_type,
        seekable=context.input["seekable"],
        cancelled=context.cancelled,
    ) as path:
        transcript = services.transcriber.transcribe(
            path, language=services.settings.speech_language or None, cancelled=context.cancelled, heard=heard
        )
    said = [(round(span.start + one.start, 2), round(span.start + one.end, 2), one.text) for one in transcript.said]
    return {"language": transcript.language, "said": said, "recording": facts}


def gather(context: Context, original: Original, units: Sequence[dict[str, Any]]) -> Finish:
    """The text of all parts that could be heard, in order. Raises the error of the first when there is none."""
    done = [unit["result"] for unit in units if unit["state"] == "SUCCESS"]
    failed = [unit for unit in units if unit["state"] != "SUCCESS"]
    if not done:
        error = failed[0]["error"]
        raise BoardError(error["message"], code=error["code"], hint=error["hint"], retryable=False)
    heard = [Transcript(part["language"], tuple(Said(*said) for said in part["said"])) for part in done]
    pieces = recordings.paragraphs(said for part in heard for said in part.said)
    text, parts = assemble(pieces)
    if not text.strip() and not failed:
        raise _nobody_speaks()
    facts = dict(done[0]["recording"])
    content = Content(
        text=text,
        media_type=original.media_type,
        title=facts.pop("title"),
        language=recordings.language(heard),
        parts=parts,
        warnings=(*facts.pop("warnings"), *([_failed(failed)] if failed else [])),
    )
    version = _version(context)
    return read.finish(context, original, content, version, failed_parts=len(failed), recording=facts)


def _facts(recording: Recording) -> dict[str, Any]:
    return {
        "seconds": round(recording.seconds, 2),
        "codec": recording.codec,
        "title": recording.title,
        "artist": recording.artist,
        "warnings": list(recording.warnings),
    }


def _failed(units: Sequence[dict[str, Any]]) -> dict[str, str]:
    spans = ", ".join(unit["span"] for unit in units)
    why = (units[0]["error"] or {}).get("message", "")
    return {"code": "parts_failed", "message": f"What is said at {spans} is missing: {why}"}


def _content_key(context: Context, original: Original) -> str:
    """What the text of a part depends on, besides where it is."""
    settings = context.services.settings
    return f"{original.sha256}:{_version(context)}:{settings.speech_language}:{settings.speech_part_seconds:g}"


def _version(context: Context) -> str:
    return f"{context.services.decoder.version}/{context.services.transcriber.version}"


def _nobody_speaks() -> Unreadable:
    return Unreadable(
        "Nobody speaks in this recording.",
        code="no_text",
        hint="Listen to it: if there is speech, make it louder, or name its language by SPEECH_LANGUAGE.",
    )


WAY: Way = Way(name="recordings", begin=begin, run_unit=run_unit, gather=gather)
