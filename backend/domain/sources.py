"""What the outside world brings in, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Fetched:
    """What an address answered. The bytes went to the sink; `size` counts them, unpacked.

    `url` is where the redirects ended, `passed` are all addresses that were asked, in order, the first as it was
    given. `media_type`, `charset` and `filename` are what the site says, to be believed no further than its bytes.
    """

    url: str
    passed: tuple[str, ...]
    status: int
    media_type: str | None
    charset: str | None
    filename: str | None
    size: int
    warnings: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Word:
    """A word where it stands on its page: `box` is (left, top, right, bottom) in shares of the page, 0 to 1.

    `line` and `block` number the lines and paragraphs of the page in reading order. `confidence` is 0 to 1, by the
    engine that read it.
    """

    text: str
    box: tuple[float, float, float, float]
    line: int
    block: int
    confidence: float


@dataclass(frozen=True)
class ReadPage:
    """A page read from a picture: words in reading order. `width` and `height` are in pixels of the upright page.

    `rotation` is by how many degrees clockwise the picture was turned to stand upright: 0, 90, 180 or 270.
    `confidence` is the mean of its letters, 0 to 1; 0 where there is no word.
    """

    width: int
    height: int
    engine: str
    confidence: float
    words: tuple[Word, ...] = ()
    rotation: int = 0


@dataclass(frozen=True)
class Picture:
    """What a picture file says of itself. `frames` are its pages; `taken_at` is as the camera's clock had it."""

    frames: int
    width: int
    height: int
    taken_at: datetime | None = None
    camera: str | None = None


@dataclass(frozen=True)
class Captions:
    """One track of captions, by people or `automatic`. `language` is as in `en-GB`; `url` leads to WebVTT."""

    language: str
    automatic: bool
    url: str = field(repr=False)


@dataclass(frozen=True)
class Video:
    """What is known of a video before anything of it is fetched. `duration` is in seconds.

    `captions` is the track to read, None where there is none that helps. `handle` is for the provider alone.
    """

    id: str
    title: str
    channel: str | None = None
    duration: float | None = None
    uploaded: date | None = None
    description: str = ""
    language: str | None = None
    captions: Captions | None = None
    handle: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Playlist:
    """The ids of a playlist's or a channel's videos in order; `more`: there are others beyond what was asked for."""

    id: str
    title: str
    video_ids: tuple[str, ...]
    more: bool = False
