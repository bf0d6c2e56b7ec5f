"""Pages that are pictures are read, whichever way up they stand and whichever engine is there."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from backend.domain.errors import Unreadable
from backend.domain.sources import ReadPage
from backend.providers.ocr import OcrReader, by_tesseract
from tests.worker.kin import until, zygote_of
from tests.worker.pages import LEFT, PROSE, RECEIPT, RIGHT, photographed, saved, written

MEMORY = 2 * 1024**3
HERE = by_tesseract.installed("eng")
BOTH, ALONE = "both engines", "rapidocr alone"
WAYS = (BOTH, ALONE) if HERE else (ALONE,)
"""What this machine can try: tesseract may not be installed, and the board reads all the same."""


@pytest.fixture(scope="module")
def without_tesseract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs in which there is everything the sandbox needs, and no tesseract."""
    folder = tmp_path_factory.mktemp("bin")
    if bubblewrap := shutil.which("bwrap"):
        (folder / "bwrap").symlink_to(bubblewrap)
    return folder


def reader_on(path: str, languages: str = "eng", *, seconds: float = 120, memory: int = MEMORY) -> OcrReader:
    """A reader that finds programs on `path` only, and has started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)
        by_tesseract.installed.cache_clear()
        reader = OcrReader(seconds, memory, languages)
        by_tesseract.installed.cache_clear()
        return reader


@pytest.fixture(scope="module")
def readers(without_tesseract: Path) -> Iterator[dict[str, OcrReader]]:
    made = {BOTH: OcrReader(120, MEMORY, "eng"), ALONE: reader_on(str(without_tesseract))}
    yield made
    for reader in made.values():
        reader.close()


@pytest.fixture(params=WAYS)
def reader(request: pytest.FixtureRequest, readers: dict[str, OcrReader]) -> OcrReader:
    return readers[request.param]


def read(reader: OcrReader, path: Path, page: int = 1, cancelled: Callable[[], bool] = lambda: False) -> ReadPage:
    media_type = "application/pdf" if path.suffix == ".pdf" else "image/png"
    return reader.read(path, media_type=media_type, page=page, password=None, cancelled=cancelled)


def code_of(reader: OcrReader, path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
    with pytest.raises(Unreadable) as caught:
        read(reader, path, cancelled=cancelled)
    return caught.value.code


def said(page: ReadPage) -> str:
    return " ".join(word.text for word in page.words)


def missed(lines: tuple[str, ...], page: ReadPage) -> set[str]:
    return set(" ".join(lines).split()) - set(said(page).split())


def test_a_page_of_print_is_read_word_by_word_where_each_word_stands(reader: OcrReader, tmp_path: Path) -> None:
    page = read(reader, saved(written(PROSE), tmp_path))
    assert said(page) == " ".join(PROSE)
    assert (page.width, page.height, page.rotation) == (1000, 700, 0)
    assert page.confidence > 0.9
    assert [word.line for word in page.words] == [number for number, line in enumerate(PROSE) for _ in line.split()]
    for number, line in enumerate(PROSE):
        first = next(word for word in page.words if word.line == number)
        left, top, right, bottom = first.box
        assert line.startswith(first.text)
        assert left * 1000 == pytest.approx(80, abs=12)
        assert (top * 700, bottom * 700) == pytest.approx((90 + number * 48, 90 + number * 48 + 38), abs=14)
        assert right > left


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_lies_on_its_side_or_head_is_turned_upright(
    reader: OcrReader, tmp_path: Path, rotation: int
) -> None:
    upright = written(PROSE)
    page = read(reader, saved(upright.rotate(rotation, expand=True), tmp_path))  # Pillow turns the other way round
    assert said(page) == " ".join(PROSE)
    assert (page.rotation, page.width, page.height) == (rotation, 1000, 700)
    assert page.words[0].box[:2] == pytest.approx((80 / 1000, 96 / 700), abs=0.02)


def test_columns_are_read_one_after_the_other(reader: OcrReader, tmp_path: Path) -> None:
    page = written(LEFT, on=written(RIGHT, at=(560, 90), size=28, on=Image.new("L", (1100, 500), 255)), size=28)
    assert said(read(reader, saved(page, tmp_path))) == " ".join((*LEFT, *RIGHT))


def test_a_photographed_receipt_is_read(reader: OcrReader, tmp_path: Path) -> None:
    receipt = written(RECEIPT, on=Image.new("L", (480, 420), 235), at=(40, 40))
    page = read(reader, saved(photographed(receipt), tmp_path, "page.jpg", quality=70))
    assert not missed(RECEIPT, page)


def test_a_page_in_several_is_the_one_that_is_asked_for(reader: OcrReader, tmp_path: Path) -> None:
    for name in ("pages.pdf", "pages.tiff"):
        pages = [written((text,)) for text in ("the first page", "the second page", "the third page")]
        path = saved(pages[0], tmp_path, name, save_all=True, append_images=pages[1:])
        assert said(read(reader, path, page=2)) == "the second page"
        assert said(read(reader, path, page=3)) == "the third page"


@pytest.mark.parametrize("size", [(800, 600), (1, 1), (900, 3)])
def test_an_empty_page_has_no_words_and_is_no_error(reader: OcrReader, tmp_path: Path, size: tuple[int, int]) -> None:
    page = read(reader, saved(Image.new("L", size, 255), tmp_path))
    assert (page.words, page.confidence, page.width, page.height) == ((), 0.0, *size)


def test_a_picture_without_writing_has_no_words(reader: OcrReader, tmp_path: Path) -> None:
    sky = Image.linear_gradient("L").resize((900, 600))
    assert read(reader, saved(sky, tmp_path)).words == ()


def test_hostile_pictures_are_refused(readers: dict[str, OcrReader], tmp_path: Path) -> None:
    good = saved(written(PROSE), tmp_path)
    bomb, cut = tmp_path / "bomb.png", tmp_path / "cut.png"
    Image.new("1", (9_000, 9_000)).save(bomb)
    cut.write_bytes(good.read_bytes()[:4_000])
    assert code_of(readers[ALONE], bomb) == "too_many_pixels"
    assert code_of(readers[ALONE], cut) == "corrupt"
    assert not missed(PROSE, read(readers[ALONE], good))


def test_only_one_engine_runs_where_tesseract_is_sure(readers: dict[str, OcrReader], tmp_path: Path) -> None:
    path = saved(written(PROSE), tmp_path)
    assert read(readers[BOTH], path).engine == ("tesseract" if HERE else "rapidocr")
    assert read(readers[ALONE], path).engine == "rapidocr"
    assert (readers[BOTH].version == readers[ALONE].version) == (HERE is None)


def test_what_is_no_sheet_of_paper_is_left_to_the_engine_for_photographs(reader: OcrReader, tmp_path: Path) -> None:
    street = Image.effect_noise((900, 700), 90)
    street.paste(written(RECEIPT[:2], on=Image.new("L", (420, 140), 235), at=(20, 20)), (200, 300))
    page = read(reader, saved(street, tmp_path))
    assert page.engine == "rapidocr"
    assert not missed(RECEIPT[:2], page)


def fake_tesseract(folder: Path, deed: str, known: str = "eng osd") -> str:
    """A program of that name which says that it knows some languages, and does a deed when it should read."""
    listed = "\\n".join(['List of available languages in "/usr/share/" (2):', *known.split()])
    answers = f"--version) echo tesseract 5.9;; --list-langs) printf '{listed}\\n';; *) {deed};;"
    program = folder / "tesseract"
    program.write_text(f'#!/bin/sh\ncase "$1" in {answers} esac\n')
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_where_tesseract_fails_the_other_engine_reads(tmp_path: Path) -> None:
    reader = reader_on(fake_tesseract(tmp_path, "exit 3"))
    assert "tesseract-5.9" in reader.version
    page = read(reader, saved(written(PROSE), tmp_path))
    reader.close()
    assert (page.engine, missed(PROSE, page)) == ("rapidocr", set())


def test_a_language_without_data_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = fake_tesseract(tmp_path, "exit 3")
    assert "tesseract-5.9-eng/" in reader_on(path, "xyz+eng").version
    assert "xyz" in caplog.text
    assert "alone" in reader_on(path, "xyz").version


def killed_at_work(reader: OcrReader, number: int) -> threading.Thread:
    """A thread that waits for the child and kills it."""

    def kill() -> None:
        sandbox = reader._sandbox
        assert until(lambda: sandbox._zygote is not None and zygote_of(sandbox).children())
        child: psutil.Process = zygote_of(sandbox).children()[0]
        child.send_signal(number)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_page_that_kills_its_reader_leaves_the_others(readers: dict[str, OcrReader], tmp_path: Path) -> None:
    reader = readers[ALONE]
    path = saved(written(PROSE * 4, on=Image.new("L", (2000, 2000), 255)), tmp_path)
    thread = killed_at_work(reader, signal.SIGSEGV)
    assert code_of(reader, path) == "crashed"
    thread.join()
    assert not missed(PROSE, read(reader, path))


def test_reading_stops_when_it_is_cancelled(readers: dict[str, OcrReader], tmp_path: Path) -> None:
    path = saved(written(PROSE * 4, on=Image.new("L", (2500, 2500), 255)), tmp_path)
    assert code_of(readers[ALONE], path, cancelled=lambda: True) == "cancelled"


def test_time_and_memory_are_limited(without_tesseract: Path, tmp_path: Path) -> None:
    path = saved(written(PROSE, on=Image.new("L", (6000, 6000), 255)), tmp_path)
    for code, limits in {"timed_out": {"seconds": 0.2}, "out_of_memory": {"memory": 64 * 1024**2}}.items():
        reader = reader_on(str(without_tesseract), **limits)
        assert code_of(reader, path) == code
        reader.close()


def test_what_every_reader_is_a_copy_of_has_no_threads_that_a_fork_would_lose(
    reader: OcrReader, tmp_path: Path
) -> None:
    read(reader, saved(written(PROSE), tmp_path))
    assert zygote_of(reader._sandbox).num_threads() == 1
