"""The step that fetches what an address leads to, and finds out whether the board has it already."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from backend.domain import addresses, downloads, youtube
from backend.domain import uploads as rules
from backend.domain.errors import BoardError, Unavailable, Unreadable
from backend.domain.ports import BlobWriter
from backend.domain.sources import Fetched
from backend.jobs import uploads
from backend.jobs.ingest import hooks, politeness, videos
from backend.jobs.ingest.arrived import Arrived
from backend.jobs.ingest.extract import document_id_of
from backend.jobs.ingest.read import FAILED_PARTS
from backend.jobs.ingest.room import Room
from backend.jobs.job import UPLOADS, AwaitChildren, Context, FanOut, Finish, Stage, Step
from backend.store import documents, fetched, fulltext
from backend.store.documents import Document
from backend.store.jobs import JobRow

MB = 1024 * 1024


class Input(hooks.Input):
    """The address; without one, the document's own is fetched again. `assumed`: nobody said that it is https."""

    url: str | None = Field(default=None, max_length=addresses.LONGEST)
    assumed: bool = False


def fetch(context: Context) -> Finish | FanOut | AwaitChildren:
    """Fetch the address of the job's document into its original. Raises BoardError as `Fetcher.fetch` does, Snooze."""
    services, owner_id = context.services, context.owner_id
    with services.database.session(owner_id) as session:
        document = documents.get(session, owner_id, document_id_of(context))
    context.stage("downloading")
    url = str(context.job_input.get("url") or document.details.get("requested_url") or document.source_url)
    if playlist_id := youtube.youtube_playlist(url):
        return videos.expand(context, document.id, playlist_id)
    video_id = youtube.youtube_id(url)
    with services.blobs.writer() as blob:
        arrived = videos.bring(context, video_id, blob) if video_id else _arrived(context, url, blob)
        with services.database.session(owner_id) as session:
            twin = fetched.known(session, document, arrived.sha256, arrived.key, but=uploads.FAILED)
            if twin is None or twin.status in uploads.FAILED:
                uploads.check_bytes(services, session, owner_id, blob.size)
        if twin is not None and twin.status not in uploads.FAILED:
            return _already_here(context, document.id, twin.id, arrived)
        context.check()
        blob.commit()
    return _given(context, document, arrived)


def fetched_again_in_vain(session: Session, row: JobRow, error: dict[str, Any] | None) -> bool:
    """Whether a job's document was read before: then it stays as it was, with a warning. Any other: nothing."""
    document = session.get(Document, row.document_id) if row.document_id is not None else None
    if document is None or document.char_count is None:
        return False
    warnings = list(document.warnings)
    if error and "code" in error:
        warning = {"code": "not_fetched_again", "message": f"It could not be fetched again: {error['message']}"}
        warnings = [*(w for w in warnings if w.get("code") != warning["code"]), warning]
    documents.set_status(session, document.id, _status_of(document), warnings=warnings)
    return True


def _arrived(context: Context, url: str, blob: BlobWriter) -> Arrived:
    extractor = context.services.extractor
    assumed = bool(context.job_input.get("assumed"))
    politeness.wait_turn(context, url)
    try:
        answer = _asked(context, url, blob)
    except BoardError as error:
        if not (assumed and error.code == "unreachable" and blob.size == 0 and url.startswith("https:")):
            raise
        answer = _asked(context, "http:" + url.removeprefix("https:"), blob)
    if blob.size == 0:
        raise Unreadable("The address leads to an empty page.", code="no_text", hint="Look at it in your browser.")
    name = downloads.filename(answer.filename, answer.url)
    media_type = extractor.sniff(blob.path, name)
    if not extractor.supports(media_type, name):
        raise Unreadable(
            f"The address leads to a kind of file that SyncBoard cannot read ({media_type}).",
            code="unsupported_type",
            hint="Look for the same as a page or as PDF.",
        )
    return Arrived(url, answer, blob.sha256, downloads.with_ending(name, media_type), media_type)


def _asked(context: Context, url: str, blob: BlobWriter) -> Fetched:
    services = context.services

    def progress(done: int, length: int | None) -> None:
        said = f"Downloading, {done / MB:.1f} MB" + (f" of {length / MB:.1f} MB..." if length else "...")
        context.progress(done / length if length else 0.5, said if done > MB else None)

    try:
        return services.fetcher.fetch(url, Room(services, blob).write, cancelled=context.cancelled, progress=progress)
    except BoardError as error:
        if error.code == "site_busy":
            politeness.put_off(context, url, error)
        raise


def _given(context: Context, document: Document, arrived: Arrived) -> Finish:
    """The document gets its bytes and goes on to be read, unless they are the very ones that it was read from."""
    unchanged = document.blob_sha256 == arrived.sha256 and document.char_count is not None
    answer = arrived.answer
    values = {
        "blob_sha256": arrived.sha256,
        "size_bytes": answer.size,
        "media_type": arrived.media_type,
        "filename": arrived.filename,
        "source_url": answer.url,
    }
    details = {"requested_url": arrived.asked, "charset": answer.charset, **arrived.details}

    def write(session: Session) -> dict[str, Any]:
        row = documents.get(session, context.owner_id, document.id)
        twin = fetched.known(session, row, arrived.sha256, arrived.key, but=uploads.FAILED)
        if twin is not None and twin.status in uploads.FAILED:
            fetched.give_way(session, row, twin)
            row = twin
        elif twin is not None:
            raise _at_this_moment()
        # one that nobody chose gives way to the name of what came, and that to the title found in it
        title = row.title if row.title != row.filename else arrived.title or rules.title_of(arrived.filename)
        if not fetched.give(session, row, {**values, "title": title}, details):
            raise _at_this_moment()
        fetched.lead(session, row.owner_id, _keys(arrived), row.id)
        fulltext.retitle(session, row)
        if unchanged:
            documents.set_status(session, row.id, _status_of(row))
        return {"doc_id": row.id, "document_id": row.id, "filename": row.filename, "unchanged": unchanged}

    return Finish(write, warnings=arrived.warnings, final=unchanged)


def _already_here(context: Context, document_id: int, twin_id: int, arrived: Arrived) -> Finish:
    """The job ends: what its address leads to is another document, and from now on its addresses lead there."""

    def write(session: Session) -> dict[str, Any]:
        row = documents.get(session, context.owner_id, document_id)
        twin = documents.get(session, context.owner_id, twin_id)
        fetched.lead(session, row.owner_id, _keys(arrived), twin.id)
        if row.blob_sha256 is None:
            fetched.give_way(session, row, twin)
        else:
            documents.set_status(session, row.id, _status_of(row))
        return {
            "doc_id": twin.id,
            "document_id": twin.id,
            "duplicate_of": twin.id,
            "cluster_id": twin.cluster_id,
            "filename": twin.filename,
        }

    return Finish(write, warnings=arrived.warnings, final=True)


def _keys(arrived: Arrived) -> list[str]:
    return [addresses.read(url).key for url in (arrived.asked, *arrived.answer.passed)]


def _status_of(document: Document) -> str:
    return "partial_error" if document.details.get(FAILED_PARTS) else "completed"


def _at_this_moment() -> Unavailable:
    return Unavailable("The same bytes arrived at this very moment.", code="busy", hint="It is tried again by itself.")


FETCH = Step(
    name="fetch",
    queue=UPLOADS,
    stages=(Stage("downloading", 5.0, "Downloading..."),),
    run=fetch,
    # FETCH_TIMEOUT_SECONDS may be up to 3,000
    time_limit=3600.0,
)
