"""The sound of a file, as PyAV decodes it, which brings ffmpeg's libraries. Runs in the sandbox's child.

The demuxer is the one for the type that the first bytes say, and no other is allowed: a playlist is never followed. The
file is read through a Python object, and no protocol is allowed, so that nothing in it can open anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from backend.domain.errors import Unreadable

RATE = 16_000
FORMATS: dict[str, tuple[str, ...]] = {
    "audio/wav": ("wav",),
    "audio/mpeg": ("mp3", "aac", "flac"),  # all three may have an ID3 tag in front
    "audio/ogg": ("ogg",),
    "audio/flac": ("flac",),
    "audio/mp4": ("mov",),
    "audio/aac": ("aac",),
    "audio/aiff": ("aiff",),
    "audio/amr": ("amr",),
    "audio/x-ms-wma": ("asf",),
    "video/mp4": ("mov",),
    "video/quicktime": ("mov",),
    "video/webm": ("matroska",),
    "video/x-matroska": ("matroska",),
    "video/x-msvideo": ("avi",),
    "video/x-ms-wmv": ("asf",),
    "video/mpeg": ("mpeg", "mpegvideo"),
    "video/mp2t": ("mpegts",),
    "video/3gpp": ("mov",),
    "video/ogg": ("ogg",),
    "video/x-flv": ("flv",),
}
"""The demuxers for each media type, best first."""
_DEMUXERS = "wav,mp3,aac,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,aiff,amr,asf,matroska,webm,avi,mpeg,mpegvideo,mpegts,flv"

Sound = NDArray[np.int16]


@dataclass
class Damage:
    """How many packets there were, and how many of them could not be decoded."""

    packets: int = 0
    lost: int = 0


def damaged() -> Unreadable:
    """The refusal of what does not decode."""
    return Unreadable(
        "This recording is damaged and cannot be played.",
        code="corrupt",
        hint="Open it in a player; if it plays there, save it again as MP3 or MP4, and add that copy.",
    )


def no_sound() -> Unreadable:
    """The refusal of a film without sound."""
    return Unreadable(
        "There is no sound in this file.",
        code="no_sound",
        hint="Only what is said in a video is read, not its picture.",
    )


@contextmanager
def opened(path: str, format_: str) -> Iterator[tuple[InputContainer, AudioStream]]:
    options = {"protocol_whitelist": "none", "format_whitelist": _DEMUXERS}
    with Path(path).open("rb") as file:
        try:
            container = av.open(file, "r", format=format_, options=options, metadata_errors="replace")
        except (av.FFmpegError, ValueError) as error:
            raise damaged() from error
        with container:
            if not container.streams.audio:
                raise no_sound()
            yield container, container.streams.audio[0]


def sound_of(container: InputContainer, stream: AudioStream, damage: Damage) -> Iterator[tuple[float | None, Sound]]:
    """The sound as it is decoded, 16 kHz and mono, each run with the time the file gives it."""
    resampler: AudioResampler | None = None
    shape: tuple[str, str, int] | None = None
    time: float | None = None
    for frame in _frames(container, stream, damage):
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or now != shape:  # a broadcast may change in midst
            yield from ((time, sound) for sound in _resampled(resampler, None, damage))
            resampler, shape = AudioResampler(format="s16", layout="mono", rate=RATE), now
        time = frame.time
        yield from ((time, sound) for sound in _resampled(resampler, frame, damage))
    yield from ((time, sound) for sound in _resampled(resampler, None, damage))


def _resampled(resampler: AudioResampler | None, frame: AudioFrame | None, damage: Damage) -> Iterator[Sound]:
    if resampler is None:
        return
    try:
        frames = resampler.resample(frame)
    except (av.FFmpegError, ValueError):
        damage.lost += 1
        return
    for one in frames:
        yield one.to_ndarray()[0]


def _frames(container: InputContainer, stream: AudioStream, damage: Damage) -> Iterator[AudioFrame]:
    """What can be decoded; a packet that cannot is counted and left out, a file that breaks off ends there."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, ValueError):
            damage.lost += 1
            return
        damage.packets += 1
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError):
            damage.lost += 1
