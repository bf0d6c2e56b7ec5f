"""What the house asks of those who decode sound and write down what is said; in the manner of `ports.py`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from backend.domain.ports import Cancelled
from backend.domain.recordings import Recording, Span, Transcript

Heard = Callable[[float], None]
"""Told now and then by whoever listens: the second up to which it has heard."""


class MediaDecoder(Protocol):
    """Decodes the sound of audio and video files, in a child process with limits."""

    version: str
    """Changes when the same bytes may give other sound: part of every cache key."""

    def look(self, path: Path, *, media_type: str, cancelled: Cancelled) -> Recording:
        """How long the sound is and how loud it is where.

        Raises Unreadable (no_sound, corrupt, too_large, timed_out, out_of_memory, crashed, cancelled).
        """
        ...

    def sound(
        self, path: Path, span: Span, *, media_type: str, seekable: bool, cancelled: Cancelled
    ) -> AbstractContextManager[Path]:
        """A stretch of it as a WAV file (16 kHz, mono, 16 bit), there until the block is left. Raises like `look`."""
        ...


class Transcriber(Protocol):
    """Writes down what is said."""

    version: str
    """Engine and model; changes when the same sound may give other words: part of every cache key."""

    def transcribe(self, path: Path, *, language: str | None, cancelled: Cancelled, heard: Heard) -> Transcript:
        """What is said in a WAV file as `MediaDecoder` writes it; nothing at all is no error.

        Raises Unavailable (transcriber_unavailable, model_missing, model_changed), Unreadable (cancelled).
        """
        ...
