"""Which addresses are videos and playlists of YouTube, rebuilt from their ids alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backend.domain import addresses
from backend.domain.addresses import Address

HOSTS = frozenset(
    {
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "gaming.youtube.com",
        "youtube-nocookie.com",
        "www.youtube-nocookie.com",
    }
)
SHORT_HOSTS = frozenset({"youtu.be", "www.youtu.be", "y2u.be"})
VIDEO_PATHS = frozenset({"embed", "shorts", "live", "v", "e", "video"})

LIST_PATHS = frozenset({"/playlist", "/embed/videoseries", "/view_play_list"})

_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LIST = re.compile(r"(?:PL|UU|LL|FL|OL|RD|EC|SP)[A-Za-z0-9_-]{8,60}")
_PERSONAL = ("LL", "WL", "RD")
"""Lists that only their owner sees, or that YouTube makes up anew for everybody."""


def youtube_id(url: str) -> str | None:
    """The id of the video a normalised URL leads to, or None: eleven characters, nothing else of the URL is used."""
    parts = urlsplit(url)
    path = [part for part in parts.path.split("/") if part]
    found = None
    if parts.hostname in SHORT_HOSTS:
        found = path[0] if path else None
    elif parts.hostname in HOSTS:
        if path and path[0] in VIDEO_PATHS:
            found = path[1] if len(path) > 1 else None
        else:
            found = parse_qs(parts.query).get("v", [None])[0]
    return found if found and _ID.fullmatch(found) else None


def youtube_playlist(url: str) -> str | None:
    """The id of the playlist a normalised URL leads to; None for a video that is only shown as part of one."""
    parts = urlsplit(url)
    if parts.hostname not in HOSTS or parts.path.rstrip("/") not in LIST_PATHS:
        return None
    found = parse_qs(parts.query).get("list", [""])[0]
    return found if _LIST.fullmatch(found) and not found.startswith(_PERSONAL) else None


def watch_url(video_id: str) -> str:
    """The one address of a video."""
    return f"https://www.youtube.com/watch?v={video_id}"


def moment_url(source_url: str | None, place: Mapping[str, Any] | None) -> str | None:
    """The address of a place (`{"second": 61.5}`) in the video a document came from; None for all others."""
    video_id = youtube_id(source_url) if source_url else None
    if video_id is None or not place or "second" not in place:
        return None
    return f"{watch_url(video_id)}&t={int(place['second'])}s"


def playlist_url(playlist_id: str) -> str:
    """The one address of a playlist."""
    return f"https://www.youtube.com/playlist?list={playlist_id}"


def rebuilt(address: Address) -> Address:
    """The one address of the video or playlist that an address leads to; any other address as it is."""
    if video_id := youtube_id(address.url):
        return addresses.read(watch_url(video_id))
    if playlist_id := youtube_playlist(address.url):
        return addresses.read(playlist_url(playlist_id))
    return address
