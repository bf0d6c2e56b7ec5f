"""Whisper by faster-whisper: CTranslate2 with 8-bit weights on the processor. Runs in the listening process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from backend.domain.recordings import Said

BEAM = 5


class Engine:
    """The loaded model."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def transcribe(self, samples: NDArray[np.float32], language: str | None) -> tuple[str | None, Iterator[Said]]:
        """The language, and what is said, as it is found; samples are 16 kHz, -1 to 1.

        Silence is left out beforehand (Silero VAD): Whisper makes words up where there is none.
        """
        segments, info = self._model.transcribe(samples, language=language, beam_size=BEAM, vad_filter=True)
        return info.language, _said(segments, len(samples) / 16_000)


def _said(segments: Any, seconds: float) -> Iterator[Said]:
    for one in segments:
        if one.text.strip():
            yield Said(float(one.start), min(float(one.end), seconds), one.text)
