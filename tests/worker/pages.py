"""Pictures of pages that tests have read, drawn with the font that Pillow brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PROSE = (
    "The harbour master kept a ledger of every ship",
    "that came in with the morning tide and wrote",
    "beside each name what it carried and for whom.",
    "On quiet days he read the older pages aloud",
    "to the gulls, who did not seem to mind at all.",
)
LEFT = (
    "Barley was sown in early spring",
    "and cut before the first storms.",
    "The straw went to the stables,",
    "the grain was sent to the mill.",
    "Nothing of it was ever wasted.",
)
RIGHT = (
    "Fishing boats left at midnight",
    "and followed the northern star.",
    "They came home full of herring",
    "when the lighthouse went dark.",
    "Everybody helped to unload them.",
)
RECEIPT = ("GREEN VALLEY MARKET", "Milk 2.40", "Bread 3.15", "Apples 4.80", "TOTAL 10.35", "Thank you")


def written(
    lines: Sequence[str], *, size: int = 32, at: tuple[int, int] = (80, 90), on: Image.Image | None = None
) -> Image.Image:
    """The lines in black on a white page, or `on` a page there is."""
    page = on or Image.new("L", (1000, 700), 255)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + number * size * 1.5), line, fill=20, font=ImageFont.load_default(size))
    return page


def photographed(page: Image.Image) -> Image.Image:
    """The page as a telephone sees it: askew on a dark table, unevenly lit, with the noise of a sensor."""
    table = Image.new("L", (page.width + 300, page.height + 300), 60)
    table.paste(page, (150, 150))
    askew = table.rotate(2, Image.Resampling.BICUBIC, fillcolor=60)
    noise = np.random.default_rng(7).normal(0, 12, (askew.height, askew.width))
    light = np.linspace(0.6, 1.0, askew.width)[None, :]
    return Image.fromarray(np.clip(np.asarray(askew) * light + noise, 0, 255).astype(np.uint8)).convert("RGB")


def saved(image: Image.Image, folder: Path, name: str = "page.png", **how: object) -> Path:
    path = folder / name
    image.save(path, **how)
    return path
