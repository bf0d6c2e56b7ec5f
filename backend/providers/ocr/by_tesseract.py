"""Reads a picture with the program tesseract, which the system brings. Best at pages of print.

Runs in the sandbox's child but for `installed`, which looks whether there is such a program.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytesseract
from PIL import Image

from backend.domain.sources import ReadPage, Word

_log = logging.getLogger(__name__)

NAME = "tesseract"
ORIENTATION = "osd"
PATIENCE_SECONDS = 10.0
LIKELY_DPI = (70, 2400)
"""What a file says of its resolution is believed within these bounds only: many say 1 or 72 and mean nothing."""

Box = tuple[float, float, float, float]
Row = dict[str, Any]


@dataclass(frozen=True)
class Tesseract:
    """The program: its version, the folder of its data, and the wanted languages it has data for."""

    version: str
    program: str
    folder: str
    languages: tuple[str, ...]
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"{NAME}-{self.version}-{'+'.join(self.languages)}"

    @property
    def places(self) -> tuple[Path, ...]:
        """What it must be able to read of the machine."""
        return (Path(self.program).resolve(), Path(self.folder))

    def as_json(self) -> dict[str, Any]:
        return {"folder": self.folder, "languages": "+".join(self.languages)}


@lru_cache(maxsize=8)
def installed(wanted: str) -> Tesseract | None:
    """The program, if it is there and has data for one of the `wanted` languages at least ("eng+deu")."""
    program = shutil.which(pytesseract.pytesseract.tesseract_cmd)
    if program is None:
        return None
    try:
        version, listed = (_said(program, option) for option in ("--version", "--list-langs"))
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("%s does not work: %s", program, error)
        return None
    folder = re.search('"(.+)"', listed.splitlines()[0])
    known = {line.strip() for line in listed.splitlines()[1:]}
    names = tuple(dict.fromkeys(name for name in wanted.split("+") if name))
    missing = tuple(name for name in names if name not in known)
    if missing:
        _log.warning("OCR_LANGUAGES names %s, which tesseract has no data for; it has %s", missing, sorted(known))
    languages = tuple(name for name in names if name in known)
    if not languages or folder is None:
        return None
    return Tesseract(version.split()[1], program, folder[1], languages, missing)


def _said(program: str, option: str) -> str:
    ended = subprocess.run(  # noqa: S603 - the program that is asked for everywhere here
        [program, option], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    return ended.stdout or ended.stderr


def read(image: Image.Image, *, folder: str, languages: str) -> ReadPage:
    """The words of the picture, whichever way up it stands. Raises OSError, pytesseract.TesseractError."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # its threads cost twice the time of the processor and bring little
    os.environ["TESSDATA_PREFIX"] = folder
    dpi = round(image.info.get("dpi", (0, 0))[0])
    picture = image.copy()
    picture.format = "TIFF"  # written as it is: packing a page as PNG would take as long as half the reading
    found: dict[str, list[Any]] = pytesseract.image_to_data(
        picture,
        lang=languages,
        config="--psm 1" + (f" --dpi {dpi}" if LIKELY_DPI[0] < dpi < LIKELY_DPI[1] else ""),
        output_type=pytesseract.Output.DICT,
    )
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    rows = [row for row in rows if str(row["text"]).strip()]
    rotation = _rotation(rows)
    width, height = image.size
    words = tuple(_words(rows, width, height, rotation))
    letters = sum(len(word.text) for word in words)
    confidence = sum(word.confidence * len(word.text) for word in words) / max(1, letters)
    if rotation in (90, 270):
        width, height = height, width
    return ReadPage(width, height, NAME, confidence, words, rotation)


def _rotation(rows: Sequence[Row]) -> int:
    """By how much the page must be turned clockwise, told by where the words of its lines go."""
    votes = {0: 0.0, 90: 0.0, 180: 0.0, 270: 0.0}
    for one, other in pairwise(rows):
        if _line(one) == _line(other):
            right = other["left"] + other["width"] / 2 - one["left"] - one["width"] / 2
            down = other["top"] + other["height"] / 2 - one["top"] - one["height"] / 2
            if abs(right) >= abs(down):
                votes[0 if right >= 0 else 180] += abs(right)
            else:
                votes[90 if down < 0 else 270] += abs(down)
    return max(votes, key=lambda rotation: votes[rotation])


def _line(row: Row) -> tuple[int, int, int]:
    return (row["block_num"], row["par_num"], row["line_num"])


def _words(rows: Sequence[Row], width: int, height: int, rotation: int) -> Iterator[Word]:
    lines = {line: number for number, line in enumerate(dict.fromkeys(map(_line, rows)))}
    blocks = {block: number for number, block in enumerate(dict.fromkeys(_line(row)[:2] for row in rows))}
    for row in rows:
        left, top = row["left"] / width, row["top"] / height
        box = (left, top, left + row["width"] / width, top + row["height"] / height)
        line = _line(row)
        text, confidence = str(row["text"]).strip(), float(row["conf"]) / 100
        yield Word(text, _turned(box, rotation), lines[line], blocks[line[:2]], confidence)


def _turned(box: Box, rotation: int) -> Box:
    """The box on the page once that is turned clockwise."""
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in box)
    for _ in range(rotation // 90):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return (left, top, right, bottom)
