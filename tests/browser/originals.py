"""Originals that browser tests make: pictures of text, scans, sound."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SIZE = (1240, 1754)
RATE = 8000


def picture(lines: Sequence[str], size: tuple[int, int] = SIZE) -> Image.Image:
    """Black text on white paper, large enough to be read by any engine."""
    drawn = Image.new("L", size, 255)
    pen = ImageDraw.Draw(drawn)
    for number, line in enumerate(lines):
        pen.text((90, 110 + number * 70), line, fill=0, font=ImageFont.load_default(38))
    return drawn


def png(lines: Sequence[str]) -> bytes:
    """A picture of text as PNG."""
    written = io.BytesIO()
    picture(lines, (1240, 180 + 70 * len(lines))).save(written, "PNG")
    return written.getvalue()


def scan(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF without a text layer."""
    first, *rest = [picture(page) for page in pages]
    written = io.BytesIO()
    first.save(written, "PDF", save_all=True, append_images=rest, resolution=150)
    return written.getvalue()


def wav(seconds: int, pitch: float = 220.0) -> bytes:
    """A tone that swells and fades every four seconds, so that it can be cut where it is quiet."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        frames = (
            int(12_000 * abs(math.sin(math.pi * at / RATE / 4)) * math.sin(2 * math.pi * pitch * at / RATE))
            for at in range(seconds * RATE)
        )
        file.writeframes(b"".join(struct.pack("<h", frame) for frame in frames))
    return written.getvalue()
