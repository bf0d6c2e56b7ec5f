"""The folder of the packaged Whisper model, as CTranslate2 wants it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from backend.domain.errors import Unavailable
from backend.providers import models
from backend.providers.models import Weights

FILES: dict[str, Weights] = {
    "model.bin": models.WHISPER_MODEL,
    "config.json": models.WHISPER_CONFIG,
    "tokenizer.json": models.WHISPER_TOKENIZER,
    "vocabulary.txt": models.WHISPER_VOCABULARY,
}
NAME = f"whisper-base-{models.WHISPER_MODEL.sha256[:12]}"


def prepared(place: Path) -> Path:
    """The model's folder in `place`, its bytes verified; what is missing or changed is written anew.

    Any number of processes may do so at once: each file appears whole or not at all. Raises Unavailable.
    """
    folder = place / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, weights in FILES.items():
            path = folder / name
            if not (path.is_file() and models.unchanged(weights, path)):
                _write(weights, path)
    except OSError as error:
        raise Unavailable(
            "The speech model cannot be written.",
            code="storage_failed",
            hint=f"See that there is room on the disk and that {place} can be written.",
        ) from error
    return folder


def _write(weights: Weights, path: Path) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if weights.rest:
            models.joined(weights, half)
        else:
            shutil.copyfile(models.verified(weights), half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
