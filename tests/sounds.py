"""Sounds for tests: tones made here, words people said from the collection beside the project, in every container."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.quality.__main__ import CORPUS

RATE = 16_000
KENNEDY = "ask not what your country can do for you"

Sound = NDArray[np.int16]

ENCODED: dict[str, tuple[str, str, int]] = {
    "mp3": ("mp3", "libmp3lame", 44_100),
    "wav": ("wav", "pcm_s16le", 16_000),
    "telephone.wav": ("wav", "pcm_alaw", 8_000),
    "float.wav": ("wav", "pcm_f32le", 48_000),
    "opus": ("ogg", "libopus", 48_000),
    "flac": ("flac", "flac", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "aac": ("adts", "aac", 44_100),
    "aiff": ("aiff", "pcm_s16be", 22_050),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "wma": ("asf", "wmav2", 44_100),
    "mp4": ("mp4", "aac", 48_000),
    "mov": ("mov", "pcm_s16le", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "mkv": ("matroska", "flac", 48_000),
    "avi": ("avi", "libmp3lame", 44_100),
    "mpg": ("mpeg", "mp2", 44_100),
    "ts": ("mpegts", "aac", 48_000),
    "3gp": ("3gp", "aac", 16_000),
    "flv": ("flv", "aac", 44_100),
}
"""For each name: the container, the codec and the samples a second."""


def spoken(name: str = "jfk.flac") -> Sound:
    """A recording of `speech/` in the collection, 16 kHz and mono."""
    path = CORPUS / "speech" / name
    assert path.exists(), f"these tests need the collection beside the project, or SYNCBOARD_CORPUS: {path}"
    return decoded(path)


def decoded(path: Path) -> Sound:
    """All of a file that we trust, by the shortest way."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in [*frames, *resampler.resample(None)]])


def silence(seconds: float) -> Sound:
    """Digital silence."""
    return np.zeros(round(seconds * RATE), np.int16)


def sweep(seconds: float, low: float = 200.0, high: float = 3000.0) -> Sound:
    """A tone that rises all the time, so that every moment of it sounds different."""
    at = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (low * at + (high - low) * at**2 / (2 * seconds))
    return np.asarray(np.sin(phase) * 12_000, dtype=np.int16)


def one_after_another(sounds: Sequence[Sound], pause: float = 1.5) -> Sound:
    """With a silence after each."""
    return np.concatenate([part for sound in sounds for part in (sound, silence(pause))])


def encoded(sound: Sound, kind: str = "wav", *, picture: bool = False, **tags: str) -> bytes:
    """The sound as a file of that kind; with `picture`, as the sound of a short film."""
    container_name, codec, rate = ENCODED[kind]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_name) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=rate, layout="mono")
        if codec == "wmav2":
            stream.bit_rate = 64_000
        film = container.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p") if picture else None
        formats = stream.codec_context.codec.audio_formats or ()
        frames = _frames(sound, formats[0].name, rate, stream)
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for number in range(10 if film else 0):
            image = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 20, np.uint8))
            container.mux(film.encode(image))
        if film:
            container.mux(film.encode(None))
    return buffer.getvalue()


def _frames(sound: Sound, format_: str, rate: int, stream: av.AudioStream) -> list[av.AudioFrame]:
    resampler = av.AudioResampler(format=format_, layout="mono", rate=rate)
    whole = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
    whole.sample_rate = RATE
    queue = av.AudioFifo()
    for frame in [*resampler.resample(whole), *resampler.resample(None)]:
        frame.pts = None
        queue.write(frame)
    stream.codec_context.open(strict=False)
    size, frames, at = stream.codec_context.frame_size or 1024, [], 0
    while frame := queue.read(size) or queue.read(0, partial=True):
        frame.pts, frame.time_base = at, Fraction(1, rate)
        at += frame.samples
        frames.append(frame)
    return frames


def silent_film(seconds: float = 1.0) -> bytes:
    """A film without any sound."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        film = container.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p")
        for number in range(round(seconds * 5)):
            container.mux(film.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8))))
        container.mux(film.encode(None))
    return buffer.getvalue()
