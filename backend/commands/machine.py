"""What `doctor` examines on the machine around the board: folders and model weights."""

from __future__ import annotations

from collections.abc import Iterator

from backend.commands import models
from backend.commands.checks import Finding
from backend.settings import Settings


def watched(settings: Settings) -> Iterator[Finding]:
    """Whether the folder to be watched, if there is to be one, is there."""
    if (folder := settings.watch_dir) and folder.expanduser().is_dir():
        yield Finding("ok", "watched folder", f"What is put into {folder} comes onto the board of its owner.")
    elif folder:
        yield Finding(
            "warning", "watched folder", f"There is no folder {folder}.", "Make or mount it: it is waited for."
        )


def weights() -> Iterator[Finding]:
    """Whether all model weights are there; `models verify` reads them."""
    if missing := models.missing():
        do = "Install requirements.txt, or set MODELS_DIR and run `syncboard models fetch`."
        yield Finding("problem", "models", f"Weights are missing: {', '.join(missing)}.", do)
    else:
        yield Finding("ok", "models", "All weights are there.")
