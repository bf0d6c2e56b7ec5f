"""Reads a picture with PP-OCR on ONNX Runtime, by the package rapidocr whose wheel carries the models.

Runs in the sandbox's child. Three things are done by our own rules: which way up the page is (all of its lines stand
the same way, so they vote; line by line one in twenty is turned wrongly), where words end, and the reading order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.main import RapidOCRError

from backend.domain import reading_order
from backend.domain.sources import ReadPage, Word
from backend.providers import models

NAME = "rapidocr"
LONGEST_SIDE = 2600
"""Pixels a page is scaled down to: at 300 dpi small print keeps 15 pixels of height, half of what the model wants."""
DETECTED_SIDE = 1600
"""Pixels lines are looked for in; they are read in all there are. On a magazine page in 2600 that took half as much
memory and a third more time, and found the same lines."""
THINNEST = 8
LONGEST_SHAPE = 40
"""A picture thinner than so many pixels, or so many times as long as wide, has no line of text to look for."""
LEAST_SIDE = 736
"""Pixels at the shorter side that a small picture is scaled up to before lines are looked for: the package's own."""
SPACE = 0.1
"""A space is read where the model gives it this chance. CTC spreads a space over several steps, each of which the
blank between letters wins, so that the greedy decoding of the package runs words together."""
LEAST_CONFIDENCE = 0.5
TURNED = 1.5
"""Times as high as wide: a line that stands on its end."""
WIDE_ENOUGH = 2.0
"""A line shorter than that says little about which way up it is."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Letter:
    """A letter with its place along the line, 0 to 1, its confidence, and whether a space stands before it."""

    text: str
    at: float
    confidence: float
    after_space: bool


@dataclass(frozen=True)
class Line:
    """A run of words: the corners of its box, clockwise from the top left, in pixels."""

    corners: Array
    letters: Sequence[Letter]


class Letters:
    """Takes the place of the package's CTC decoder (greedy, Graves 2006) and keeps what it throws away."""

    def __init__(self, characters: list[str]) -> None:
        self.character = characters
        self._space = characters.index(" ")

    def __call__(
        self, chances: Array, _words: bool, *, wh_ratio_list: Sequence[float], max_wh_ratio: float
    ) -> tuple[list[tuple[str, float]], list[list[Letter]]]:
        """`chances` is (lines, steps, characters); for each line its text with its score, and its letters."""
        lines = [
            self._line(line, len(line) * ratio / max_wh_ratio)
            for line, ratio in zip(chances, wh_ratio_list, strict=True)
        ]
        return [("".join(letter.text for letter in line), _mean(line)) for line in lines], lines

    def _line(self, chances: Array, steps: float) -> list[Letter]:
        best, confidence = chances.argmax(axis=1), chances.max(axis=1)
        letters: list[Letter] = []
        last, spaced = 0, False
        for step, index in enumerate(best):
            spaced = spaced or bool(chances[step, self._space] > SPACE)
            if index not in (0, last):
                text = self.character[index]
                if text.strip():
                    letters.append(Letter(text, (step + 0.5) / steps, float(confidence[step]), spaced))
                    spaced = False
            last = index
        return letters


def _mean(letters: Sequence[Letter]) -> float:
    return sum(letter.confidence for letter in letters) / len(letters) if letters else 0.0


@lru_cache(maxsize=1)
def load() -> RapidOCR:
    """The engine with verified weights, on one thread, ready to be inherited by a fork.

    Raises Unavailable when they are missing or changed.
    """
    weights = {"Det": models.PPOCR_DETECTION, "Cls": models.PPOCR_DIRECTION, "Rec": models.PPOCR_RECOGNITION}
    engine = RapidOCR(
        params={
            **{f"{part}.model_path": str(models.verified(file)) for part, file in weights.items()},
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
            "Global.return_word_box": True,
        }
    )
    recogniser = engine._load_rec_model()  # type: ignore[no-untyped-call]  # noqa: SLF001 - the only way to its decoder
    engine._load_det_model()  # type: ignore[no-untyped-call]  # noqa: SLF001 - else it comes with the first page
    engine._load_cls_model()  # type: ignore[no-untyped-call]  # noqa: SLF001
    recogniser.postprocess_op = Letters(recogniser.postprocess_op.character)
    return engine


