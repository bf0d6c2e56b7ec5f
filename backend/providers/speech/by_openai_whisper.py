"""Whisper by its original implementation, on PyTorch, with the same weights. Runs in the listening process.

Needs the packages of `requirements-whisper.txt`, which the board does without.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper
from faster_whisper.vad import SpeechTimestampsMap, VadOptions, collect_chunks, get_speech_timestamps
from numpy.typing import NDArray
from whisper.model import ModelDimensions, Whisper

from backend.domain.recordings import Said
from backend.providers.speech import conversion

BEAM = 5
_RATE = 16_000


class Engine:
    """The loaded model."""

    def __init__(self, folder: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        arrays = conversion.read(folder / "model.bin")
        self._model = Whisper(ModelDimensions(**conversion.dimensions(arrays)))
        weights = {name: torch.from_numpy(np.array(array)) for name, array in conversion.state(arrays).items()}
        self._model.load_state_dict(weights, strict=True)
        self._model.eval()

    def transcribe(self, samples: NDArray[np.float32], language: str | None) -> tuple[str | None, Iterator[Said]]:
        """The language, and what is said; samples are 16 kHz, -1 to 1. Silence is left out, as for the other engine."""
        spoken = get_speech_timestamps(samples, VadOptions())
        if not spoken:
            return None, iter(())
        # glued, not by `clip_timestamps`: at the end of a clip the original goes on by hundredths of a second
        pieces, _ = collect_chunks(samples, spoken)
        answer = whisper.transcribe(
            self._model, np.concatenate(pieces), language=language, beam_size=BEAM, fp16=False, verbose=None
        )
        return answer["language"], _said(answer["segments"], SpeechTimestampsMap(spoken, _RATE), len(samples) / _RATE)


def _said(segments: list[dict[str, Any]], places: SpeechTimestampsMap, seconds: float) -> Iterator[Said]:
    for one in segments:
        if one["text"].strip():
            start = places.get_original_time(float(one["start"]))
            end = places.get_original_time(float(one["end"]), is_end=True)
            yield Said(start, min(end, seconds), one["text"])
