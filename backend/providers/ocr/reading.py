"""What the reader's child does: draws a page, and has it read by the engine that is sure of it."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytesseract
from PIL import Image

from backend.domain.errors import BoardError, Unavailable
from backend.domain.sources import ReadPage
from backend.providers.ocr import by_rapidocr, by_tesseract
from backend.providers.rendering import drawing

_log = logging.getLogger(__name__)

SURE = 0.92
"""From this confidence on tesseract is right as often as rapidocr, and keeps columns and paragraphs better."""
LEAST_CONTRAST = 24
"""Levels of grey between the darkest and the brightest spot of a page that has something on it."""
PAPER = 0.5
"""Of a page of print is as bright as its background; of a photograph less."""
AS_BRIGHT = 16
THUMBNAIL = 256


def prepare() -> None:
    """Load the engine's weights before the first page; called once in the process that every child is a copy of."""
    with suppress(BoardError):  # then it is said of the first page that needs it
        by_rapidocr.load()


def read(
    path: str, media_type: str, page: int, password: str | None, tesseract: dict[str, str] | None = None
) -> dict[str, Any]:
    """A `ReadPage` (backend/domain/sources.py) as JSON. `tesseract` is as of `by_tesseract.installed`, or None.

    Raises Unreadable, Unavailable.
    """
    return asdict(words_of(drawing.page_of(Path(path), media_type, page, password), tesseract))


def words_of(image: Image.Image, tesseract: dict[str, str] | None) -> ReadPage:
    """Read by tesseract where that is sure of itself, else by rapidocr, else by the one that read more.

    Both run only on what looks like a page of print and tesseract is not sure of.
    """
    brightness = image.convert("L")
    darkest, brightest = brightness.getextrema()
    if int(brightest) - int(darkest) < LEAST_CONTRAST:  # type: ignore[arg-type]  # of one band they are two numbers
        return ReadPage(*image.size, engine=by_rapidocr.NAME, confidence=0.0)
    first = _by_tesseract(image, tesseract) if tesseract and _is_paper(brightness) else None
    if first is not None and first.confidence >= SURE:
        return first
    try:
        second = by_rapidocr.read(image)
    except Unavailable:
        first = first or (_by_tesseract(image, tesseract) if tesseract else None)
        if first is None:
            raise
        return first
    return second if first is None else max(second, first, key=_read_right)


def _by_tesseract(image: Image.Image, how: dict[str, str]) -> ReadPage | None:
    try:
        return by_tesseract.read(image, **how)
    except (OSError, pytesseract.TesseractError) as error:
        _log.warning("tesseract failed: %s", type(error).__name__)
        return None


def _is_paper(brightness: Image.Image) -> bool:
    small = brightness.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    levels = small.histogram()
    background = max(range(len(levels)), key=lambda level: levels[level])
    alike = sum(levels[max(0, background - AS_BRIGHT) : background + AS_BRIGHT + 1])
    return alike >= PAPER * sum(levels)


def _read_right(page: ReadPage) -> float:
    """How many letters were read right, if the engine is as good as it thinks."""
    return page.confidence * sum(len(word.text) for word in page.words)
