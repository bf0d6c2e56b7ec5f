"""Reading archives and mails: every member becomes a document of its own, the list or the letter is the text.

Nothing is on the board before all members are out: the documents and their jobs are made in the one transaction that
ends the step, so that a worker killed in the midst leaves none missing and none twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.domain import media_types
from backend.domain import uploads as rules
from backend.domain.content import Content
from backend.domain.errors import Unavailable, Unreadable
from backend.domain.members import MAX_ARCHIVES, MAX_DEPTH, Listing, Member, Unpacked, runs
from backend.jobs import uploads
from backend.jobs.ingest import children, outcomes, read
from backend.jobs.ingest.outcomes import Outcome
from backend.jobs.ingest.way import Original, Way
from backend.jobs.job import UPLOADS, Context, FanOut, Finish, UnitPlan
from backend.store import families

WANTED = "members"
_PIECE = 1024 * 1024
_NOT_OPENED = {
    "itself": "This is the archive itself.",
    "too_deep": "An archive in an archive is opened, one in that is not; unpack it, and add it by itself.",
}


def begin(context: Context, original: Original) -> Finish | FanOut:
    """Look inside and deal the members out to units. Raises Unreadable, TooLarge (`quota_bytes`)."""
    context.stage("extracting_text")
    listing = _listing(context, original)
    names = {member.index: member.name for member in listing.members}
    plans = [UnitPlan(_span(run), {WANTED: [[index, names[index]] for index in run]}) for run in runs(listing)]
    if not plans:
        return _finish(context, original, listing, {})
    password = context.job_input.get("password")
    if password is None and all(member.encrypted for member in listing.wanted):
        raise Unreadable(
            "This archive is protected with a password.", code="encrypted", hint="Give the password and try again."
        )
    with context.services.database.session(original.owner_id) as session:
        size = sum(member.size for member in listing.wanted)
        uploads.check_bytes(context.services, session, original.owner_id, size)
    # What a password opens is never taken over from a try without it, or with another one.
    unlocked = f":{context.job_id}" if password else ""
    key = f"{original.sha256}:{context.services.unpacker.version}{unlocked}"
    kind = "member" if len(plans) == len(listing.wanted) else "part"
    return FanOut(kind, key, plans)


def run_unit(context: Context, original: Original) -> dict[str, Any]:
    """Take a run of members out and keep them as originals. Raises Unreadable when there is one and it fails."""
    names: dict[int, str] = dict(context.input[WANTED])
    kept: list[dict[str, Any]] = []
    with context.services.unpacker.unpacked(original.path, list(names), **_asked(context, original)) as unpacked:
        for done, one in enumerate(unpacked, start=1):
            kept.append(_kept(context, names[one.index], one))
            context.progress(done / len(names))
            context.check()
    if len(kept) == 1 and kept[0]["error"]:
        error = kept[0]["error"]
        raise Unreadable(error["message"], code=error["code"], hint=error["hint"], retryable=error["retryable"])
    return {WANTED: kept}


def gather(context: Context, original: Original, units: Sequence[dict[str, Any]]) -> Finish:
    """Make documents of what was taken out. Raises Unreadable when nothing was."""
    listing = _listing(context, original)
    found: dict[int, dict[str, Any]] = {}
    spans = {_span(run): run for run in runs(listing)}
    for unit in units:
        if unit["state"] == "SUCCESS":
            found |= {kept["index"]: kept for kept in unit["result"][WANTED]}
        else:
            found |= {index: {"error": unit["error"]} for index in spans.get(unit["span"], ())}
    return _finish(context, original, listing, found)


def _finish(context: Context, original: Original, listing: Listing, found: dict[int, dict[str, Any]]) -> Finish:
    told = [_outcome(member, found.get(member.index)) for member in _not_too_deep(context, original, listing, found)]
    if original.media_type not in media_types.MAILS:
        outcomes.refuse_if_nothing(told)
    content = _content(context, original, told)
    content = replace(content, warnings=(*content.warnings, *outcomes.warnings(listing, told)))
    failed = sum(one.state == outcomes.FAILED for one in told)
    end = read.finish(context, original, content, context.services.unpacker.version, failed_parts=failed)

    def write(session: Session) -> dict[str, Any]:
        counts = children.make(session, context, original, told)
        return {**end.write(session), "members": counts}

    return Finish(write, warnings=end.warnings, ring=(UPLOADS,) if found else ())


def _outcome(member: Member, found: dict[str, Any] | None) -> Outcome:
    if member.skipped is not None or found is None:
        return Outcome(member, reason=member.skipped or {"code": "corrupt", "message": "It was not taken out."})
    return Outcome(member, reason=found["error"]) if found["error"] else Outcome(member, found)


def _not_too_deep(
    context: Context, original: Original, listing: Listing, found: dict[int, dict[str, Any]]
) -> list[Member]:
    """The members; those that must not be opened any more, in a chain of archives, or are the chain, are left out."""
    with context.services.database.session(original.owner_id) as session:
        line = families.lineage(session, original.owner_id, original.document_id)
    archives = sum(one.media_type in media_types.ARCHIVES for one in line)
    above = {one.blob_sha256 for one in line}
    checked = []
    for member in listing.members:
        taken = found.get(member.index) or {}
        media_type = taken.get("media_type")
        code = ""
        if taken.get("sha256") in above:
            code = "itself"
        elif (media_type in media_types.ARCHIVES and archives >= MAX_ARCHIVES) or (
            media_type in media_types.MEMBERED and len(line) >= MAX_DEPTH
        ):
            code = "too_deep"
        skipped = {"code": code, "message": _NOT_OPENED[code]} if code else member.skipped
        checked.append(replace(member, skipped=skipped))
    return checked


def _content(context: Context, original: Original, told: Sequence[Outcome]) -> Content:
    if original.media_type in media_types.MAILS:
        return context.services.extractor.extract(original.path, **_asked(context, original))
    if not told:
        raise Unreadable("There is nothing in this archive.", code="no_text", hint="Check that it was made completely.")
    return Content(outcomes.listed(original.filename, told), original.media_type)


def _kept(context: Context, name: str, unpacked: Unpacked) -> dict[str, Any]:
    """Keep a member's bytes; what became of it as JSON. Raises Unavailable (`disk_full`, `storage_failed`)."""
    if unpacked.path is None:
        return {"index": unpacked.index, "error": unpacked.error}
    extractor = context.services.extractor
    media_type = extractor.sniff(unpacked.path, name)
    if not extractor.supports(media_type, name):
        return {"index": unpacked.index, "error": rules.unsupported(media_type).as_json()}
    sha256 = _stored(context, unpacked.path)
    size = unpacked.path.stat().st_size
    return {"index": unpacked.index, "error": None, "sha256": sha256, "size": size, "media_type": media_type}


def _stored(context: Context, path: Path) -> str:
    blobs, floor = context.services.blobs, context.services.settings.disk_floor_bytes
    free = blobs.free_bytes()
    if free is not None and free - path.stat().st_size < floor:
        raise Unavailable(
            "There is too little room left on the disk.", code="disk_full", hint="Free some space on the server."
        )
    with path.open("rb") as file, blobs.writer() as blob:
        while piece := file.read(_PIECE):
            blob.write(piece)
        return blob.commit()


def _listing(context: Context, original: Original) -> Listing:
    return context.services.unpacker.members(original.path, **_asked(context, original))


def _asked(context: Context, original: Original) -> dict[str, Any]:
    return {
        "filename": original.filename,
        "media_type": original.media_type,
        "password": context.job_input.get("password"),
        "cancelled": context.cancelled,
    }


def _span(run: Sequence[int]) -> str:
    return f"member {run[0] + 1}" if len(run) == 1 else f"members {run[0] + 1}-{run[-1] + 1}"


WAY: Way = Way(name="members", begin=begin, run_unit=run_unit, gather=gather)
