"""Videos of YouTube: their captions become the original, or, where there are none, their sound. Playlists: a batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from backend.domain import youtube
from backend.domain.ports import BlobWriter
from backend.domain.sources import Fetched, Video
from backend.jobs import batches
from backend.jobs.ingest import politeness
from backend.jobs.ingest.arrived import Arrived
from backend.jobs.ingest.room import Room
from backend.jobs.job import UPLOADS, Context, Finish
from backend.store import batches as batch_rows
from backend.store import documents, jobs

MB = 1024 * 1024
MOST_VIDEOS = batches.MOST_LINES
_NOT_IN_NAMES = re.compile(r"[\\/:*?\"<>|]+")
_LONGEST_NAME = 120
_LOOKED_UP, _NO_LENGTH = 0.1, 0.5


def bring(context: Context, video_id: str, blob: BlobWriter) -> Arrived:
    """Write the captions or the sound of the video into the blob. Raises BoardError as `Videos` does, Snooze."""
    services, url = context.services, youtube.watch_url(video_id)
    politeness.wait_turn(context, url)
    video = services.videos.look(video_id, languages=_languages(context), cancelled=context.cancelled)
    context.progress(_LOOKED_UP, f"Downloading “{video.title}”...")
    write = Room(services, blob).write
    if video.captions is not None:
        write(services.videos.captions(video.captions, cancelled=context.cancelled))
        ending = f"{video.captions.language}.vtt"
    else:
        ending = services.videos.sound(video, write, cancelled=context.cancelled, progress=_progress(context))
    name = _NOT_IN_NAMES.sub(" ", video.title)[:_LONGEST_NAME].strip() or "video"
    filename = f"{name} [{video_id}].{ending}"
    media_type = services.extractor.sniff(blob.path, filename)
    return Arrived(
        asked=url,
        answer=Fetched(url, (url,), 200, None, None, filename, blob.size),
        sha256=blob.sha256,
        filename=filename,
        media_type=media_type,
        title=video.title,
        details={"youtube": details(video)},
    )


def details(video: Video) -> dict[str, Any]:
    """What is kept of a video with its document."""
    captions = video.captions
    kept = {
        "id": video.id,
        "channel": video.channel,
        "duration": video.duration,
        "uploaded": video.uploaded.isoformat() if video.uploaded else None,
        "description": video.description or None,
        "captions": {"language": captions.language, "automatic": captions.automatic} if captions else None,
    }
    return {name: value for name, value in kept.items() if value is not None}


def expand(context: Context, document_id: int, playlist_id: str) -> Finish:
    """The videos of a playlist become lines of the batch it was a line of, or of one of its own; it has no document."""
    services, owner_id, url = context.services, context.owner_id, youtube.playlist_url(playlist_id)
    politeness.wait_turn(context, url)
    found = services.videos.playlist(playlist_id, most=MOST_VIDEOS, cancelled=context.cancelled)
    context.check()
    given = [youtube.watch_url(video_id) for video_id in found.video_ids]

    def write(session: Session) -> dict[str, Any]:
        parent_id = jobs.get(session, owner_id, context.job_id).parent_id
        if parent_id is not None and jobs.get(session, owner_id, parent_id).kind == batch_rows.KIND:
            batch_id = parent_id
        else:
            batch_id = batches.start(services, session, owner_id, "link")
        begun = batches.extend(services, session, owner_id, batch_id, given)
        session.delete(documents.get(session, owner_id, document_id))
        return {"batch_id": str(batch_id), "title": found.title, "total": len(given), "queued": begun.queued}

    more = f"The playlist has more than {MOST_VIDEOS:,} videos; the first {MOST_VIDEOS:,} are added."
    warnings = [{"code": "playlist_cut", "message": more}] if found.more else []
    return Finish(write, warnings=warnings, ring=(UPLOADS,), final=True)


def _languages(context: Context) -> list[str]:
    return [part.strip() for part in context.services.settings.youtube_languages.split(",") if part.strip()]


def _progress(context: Context) -> Callable[[int, int | None], None]:
    def told(done: int, whole: int | None) -> None:
        share = done / whole if whole else _NO_LENGTH
        said = f"Downloading the sound, {done / MB:.1f} MB" + (f" of {whole / MB:.1f} MB..." if whole else "...")
        context.progress(_LOOKED_UP + (1 - _LOOKED_UP) * share, said)

    return told
