"""Pictures of text, as a scanner or a camera makes them, drawn by the tests themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from tests import files

DPI = 100
SIZE = (620, 320)
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
"""How the stand-in reader of pages (tests/worker/scan_app.py) names them."""


def page(lines: Sequence[str], size: tuple[int, int] = SIZE) -> Image.Image:
    """Black words on white."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=24)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 40 * number), line, font=font, fill=0)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def tiff(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF with these pages."""
    return encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")


def pdf(pages: Sequence[Sequence[str] | None], text: Sequence[str] = ()) -> bytes:
    """A scan: a picture for each page, and where a page is None one with the lines of `text` as a text layer."""
    scan = io.BytesIO()
    pictures = [page(lines) for lines in pages if lines is not None]
    pictures[0].save(scan, "PDF", save_all=True, append_images=pictures[1:], resolution=DPI)
    if None not in pages:
        return scan.getvalue()
    whole, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    pictured, written = pypdfium2.PdfDocument(scan.getvalue()), pypdfium2.PdfDocument(files.pdf([text]))
    at = 0
    for lines in pages:
        whole.import_pages(written if lines is None else pictured, [0 if lines is None else at])
        at += lines is not None
    whole.save(out)
    return out.getvalue()
