"""Every file of the shared corpus is read, or refused with the right code; none crashes or hangs the reader.

Where the corpus is not at hand, the same is asked of files made here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.domain.content import WITHOUT_TEXT
from backend.domain.errors import Unreadable
from backend.providers.extractors import Reader
from tests import files
from tests.worker.kin import zygote_of

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NO_INPUTS = {"groundtruth", "expected_outputs"}
LONGEST_SECONDS = 60
REFUSALS = {"encrypted", "no_text", "unsupported_type", "corrupt", "empty_file"}

REFUSED = {
    "docling/pdf_password/sources/2206.01062_pg3.pdf": "encrypted",
    "markitdown/MEDRPT-2024-PAT-3847_medical_report_scan.pdf": "no_text",
    "markitdown/random.bin": "unsupported_type",
    "markitdown/test.jpg": "unsupported_type",
    "markitdown/test.m4a": "unsupported_type",
    "markitdown/test.mp3": "unsupported_type",
    "markitdown/test.wav": "unsupported_type",
    "markitdown/test_files.zip": "unsupported_type",
    "markitdown/test_llm.jpg": "unsupported_type",
    "paperless/documents__tests__samples__barcodes__barcode-fax-image.pdf": "no_text",
    "paperless/documents__tests__samples__barcodes__patch-code-t.pdf": "no_text",
    "paperless/documents__tests__samples__documents__archive__0000001.pdf": "no_text",
    "paperless/documents__tests__samples__password-is-test.pdf": "encrypted",
    "paperless/paperless__tests__samples__mail__broken.eml": "corrupt",
    "paperless/paperless__tests__samples__tesseract__encrypted.pdf": "encrypted",
    "paperless/paperless__tests__samples__tesseract__multi-page-images.pdf": "no_text",
    "paperless/paperless__tests__samples__tesseract__tagged-but-no-text.pdf": "no_text",
}
"""Of the documents; all others have text to be read. Pictures and sound are for later readers."""
PASSWORDS = {"paperless/documents__tests__samples__password-is-test.pdf": "test"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(timeout_seconds=LONGEST_SECONDS, memory_bytes=2 * 1024**3)
    yield made
    made.close()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder of documents, and the code with which some of them must be refused."""
    if CORPUS.is_dir():
        return CORPUS / "documents", REFUSED
    made = {
        "a.pdf": files.pdf([["Nets and boats."]]),
        "locked.pdf": files.pdf([["Nets."]], password="tide"),
        "scan.pdf": files.pdf([[]]),
        "a.docx": files.docx(files.paragraph("Nets")),
        "a.xlsx": files.xlsx({"One": [["Nets"]]}),
        "a.pptx": files.pptx([("One", "Nets", "")]),
        "a.odt": files.odf("text", "<text:p>Nets</text:p>"),
        "a.eml": files.mail("Nets", "Boats"),
        "a.txt": b"Nets",
        "a.mp3": b"ID3" + bytes(99),
    }
    return _folder(tmp_path_factory, made), {
        "locked.pdf": "encrypted",
        "scan.pdf": "no_text",
        "a.mp3": "unsupported_type",
    }


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that were made, or broken, to crash what reads them."""
    if CORPUS.is_dir():
        return CORPUS / "nasty"
    whole = {"a.pdf": files.pdf([["Nets"]] * 3), "a.docx": files.docx(files.paragraph("Nets"))}
    cut = {f"{size}-{name}": data[:size] for name, data in whole.items() for size in range(0, len(data), 97)}
    flipped = {
        f"{at}x{name}": data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        for name, data in whole.items()
        for at in range(0, len(data), 53)
    }
    return _folder(tmp_path_factory, cut | flipped)


def _folder(factory: pytest.TempPathFactory, made: dict[str, bytes]) -> Path:
    folder = factory.mktemp("corpus")
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder


def _inputs(folder: Path) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not NO_INPUTS & set(path.parts))
    return [path for path in found if path.name not in {"expectations.json", "groundtruth.jsonl.gz"}]


def _outcome(reader: Reader, path: Path, password: str | None = None) -> str:
    """ "read", or the code of the refusal."""
    started = time.monotonic()
    media_type = reader.sniff(path, path.name)
    try:
        content = reader.extract(
            path, filename=path.name, media_type=media_type, password=password, cancelled=lambda: False
        )
    except Unreadable as error:
        refusal = error
    else:
        if content.metadata.get(WITHOUT_TEXT) and not content.text:
            return "no_text"  # whose pages are read as pictures then
        assert content.text.strip()
        assert all(0 <= part.start < part.end <= len(content.text) for part in content.parts)
        assert time.monotonic() - started < LONGEST_SECONDS
        return "read"
    assert refusal.message
    assert refusal.hint
    # A refusal at upload must never hide a file that could have been read or explained.
    assert reader.supports(media_type, path.name) or refusal.code in {"unsupported_type", "empty_file"}
    return refusal.code


def test_every_document_is_read_or_refused_with_the_right_code(
    reader: Reader, documents: tuple[Path, dict[str, str]]
) -> None:
    folder, refused = documents
    outcomes = {str(path.relative_to(folder)): _outcome(reader, path) for path in _inputs(folder)}
    assert len(outcomes) > len(refused)
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "read"} == refused


def test_a_password_opens_what_it_locks(reader: Reader, documents: tuple[Path, dict[str, str]]) -> None:
    passwords = PASSWORDS if CORPUS.is_dir() else {"locked.pdf": "tide"}
    for name, password in passwords.items():
        assert _outcome(reader, documents[0] / name, password) == "read"


def test_nasty_files_are_survived(reader: Reader, nasty: Path) -> None:
    assert _outcome(reader, Path(__file__)) == "read"
    running = psutil.Process().children()
    outcomes = {str(path.relative_to(nasty)): _outcome(reader, path) for path in _inputs(nasty)}
    assert len(outcomes) > 10
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in REFUSALS | {"read"}} == {}
    assert psutil.Process().children() == running, "the zygote of before lives, and nobody else"
    assert zygote_of(reader._sandbox).children() == [], "nothing it started is left"
