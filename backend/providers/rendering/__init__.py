"""Pictures of pages. `PageRenderer` fulfils `Renderer`; the drawing is done in a sandbox, in the files beside this."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain.ports import Cancelled
from backend.domain.sources import Picture
from backend.providers.sandbox import Sandbox

SECONDS = 30.0
"""A page that takes longer to draw is not worth looking at."""


class PageRenderer:
    """Draws in a sandbox. Cheap to make, starts its zygote at first use, safe to inherit across a fork."""

    def __init__(self, memory_bytes: int) -> None:
        self._sandbox = Sandbox(f"{__name__}.drawing:work", timeout_seconds=SECONDS, memory_bytes=memory_bytes)

    def look(self, path: Path, *, media_type: str, cancelled: Cancelled) -> Picture:
        """What a picture file says of itself. Raises Unreadable."""
        value = self._sandbox.run({"media_type": media_type}, files={"path": path}, cancelled=cancelled)
        taken_at = value.pop("taken_at")
        return Picture(taken_at=datetime.fromisoformat(taken_at) if taken_at else None, **value)

    def draw(
        self,
        path: Path,
        *,
        media_type: str,
        page: int,
        longest: int,
        encoding: str,
        password: str | None = None,
        rotation: int = 0,
    ) -> bytes:
        """A page, from 1, as "png" or "webp", at most `longest` pixels at its longer side. Raises Unreadable."""
        request = {
            "media_type": media_type,
            "page": page,
            "password": password,
            "longest": longest,
            "encoding": encoding,
            "rotation": rotation,
        }
        value = self._sandbox.run(request, files={"path": path}, cancelled=lambda: False)
        return base64.b64decode(value["picture"])

    def grey(self, path: Path, *, media_type: str, side: int) -> NDArray[np.uint8]:
        """The first page as a square of grey levels, `side` by `side`. Raises Unreadable."""
        request = {"media_type": media_type, "page": 1, "longest": side, "encoding": "grey"}
        value = self._sandbox.run(request, files={"path": path}, cancelled=lambda: False)
        return np.frombuffer(base64.b64decode(value["picture"]), np.uint8).reshape(side, side)

    def close(self) -> None:
        """End the drawing process."""
        self._sandbox.close()