def read(image: Image.Image) -> ReadPage:
    """The words of the picture. Raises Unavailable without the weights."""
    width, height = image.size
    short, long = sorted((width, height))
    if short < THINNEST or long > LONGEST_SHAPE * short:
        return ReadPage(width, height, NAME, 0.0)
    if long > LONGEST_SIDE:
        image = image.resize((round(width * LONGEST_SIDE / long), round(height * LONGEST_SIDE / long)))
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
    rotation, lines = _lines(load(), np.ascontiguousarray(pixels))
    if rotation in (90, 270):
        width, height, pixels = height, width, np.rot90(pixels)
    words = tuple(_words(lines, pixels.shape[1], pixels.shape[0]))
    letters = [letter for line in lines for letter in line.letters]
    return ReadPage(width, height, NAME, _mean(letters), words, rotation)


def _lines(engine: RapidOCR, pixels: Array) -> tuple[int, list[Line]]:
    """By how many degrees clockwise the picture had to be turned, and its lines then."""
    corners, crops = _found(engine, pixels)
    rotation = 0
    if _on_end(corners):
        pixels, rotation = np.ascontiguousarray(np.rot90(pixels)), 270
        corners, crops = _found(engine, pixels)
    if not crops:
        return rotation, []
    if _upside_down(engine, crops):
        pixels, rotation = np.ascontiguousarray(np.rot90(pixels, 2)), (rotation + 180) % 360
        corners, crops = _found(engine, pixels)
    try:
        read = engine.recognize_txt(crops)
    except RapidOCRError:  # "the result is empty"
        return rotation, []
    letters = cast("Sequence[list[Letter]]", read.word_results)  # what our decoder put there
    found = [Line(box, line) for box, line in zip(corners, letters, strict=True)]
    return rotation, [line for line in found if _mean(line.letters) >= LEAST_CONFIDENCE]


def _found(engine: RapidOCR, pixels: Array) -> tuple[Array, list[Array]]:
    detector: Any = engine.text_det
    large = max(pixels.shape) > DETECTED_SIDE
    detector.limit_type, detector.limit_side_len = ("max", DETECTED_SIDE) if large else ("min", LEAST_SIDE)
    try:
        crops, found = engine.detect_and_crop(pixels, {})
    except RapidOCRError:  # "the result is empty"
        return np.zeros((0, 4, 2)), []
    return (np.zeros((0, 4, 2)) if found.boxes is None else found.boxes), crops


def _size(box: Array) -> tuple[float, float]:
    return float(np.linalg.norm(box[0] - box[1])), float(np.linalg.norm(box[0] - box[3]))


def _on_end(corners: Array) -> bool:
    sizes = [_size(box) for box in corners]
    turned = sum(high for wide, high in sizes if high > TURNED * wide)
    return turned > sum(wide for wide, high in sizes if wide > TURNED * high)


def _upside_down(engine: RapidOCR, crops: Sequence[Array]) -> bool:
    asked = [crop for crop in crops if crop.shape[1] >= WIDE_ENOUGH * crop.shape[0]]
    if not asked:
        return False
    _, answer = engine.cls_and_rotate(asked)
    votes: Counter[bool] = Counter()
    for crop, (label, confidence) in zip(asked, answer.cls_res or (), strict=True):
        votes["180" in label] += round(confidence * crop.shape[1])
    return votes[True] > votes[False]


def _words(lines: Sequence[Line], width: int, height: int) -> Iterator[Word]:
    boxes = [(*line.corners.min(axis=0).tolist(), *line.corners.max(axis=0).tolist()) for line in lines]
    number = 0
    for block, rows in enumerate(reading_order.blocks(boxes)):
        for row in rows:
            for index in row:
                for word in _cut(lines[index].letters):
                    box = _box(lines[index], word, width, height)
                    yield Word("".join(letter.text for letter in word), box, number, block, _mean(word))
            number += 1


def _cut(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    word: list[Letter] = []
    for letter in letters:
        if letter.after_space and word:
            yield word
            word = []
        word.append(letter)
    if word:
        yield word


def _box(line: Line, word: Sequence[Letter], width: int, height: int) -> tuple[float, float, float, float]:
    """The share of the line's box that its letters take, half a letter more at either end."""
    half = 0.5 / max(len(line.letters), 1)
    ends = np.clip([word[0].at - half, word[-1].at + half], 0.0, 1.0)
    top = line.corners[0] + (line.corners[1] - line.corners[0]) * ends[:, None]
    bottom = line.corners[3] + (line.corners[2] - line.corners[3]) * ends[:, None]
    points = np.clip(np.concatenate([top, bottom]) / (width, height), 0.0, 1.0)
    left, upper = points.min(axis=0).tolist()
    right, lower = points.max(axis=0).tolist()
    return (left, upper, right, lower)


cv2.setNumThreads(1)
