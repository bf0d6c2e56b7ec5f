"""Every way of reading there is: the explicit list."""

from __future__ import annotations

from backend.domain import media_types
from backend.jobs.ingest import images, members, plain, recordings, scanned
from backend.jobs.ingest.way import Way

BY_MEDIA_TYPE: dict[str, Way] = {
    **dict.fromkeys(media_types.MEMBERED, members.WAY),
    **dict.fromkeys(media_types.IMAGES, images.WAY),
    **dict.fromkeys(media_types.MEDIA, recordings.WAY),
    media_types.PDF: scanned.WAY,
}
"""The way of each media type that is not read at once; `image/`, `audio/` and the like name a whole family."""

BY_NAME: dict[str, Way] = {way.name: way for way in (plain.WAY, *BY_MEDIA_TYPE.values())}


def way_of(media_type: str) -> Way:
    """The way for originals of this type: its own, that of its family, or reading at once."""
    family = media_type.partition("/")[0] + "/"
    return BY_MEDIA_TYPE.get(media_type) or BY_MEDIA_TYPE.get(family) or plain.WAY
