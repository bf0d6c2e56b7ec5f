"""What the reader's child does: draws a page, and reads it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.providers.ocr import by_rapidocr
from backend.providers.rendering import drawing


def read(path: str, media_type: str, page: int, password: str | None) -> dict[str, Any]:
    """A `ReadPage` (backend/domain/sources.py) as JSON. Raises Unreadable, Unavailable."""
    return asdict(by_rapidocr.read(drawing.page_of(Path(path), media_type, page, password)))
