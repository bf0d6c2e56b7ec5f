"""Draws one page of a PDF with PDFium. Runs in the sandbox's child; nothing here is called in a worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from backend.domain.errors import Unreadable
from backend.providers.rendering.pictures import MOST_PIXELS, damaged

POINTS_PER_INCH = 72
LEAST_DPI, MOST_DPI = 200, 300
"""Between them a scan is drawn in its own pixels: more would only blur it, and letters below 200 dpi are too small."""

COVERED = 0.7
"""Of a page: what one picture takes of it when it was scanned, margins left aside."""


def draw(path: Path, number: int, password: str | None, longest: int | None = None) -> Image.Image:
    """The page of that number, from 1, in grey or colour, `longest` pixels at its longer side or fit for OCR.

    Raises Unreadable `encrypted`, `corrupt`.
    """
    with _page(path, number, password) as page:
        width, height = (max(side, 1.0) for side in page.get_size())
        scale = longest / max(width, height) if longest else _dpi(page, (width, height)) / POINTS_PER_INCH
        scale = min(scale, (MOST_PIXELS / (width * height)) ** 0.5)
        image: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
        image.info = {"dpi": (round(scale * POINTS_PER_INCH),) * 2}
        return image


def pictured(path: Path, numbers: Sequence[int], password: str | None) -> set[int]:
    """Those of the pages that one picture covers, as a scanner makes them; none where the file cannot be opened."""
    found = set()
    with suppress(Unreadable):
        for number in numbers:
            with _page(path, number, password) as page:
                width, height = page.get_size()
                shares = [_area(drawn) / max(width * height, 1.0) for drawn in _pictures(page)]
                if max(shares, default=0.0) > COVERED:
                    found.add(number)
    return found


@contextmanager
def _page(path: Path, number: int, password: str | None) -> Iterator[pypdfium2.PdfPage]:
    try:  # by its bytes: the path of a sandboxed file is a descriptor, which PDFium would resolve and not find
        with path.open("rb") as file, pypdfium2.PdfDocument(file, password=password) as document:
            yield document[number - 1]
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise Unreadable(
                "This file is protected with a password.", code="encrypted", hint="Give the password and try again."
            ) from error
        raise damaged() from error
    except IndexError as error:
        raise damaged() from error


def _dpi(page: pypdfium2.PdfPage, size: tuple[float, float]) -> float:
    """That of the largest picture on the page, within bounds."""
    finest = 0.0
    with suppress(pypdfium2.PdfiumError):
        for drawn in _pictures(page):
            left, bottom, right, top = drawn.get_bounds()
            if _area(drawn) < 0.2 * size[0] * size[1]:  # a logo or a stamp
                continue
            pixels = max(drawn.get_px_size())
            finest = max(finest, pixels * POINTS_PER_INCH / max(right - left, top - bottom, 1.0))
    return min(max(finest or MOST_DPI, LEAST_DPI), MOST_DPI)


def _pictures(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfImage]:
    yield from page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)


def _area(drawn: pypdfium2.PdfImage) -> float:
    left, bottom, right, top = drawn.get_bounds()
    return float((right - left) * (top - bottom))
