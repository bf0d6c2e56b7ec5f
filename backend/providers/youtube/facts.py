"""What yt-dlp found of a video, as a value of ours: nothing of it is believed longer than it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from backend.domain.sources import Captions, Video
from backend.domain.text import clean

_TITLE_CHARS, _DESCRIPTION_CHARS = 300, 20_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_LONGEST_SECONDS = 7 * 24 * 3600


def video_of(video_id: str, info: Mapping[str, Any], languages: Sequence[str]) -> Video:
    """The video `info` (a yt-dlp info dictionary) tells of."""
    duration = info.get("duration")
    language = original_language(info)
    return Video(
        id=video_id,
        title=line(info.get("title")) or f"YouTube {video_id}",
        channel=line(info.get("channel")) or line(info.get("uploader")),
        duration=float(duration) if isinstance(duration, int | float) and 0 < duration < _LONGEST_SECONDS else None,
        uploaded=_date(info.get("upload_date")),
        description=_text(info.get("description")),
        language=language,
        captions=choose(info, language, languages),
        handle=info,
    )


def choose(info: Mapping[str, Any], language: str | None, languages: Sequence[str]) -> Captions | None:
    """The captions to read: by people in a wanted language or the video's own, else YouTube's own, else by people."""
    manual = _tracks(info.get("subtitles"), automatic=False)
    automatic = _tracks(info.get("automatic_captions"), automatic=True)
    for wanted in (*languages, *([language] if language else [])):
        for name, captions in manual.items():
            if _same(name, wanted):
                return captions
    spoken = [name for name in automatic if name.endswith("-orig")] or (
        [name for name in automatic if language and _same(name, language)] or list(automatic)[:1]
    )
    if spoken:
        return automatic[spoken[0]]
    return next(iter(manual.values()), None)


def original_language(info: Mapping[str, Any]) -> str | None:
    """What is spoken, as far as YouTube knows: its automatic captions are in that language."""
    for name in info.get("automatic_captions") or {}:
        if str(name).endswith("-orig"):
            return _language(str(name).removesuffix("-orig"))
    sounds = [sound for sound in info.get("formats") or () if sound.get("acodec") != "none" and sound.get("language")]
    sounds.sort(key=lambda sound: sound.get("language_preference") or -1, reverse=True)
    heard = [captions.language for captions in _tracks(info.get("automatic_captions"), automatic=True).values()]
    return _language(sounds[0]["language"] if sounds else info.get("language") or next(iter(heard), None))


def line(value: Any) -> str | None:
    """One line of it, or None."""
    return (
        (" ".join(clean(value[: 4 * _TITLE_CHARS]).split())[:_TITLE_CHARS] or None) if isinstance(value, str) else None
    )


def _text(value: Any) -> str:
    return clean(value[:_DESCRIPTION_CHARS]) if isinstance(value, str) else ""


def _tracks(found: Any, *, automatic: bool) -> dict[str, Captions]:
    """The WebVTT of each language; live chats and what is no language are no captions."""
    tracks: dict[str, Captions] = {}
    for name, kinds in found.items() if isinstance(found, Mapping) else ():
        language = _language(str(name).removesuffix("-orig"))
        address = next((kind.get("url") for kind in kinds or () if kind.get("ext") == "vtt"), None)
        if language and isinstance(address, str) and "tlang=" not in address:
            tracks[str(name)] = Captions(language, automatic=automatic, url=address)
    return tracks


def _language(value: Any) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) else None


def _same(one: str, other: str) -> bool:
    """`en` is also any kind of English, `en-GB` only that."""
    one, other = one.lower(), other.lower()
    return one == other or ("-" not in other and one.partition("-")[0] == other)


def _date(value: Any) -> date | None:
    try:
        return datetime.strptime(str(value), "%Y%m%d").date()  # noqa: DTZ007 - a day, of no time zone
    except ValueError:
        return None
