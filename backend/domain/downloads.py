"""What a fetched page or file is called."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from backend.domain import uploads
from backend.domain.errors import InvalidInput

ENDINGS = {
    "text/html": (".html", ".htm", ".xhtml", ".shtml"),
    "application/pdf": (".pdf",),
    "application/json": (".json",),
    "application/zip": (".zip",),
    "application/epub+zip": (".epub",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "audio/mpeg": (".mp3",),
    "audio/mp4": (".m4a",),
    "audio/ogg": (".ogg", ".opus", ".oga"),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
}
"""The endings of what is usually fetched, the best first: an address seldom ends in one."""

VAGUE = frozenset(
    {"application/octet-stream", "binary/octet-stream", "application/x-download", "application/force-download"}
)
"""Types that sites name when they know nothing."""


def filename(said: str | None, url: str) -> str:
    """The name a site gives a download, or else the last part of its address, or the name of the site."""
    parts = urlsplit(url)
    for name in (said or "", unquote(parts.path).rstrip("/").rpartition("/")[2], parts.hostname or ""):
        try:
            return uploads.filename(name)
        except InvalidInput:
            continue
    return "page"


def with_ending(name: str, media_type: str) -> str:
    """The name with an ending that fits what it is, where one is known."""
    endings = ENDINGS.get(media_type)
    if not endings or PurePosixPath(name).suffix.lower() in endings:
        return name
    return name[: uploads.LONGEST_NAME - len(endings[0])] + endings[0]


def mismatch(said: str | None, media_type: str) -> dict[str, str] | None:
    """The warning that a site calls something what it is not, or None. Texts of all kinds are near enough."""
    if said is None or said == media_type or said in VAGUE or media_type in VAGUE:
        return None
    kinds = {said.partition("/")[0], media_type.partition("/")[0]}
    if kinds == {"text"} or (kinds == {"text", "application"} and media_type.startswith("text/")):
        return None
    if not {said, media_type} & set(ENDINGS):
        return None
    return {"code": "type_mismatch", "message": f"The site calls this {said}; by its content it is {media_type}."}
