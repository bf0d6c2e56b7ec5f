"""How many office files, PDFs, mails and pages are read, and whether the words that have to be in them are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kreuzberg

from tests.board import Board
from tests.quality.measure import Measure
from tests.quality.running import Ended, added, running, texts

_AT_ONCE = 3
_PATIENCE_SECONDS = 600
_NO_INPUTS = {"groundtruth", "expected_outputs"}
_NO_FILES = {"expectations.json", "groundtruth.jsonl.gz"}
REFUSED = {
    "docling/pdf_password/sources/2206.01062_pg3.pdf": "encrypted",
    "markitdown/random.bin": "unsupported_type",
    "paperless/documents__tests__samples__password-is-test.pdf": "encrypted",
    "paperless/paperless__tests__samples__mail__broken.eml": "corrupt",
    "paperless/paperless__tests__samples__tesseract__encrypted.pdf": "encrypted",
}
"""Those that nobody can read, and the code that says why."""
WORDLESS = {
    "paperless/documents__tests__samples__barcodes__barcode-fax-image.pdf",
    "paperless/documents__tests__samples__barcodes__patch-code-t.pdf",
    "paperless/paperless__tests__samples__tesseract__tagged-but-no-text.pdf",
}
"""Pictures of bar codes and blank pages: read as far as anything is on them, else `no_text`."""
_MARKS_OF_MARKITDOWN = re.compile(r"data:image/|^# Email Message$|^## Content$|^\]\(")
"""What it writes by itself, or only where links lead: no words of the file."""


def measure(corpus: Path) -> Iterator[Measure]:
    """Add every file to a running board; beside it kreuzberg, and markitdown where it is installed."""
    folder = corpus / "documents"
    paths = list(inputs(folder))
    with running() as board:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            ended = dict(zip(paths, pool.map(lambda path: added(board, path), paths), strict=True))
        told = _told(board, folder / "markitdown", ended)
    yield _read(folder, ended)
    yield _strings(folder / "markitdown", told)


def inputs(folder: Path) -> Iterator[Path]:
    """The files to be read, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _NO_INPUTS & set(path.parts) and path.name not in _NO_FILES:
            yield path


def _read(folder: Path, ended: Mapping[Path, Ended]) -> Measure:
    codes = {str(path.relative_to(folder)): one.code for path, one in ended.items()}
    wrong = {name: code for name, code in codes.items() if not _right(name, code)}
    theirs = sum(map(_kreuzberg_reads, ended))
    return Measure(
        name="documents_read",
        value=sum(code == "read" for code in codes.values()),
        yardstick=theirs,
        reach="every file read, or refused with the right code",
        data={
            "files": len(codes),
            "right": len(codes) - len(wrong),
            "wrong": wrong,
            "codes": dict(Counter(codes.values())),
            "yardstick": f"files that kreuzberg {version('kreuzberg')} alone finds text in",
            "longest_seconds": max(one.seconds for one in ended.values()),
        },
    )


def _right(name: str, code: str) -> bool:
    return code == REFUSED.get(name, "read") or (code == "no_text" and name in WORDLESS)


def _kreuzberg_reads(path: Path) -> bool:
    try:
        result = kreuzberg.extract_file_sync(str(path), config=kreuzberg.ExtractionConfig(use_cache=False))
    except (kreuzberg.KreuzbergError, OSError, RuntimeError):
        return False
    return bool(result.content.strip())


def _told(board: Board, folder: Path, ended: Mapping[Path, Ended]) -> dict[str, str]:
    documents = {path.name: one.document_id for path, one in ended.items() if path.parent == folder}
    return {name: "\n\n".join(texts(board, number)) for name, number in documents.items() if number is not None}


def _strings(folder: Path, told: Mapping[str, str]) -> Measure:
    rows: list[dict[str, Any]] = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))
    wanted = {
        (row["filename"], string, kind == "must_include")
        for row in rows
        for kind in ("must_include", "must_not_include")
        for string in row[kind]
        if not _MARKS_OF_MARKITDOWN.search(string)
    }
    # the collection asks for some strings with the one, for others with the other setting of markitdown
    said = {(name, as_words(string)) for name, string, must in wanted if must}
    wanted = {one for one in wanted if one[2] or (one[0], as_words(one[1])) not in said}
    theirs = _markitdown(folder, {name for name, _, _ in wanted})
    ours = _held(told, wanted)
    return Measure(
        name="markitdown_strings",
        value=len(ours) / len(wanted),
        yardstick=None if theirs is None else len(_held(theirs, wanted)) / len(wanted),
        reach="all",
        data={
            "strings": len(wanted),
            "missed": sorted(f"{name}: {string}" for name, string, _ in wanted - ours),
            "compared": "as words: without the marks of Markdown on both sides",
            "yardstick": "markitdown" if theirs is not None else "markitdown is not installed here",
        },
    )


def _held(told: Mapping[str, str], wanted: set[tuple[str, str, bool]]) -> set[tuple[str, str, bool]]:
    words = {name: as_words(text) for name, text in told.items()}
    return {one for one in wanted if one[0] in words and (as_words(one[1]) in words[one[0]]) == one[2]}


def as_words(markdown: str) -> str:
    """Without the marks of Markdown: what a person reads."""
    text = re.sub(r"!?\[([^\]\[\n]*)\](?:\([^()\n]*\))?", r"\1", markdown)
    text = re.sub(r"^\s*(?:#{1,6}|[*+>-]|```\w*)(?:\s+|$)", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"\*+|\\(?=[^\w\s])", "", text).split())


def _markitdown(folder: Path, names: set[str]) -> dict[str, str] | None:
    """What it makes of the files, by name; None when the program is not on the PATH."""
    program = shutil.which("markitdown")
    if program is None:
        return None
    told = {}
    for name in names:
        made = subprocess.run(
            [program, str(folder / name)], capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
        )
        told[name] = made.stdout
    return told
