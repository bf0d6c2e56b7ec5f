"""Opens picture files with Pillow: only known formats, only as many pixels as fit, upright, on white.

Runs in the sandbox's child; nothing here is called in a worker process.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from PIL.ExifTags import IFD, Base

from backend.domain.errors import Unreadable

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF")
"""What is opened at all: Pillow knows three dozen more, which nobody scans into and which have a history of holes."""
PAGED = "TIFF"
"""The one format whose frames are pages; those of the others are an animation, of which the first is read."""
MOST_PIXELS = 40_000_000
MOST_FRAMES = 2_000
GREY_16 = ("I", "I;16", "I;16L", "I;16B", "I;16N")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def look(path: Path) -> dict[str, Any]:
    """A `Picture` (backend/domain/sources.py) as JSON. Raises Unreadable `corrupt`, `too_many_pixels`."""
    with _decoding(), Image.open(path, formats=FORMATS) as image:
        _check(image.size)
        width, height = image.size
        frames = min(getattr(image, "n_frames", 1), MOST_FRAMES) if image.format == PAGED else 1
        return {"frames": frames, "width": width, "height": height, **_facts(image)}


def frame(path: Path, number: int) -> Image.Image:
    """The frame of that number, from 1, as an upright "L" or "RGB" picture. Raises like `look`."""
    with _decoding(), Image.open(path, formats=FORMATS) as image:
        if number > 1:
            image.seek(number - 1)
        _check(image.size)
        return _plain(_upright(image))


@contextmanager
def _decoding() -> Iterator[None]:
    """Whatever a decoder trips over, the file is damaged: Pillow raises a dozen kinds of errors."""
    try:
        yield
    except (MemoryError, Unreadable):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels() from error
    except Exception as error:
        raise damaged() from error


def damaged() -> Unreadable:
    """The refusal of a picture that does not decode."""
    return Unreadable(
        "This picture is damaged and cannot be opened.",
        code="corrupt",
        hint="Open it in the program it comes from, save it again, and add that copy.",
    )


def too_many_pixels(size: tuple[int, int] | None = None) -> Unreadable:
    """The refusal of a picture that would fill the memory."""
    what = f"{size[0]:,} by {size[1]:,}" if size else "too many"
    return Unreadable(
        f"This picture has {what} pixels; at most {MOST_PIXELS // 1_000_000} million can be read.",
        code="too_many_pixels",
        hint="Scale it down or cut it into parts, and add those.",
    )


def _check(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise too_many_pixels(size)
    if 0 in size:
        raise damaged()


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, MemoryError):
        raise  # the pixels themselves
    except Exception:  # noqa: BLE001 - the notes beside the pixels are broken, which is no reason to lose the pixels
        return image


def _plain(image: Image.Image) -> Image.Image:
    dpi = image.info.get("dpi")
    if image.mode in GREY_16:
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    elif image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    elif image.mode in ("1", "L", "LA"):
        image = image.convert("L")
    else:
        image = image.convert("RGB")
    image.info = {"dpi": dpi} if dpi else {}
    return image


def _facts(image: Image.Image) -> dict[str, Any]:
    """When and with what it was taken. Where it was taken is left alone: nobody asked the board to know that."""
    try:
        exif = image.getexif()
        taken = exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal) or exif.get(Base.DateTime)
        makers = (exif.get(Base.Make), exif.get(Base.Model))
        camera = " ".join(" ".join(str(maker).replace("\0", " ").split()) for maker in makers if maker)
        return {"taken_at": _time(taken), "camera": camera[:100] or None}
    except Exception:  # noqa: BLE001 - as above
        return {"taken_at": None, "camera": None}


def _time(written: object) -> str | None:
    try:
        return datetime.strptime(str(written), "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007  Exif names no zone
    except ValueError:
        return None
