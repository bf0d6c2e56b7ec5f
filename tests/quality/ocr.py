"""How well pictures are read: pages by their characters, receipts by their words."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pypdfium2
from rapidocr import RapidOCR

from backend.domain.errors import Unreadable
from backend.domain.sources import ReadPage
from backend.providers.ocr import OcrReader
from tests.quality.measure import Measure

MEMORY = 2 * 1024**3
SECONDS = 300.0
DOCLING = "Docling bundles PDF document conversion to JSON and Markdown in an easy self contained package"
"""What the scans of that name say; no file beside them does."""
PHOTOTEST = ("phototest.tif", "phototest-rotated-180.png", "phototest-rotated-L.png", "phototest-rotated-R.png")
TURNED = re.compile(r"rotated")


@dataclass(frozen=True)
class Page:
    """A picture and what is written on it. Pages of one `group` are measured in the same half."""

    path: Path
    text: str
    group: str
    languages: str = "eng"


def measure(corpus: Path) -> list[Measure]:
    """`ocr_cer` and `ocr_receipts_word_f1`, through the reading sandbox, beside the `tesseract` program."""
    return [_pages(corpus / "ocr"), _receipts(corpus / "ocr/sroie")]


def _pages(folder: Path) -> Measure:
    """The mean over the pages, each with the same weight; upright and turned ones apart as well."""
    pages = list(_collected(folder))
    read = _read(pages)
    ours = {page.path.name: error_rate(page.text, _text(read[page.path.name])) for page in pages}
    theirs = {page.path.name: error_rate(page.text, _tesseract(page.path, page.languages)) for page in pages}
    groups = sorted({page.group for page in pages})
    parts = {  # the rules were made while looking at the second half only
        "held_out": [page.path.name for page in pages if page.group in groups[0::2]],
        "looked_at": [page.path.name for page in pages if page.group in groups[1::2]],
        "upright": [page.path.name for page in pages if not TURNED.search(page.path.name)],
        "turned": [page.path.name for page in pages if TURNED.search(page.path.name)],
    }
    return Measure(
        name="ocr_cer",
        value=_mean(ours.values()),
        yardstick=_mean(theirs.values()),
        reach="not above the yardstick, turned pages read",
        data={
            "pages": len(pages),
            **{part: _mean(ours[name] for name in names) for part, names in parts.items()},
            **{f"yardstick_{part}": _mean(theirs[name] for name in names) for part, names in parts.items()},
            "yardstick": f"{_program()}, defaults",
            "by_page": {
                name: {"cer": round(ours[name], 4), "yardstick": round(theirs[name], 4), **_facts(read[name])}
                for name in ours
            },
        },
    )


def _receipts(folder: Path) -> Measure:
    truth = {path.name.split(".", 1)[0]: _words_of(path) for path in sorted(folder.glob("*.box.csv"))}
    pages = [Page(folder / f"{name}.jpg", " ".join(words.elements()), name) for name, words in truth.items()]
    read = _read(pages)
    ours = {page.group: words(_text(read[page.path.name])) for page in pages}
    theirs = {page.group: words(_tesseract(page.path, page.languages)) for page in pages}
    alone = _rapidocr(pages)
    names = list(truth)
    halves = {"held_out": names[0::2], "looked_at": names[1::2]}
    return Measure(
        name="ocr_receipts_word_f1",
        value=word_f1(truth, ours, names),
        yardstick=word_f1(truth, theirs, names),
        reach=".87",
        data={
            "receipts": len(names),
            **{half: word_f1(truth, ours, part) for half, part in halves.items()},
            **{f"yardstick_{half}": word_f1(truth, theirs, part) for half, part in halves.items()},
            "yardstick": f"{_program()}, defaults",
            "rapidocr_alone": word_f1(truth, alone, names),
            **{f"rapidocr_alone_{half}": word_f1(truth, alone, part) for half, part in halves.items()},
            "rapidocr": version("rapidocr"),
            "engines": dict(Counter(page.engine if page else "none" for page in read.values())),
        },
    )


def error_rate(truth: str, found: str) -> float:
    """Edits of single characters that make `found` of `truth`, by the characters of `truth`; at most 1."""
    wanted, got = (np.array([ord(letter) for letter in _plain(text)]) for text in (truth, found))
    steps = np.arange(len(got) + 1)
    row = steps.copy()
    for number, letter in enumerate(wanted, start=1):
        row = np.concatenate(([number], np.minimum(row[1:] + 1, row[:-1] + (got != letter))))
        row = np.minimum.accumulate(row - steps) + steps
    return min(1.0, int(row[-1]) / max(1, len(wanted)))


def words(text: str) -> Counter[str]:
    """The words of a text, whatever their case and order: the receipts' truth is written in capitals."""
    return Counter(_plain(text).casefold().split())


