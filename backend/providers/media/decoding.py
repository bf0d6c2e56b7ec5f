"""Measures the sound of a file, and writes stretches of it. Runs in the sandbox's child."""

from __future__ import annotations

import math
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from backend.domain.errors import Unreadable
from backend.domain.recordings import SILENCE, TICK, clock
from backend.providers.media.streams import FORMATS, RATE, Damage, Sound, damaged, opened, sound_of

MOST_SECONDS = 24 * 3600.0
_TELLS_ITS_LENGTH = {"mov", "matroska", "flac", "wav", "aiff", "avi", "ogg"}
"""Those whose header can be believed about the length; the others guess it from the first frames."""
_TICK_SAMPLES = round(RATE * TICK)
_LEAD_SECONDS = 3.0
"""Decoded and thrown away before a stretch: codecs need a moment after a jump."""
_DRIFT_SECONDS = 0.15
_MISSING_SHARE, _MISSING_SECONDS = 0.02, 1.0
_LOST_SHARE = 0.02


def work(
    path: str,
    media_type: str,
    start: float | None = None,
    end: float | None = None,
    *,
    seekable: bool = True,
    out: str | None = None,
) -> dict[str, Any]:
    """With `out`, write the stretch there as `sound.wav`; else a `Recording` as JSON. Raises Unreadable."""
    if out is not None and start is not None and end is not None:
        return _write(path, media_type, (start, end), Path(out, "sound.wav"), seekable=seekable)
    return _look(path, media_type)


def _look(path: str, media_type: str) -> dict[str, Any]:
    for format_ in FORMATS[media_type]:
        try:
            with opened(path, format_) as (container, stream):
                return _measured(container, stream, format_)
        except Unreadable as error:
            if error.code != "corrupt" or format_ == FORMATS[media_type][-1]:
                raise
    raise damaged()


def _measured(container: InputContainer, stream: AudioStream, format_: str) -> dict[str, Any]:
    damage, levels, rest, samples = Damage(), list[int](), np.zeros(0, np.int16), 0
    first: float | None = None
    steady = True
    for time, sound in sound_of(container, stream, damage):
        first = time if first is None else first
        steady = steady and time is not None and abs(time - (first or 0.0) - samples / RATE) < _DRIFT_SECONDS
        samples += len(sound)
        if samples > MOST_SECONDS * RATE:
            raise _too_long()
        rest = np.concatenate([rest, sound])
        whole = len(rest) // _TICK_SAMPLES * _TICK_SAMPLES
        levels += _levels(rest[:whole].reshape(-1, _TICK_SAMPLES))
        rest = rest[whole:]
    if not samples:
        raise damaged()
    levels += _levels(rest.reshape(1, -1)) if len(rest) else []
    return {
        "seconds": samples / RATE,
        "levels": levels,
        "codec": stream.codec_context.name,
        "seekable": steady,
        "title": _tag(container, stream, "title"),
        "artist": _tag(container, stream, "artist"),
        "warnings": _warnings(container, stream, format_, damage, samples / RATE),
    }


def _levels(ticks: Sound) -> list[int]:
    power = np.mean(np.square(ticks.astype(np.float64) / 32768), axis=1)
    return [SILENCE if one <= 0 else max(SILENCE, round(10 * math.log10(one))) for one in power.tolist()]


def _tag(container: InputContainer, stream: AudioStream, name: str) -> str | None:
    found = {key.lower(): value for key, value in (*stream.metadata.items(), *container.metadata.items())}
    return " ".join(found.get(name, "").split())[:500] or None


def _warnings(
    container: InputContainer, stream: AudioStream, format_: str, damage: Damage, seconds: float
) -> list[dict[str, str]]:
    said = []
    if damage.lost > max(1, damage.packets * _LOST_SHARE):  # the last one may be cut in two
        message = f"Parts of the sound are damaged; {clock(seconds)} of it could be played."
        said.append({"code": "sound_damaged", "message": message})
    announced = _announced(container, stream) if format_ in _TELLS_ITS_LENGTH else 0.0
    if announced - seconds > max(_MISSING_SECONDS, announced * _MISSING_SHARE):
        message = f"The file says that it is {clock(announced)} long, but ends at {clock(seconds)}."
        said.append({"code": "sound_cut_off", "message": message})
    return said


def _announced(container: InputContainer, stream: AudioStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    others = [other for other in container.streams if other is not stream]
    return float(container.duration or 0) / av.time_base if not others else 0.0


def _too_long() -> Unreadable:
    return Unreadable(
        f"This recording is longer than {MOST_SECONDS / 3600:.0f} hours.", code="too_large", hint="Cut it into parts."
    )


def _write(path: str, media_type: str, span: tuple[float, float], target: Path, *, seekable: bool) -> dict[str, Any]:
    jumps = (True, False) if seekable and span[0] > _LEAD_SECONDS else (False,)
    for format_ in FORMATS[media_type]:
        for jump in jumps:
            try:
                with opened(path, format_) as (container, stream), wave.open(str(target), "wb") as file:
                    file.setparams((1, 2, RATE, 0, "NONE", ""))
                    for piece in _stretch(container, stream, span, jump=jump):
                        file.writeframes(piece.tobytes())
                    written = file.getnframes()
            except (Unreadable, _Overshot):
                continue
            if written:
                return {"samples": written}
    raise damaged()


class _Overshot(Exception):
    """A jump ended behind the place it was meant for, or nobody knows where."""


def _stretch(
    container: InputContainer, stream: AudioStream, span: tuple[float, float], *, jump: bool
) -> Iterator[Sound]:
    first, end = (round(second * RATE) for second in span)
    zero = _jumped(container, stream, span[0] - _LEAD_SECONDS) if jump else None
    at = None if jump else 0
    for time, sound in sound_of(container, stream, Damage()):
        if at is None:
            at = round((time - zero) * RATE) if time is not None and zero is not None else end
            if at > first:
                raise _Overshot
        if at >= end:
            return
        piece = sound[max(0, first - at) : end - at]
        if len(piece):
            yield piece
        at += len(sound)


def _jumped(container: InputContainer, stream: AudioStream, second: float) -> float | None:
    """Go to that second, or a little before it; returns the time at which the clock of the stream begins."""
    zero = next((time for time, _ in sound_of(container, stream, Damage())), None)
    if zero is None or stream.time_base is None:
        return None
    try:
        container.seek(int((zero + second) / stream.time_base), stream=stream)
    except (av.FFmpegError, OverflowError) as error:
        raise _Overshot from error
    return zero
