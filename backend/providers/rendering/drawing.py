"""What the renderer's child does: looks at a picture, or draws a page of a picture or a PDF."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image

from backend.providers.rendering import pdf_pages, pictures

PDF = "application/pdf"
GREY = "grey"
ENCODING: dict[str, dict[str, Any]] = {
    "png": {"format": "PNG", "compress_level": 3},
    "webp": {"format": "WEBP", "quality": 70, "method": 4},
}

TURNED = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Degrees clockwise; Pillow counts the other way round."""


def work(
    path: str,
    media_type: str,
    page: int = 1,
    password: str | None = None,
    longest: int | None = None,
    encoding: str | None = None,
    rotation: int = 0,
) -> dict[str, Any]:
    """With an `encoding`, the page as `{"picture": base64}`, at most `longest` pixels long; else what `look` says.

    The encoding "grey" is a square of `longest` by `longest` bytes, whatever the shape of the picture.
    """
    if encoding is None:
        return pictures.look(Path(path))
    image = page_of(Path(path), media_type, page, password, longest)
    if encoding == GREY and longest:
        square = image.convert("L").resize((longest, longest), Image.Resampling.LANCZOS)
        return {"picture": base64.b64encode(square.tobytes()).decode()}
    if longest and max(image.size) > longest:
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if rotation:
        image = image.transpose(TURNED[rotation])
    out = io.BytesIO()
    image.save(out, **ENCODING[encoding])
    return {"picture": base64.b64encode(out.getvalue()).decode()}


def page_of(path: Path, media_type: str, page: int, password: str | None, longest: int | None = None) -> Image.Image:
    """The page as an upright "L" or "RGB" picture; `longest` matters for what is drawn only. Raises Unreadable."""
    if media_type == PDF:
        return pdf_pages.draw(path, page, password, longest)
    return pictures.frame(path, page)
