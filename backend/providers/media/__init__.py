"""The sound of audio and video files. `SandboxedDecoder` fulfils `MediaDecoder`; `decoding.py` runs in its child."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from backend.domain.ports import Cancelled
from backend.domain.recordings import Recording, Span
from backend.providers import scratch
from backend.providers.sandbox import Sandbox

_REVISION = 1
"""To be raised when our own part of decoding gives other sound for the same bytes."""
_PATIENCE = 3.0
"""A recording of hours is decoded in minutes; times what one document may take to read."""


class SandboxedDecoder:
    """Decodes with ffmpeg's libraries in a sandbox. Cheap to make, starts its zygote at first use."""

    def __init__(self, timeout_seconds: float, memory_bytes: int) -> None:
        self.version = f"av-{version('av')}/{_REVISION}"
        self._sandbox = Sandbox(
            f"{__name__}.decoding:work", timeout_seconds=_PATIENCE * timeout_seconds, memory_bytes=memory_bytes
        )

    def look(self, path: Path, *, media_type: str, cancelled: Cancelled) -> Recording:
        """Decode the whole sound to know its length and how loud it is where.

        Raises Unreadable: `no_sound`, `corrupt`, `too_large`, and what `Sandbox.run` raises.
        """
        value = self._sandbox.run({"media_type": media_type}, files={"path": path}, cancelled=cancelled)
        warnings = tuple(value.pop("warnings"))
        return Recording(levels=tuple(value.pop("levels")), warnings=warnings, **value)

    @contextmanager
    def sound(self, path: Path, span: Span, *, media_type: str, seekable: bool, cancelled: Cancelled) -> Iterator[Path]:
        """A stretch of the sound as a WAV file (16 kHz, mono, 16 bit), there until the block is left."""
        request = {"media_type": media_type, "start": span.start, "end": span.end, "seekable": seekable}
        folder, lock = scratch.claim()  # and what a killed worker left is swept by the next one
        try:
            self._sandbox.run(request, files={"path": path}, into=folder, cancelled=cancelled)
            yield folder / "sound.wav"
        finally:
            scratch.remove(folder)
            os.close(lock)

    def close(self) -> None:
        """End the decoding process."""
        self._sandbox.close()