def word_f1(truth: Mapping[str, Counter[str]], found: Mapping[str, Counter[str]], names: Sequence[str]) -> float:
    """Of the words of all receipts together, each counted as often as it stands there."""
    both = sum((truth[name] & found[name]).total() for name in names)
    return 2 * both / max(1, sum(truth[name].total() + found[name].total() for name in names))


def _collected(folder: Path) -> Iterator[Page]:
    phototest = (folder / "tesseract/phototest.gold.txt").read_text(encoding="utf-8")
    for name in PHOTOTEST:
        yield Page(folder / "tesseract" / name, phototest, "phototest")
    for name in ("eurotext", "8071_093.3B", "8087_054.3B"):
        text = (folder / f"tesseract/{name}.txt").read_text(encoding="utf-8", errors="replace")
        yield Page(folder / f"tesseract/{name}.tif", text, name)
    for number in ("0017", "0020"):
        yield Page(folder / f"kant1784/INPUT_{number}.tif", _kant(folder, number), f"kant{number}", _blackletter())
    for path in sorted((folder / "docling").glob("ocr_test*.pdf")):
        yield Page(path, DOCLING, "docling")


def _kant(folder: Path, number: str) -> str:
    regions = ET.parse(folder / f"kant1784/PAGE_{number}_PAGE.xml").getroot().iterfind(".//{*}TextRegion")
    found = [region.find("./{*}TextEquiv/{*}Unicode") for region in regions]
    return "\n".join(text.text or "" for text in found if text is not None)


def _blackletter() -> str:
    said = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    return "Fraktur" if "Fraktur" in said else "eng"


def _words_of(path: Path) -> Counter[str]:
    rows = csv.reader(path.read_text(encoding="utf-8", errors="replace").splitlines(), quoting=csv.QUOTE_NONE)
    return words(" ".join(",".join(row[8:]) for row in rows))


def _read(pages: Sequence[Page]) -> dict[str, ReadPage | None]:
    """Each page as the board reads it; None where it refuses it."""
    readers = {languages: OcrReader(SECONDS, MEMORY, languages) for languages in {page.languages for page in pages}}
    found: dict[str, ReadPage | None] = {}
    for page in pages:
        media_type = "application/pdf" if page.path.suffix == ".pdf" else "image/png"
        try:
            found[page.path.name] = readers[page.languages].read(
                page.path, media_type=media_type, page=1, password=None, cancelled=lambda: False
            )
        except Unreadable:
            found[page.path.name] = None
    for reader in readers.values():
        reader.close()
    return found


def _text(page: ReadPage | None) -> str:
    lines: dict[int, list[str]] = {}
    for word in page.words if page else ():
        lines.setdefault(word.line, []).append(word.text)
    return "\n".join(" ".join(line) for line in lines.values())


def _facts(page: ReadPage | None) -> dict[str, object]:
    return {"engine": page.engine, "rotation": page.rotation} if page else {"engine": None}


def _tesseract(path: Path, languages: str) -> str:
    """What the program makes of the file by itself; of a PDF, which it cannot open, of the page at 300 dpi."""
    if not shutil.which("tesseract"):
        return ""
    with tempfile.TemporaryDirectory() as folder:
        if path.suffix == ".pdf":
            with pypdfium2.PdfDocument(path) as document:
                document[0].render(scale=300 / 72).to_pil().save(path := Path(folder, "page.png"), dpi=(300, 300))
        command = ["tesseract", str(path), "-", "-l", languages]
        environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def _program() -> str:
    said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=False)
    return said.stdout.splitlines()[0]


def _rapidocr(pages: Sequence[Page]) -> dict[str, Counter[str]]:
    engine = RapidOCR(params={"Global.log_level": "error"})
    return {page.group: words(" ".join(engine(str(page.path)).txts or ())) for page in pages}


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _mean(values: Iterator[float] | Sequence[float]) -> float:
    listed = list(values)
    return sum(listed) / max(1, len(listed))
