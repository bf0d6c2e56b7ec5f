"""Pages are drawn for eyes and for engines, from files that nobody vouches for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from backend.domain.errors import Unreadable
from backend.providers.rendering import PageRenderer, drawing
from tests.worker.pages import PROSE, saved, written

MEMORY = 1024**3


@pytest.fixture(scope="module")
def renderer() -> Iterator[PageRenderer]:
    made = PageRenderer(MEMORY)
    yield made
    made.close()


def drawn(
    renderer: PageRenderer, path: Path, *, page: int = 1, longest: int = 400, encoding: str = "png"
) -> Image.Image:
    media_type = "application/pdf" if path.suffix == ".pdf" else "image/png"
    data = renderer.draw(path, media_type=media_type, page=page, longest=longest, encoding=encoding)
    return Image.open(io.BytesIO(data))


def refusal(renderer: PageRenderer, path: Path, page: int = 1) -> str:
    with pytest.raises(Unreadable) as caught:
        drawn(renderer, path, page=page)
    return caught.value.code


def sides(color: str, other: str) -> Image.Image:
    """Left half and right half."""
    image = Image.new("RGB", (600, 300), color)
    image.paste(other, (300, 0, 600, 300))
    return image


def test_a_picture_says_how_many_pages_it_has_and_when_and_with_what_it_was_taken(
    renderer: PageRenderer, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Okapi\0", "One  Two"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2024:02:29 12:30:45"
    photo = saved(sides("red", "blue"), tmp_path, "photo.jpg", exif=exif)
    found = renderer.look(photo, media_type="image/jpeg", cancelled=lambda: False)
    assert (found.frames, found.width, found.height, found.camera) == (1, 600, 300, "Okapi One Two")
    assert found.taken_at == datetime(2024, 2, 29, 12, 30, 45)  # noqa: DTZ001  Exif names no zone
    pages = [Image.new("L", (60, 80), level) for level in (0, 100, 200)]
    scan = saved(pages[0], tmp_path, "scan.tiff", save_all=True, append_images=pages[1:])
    found = renderer.look(scan, media_type="image/tiff", cancelled=lambda: False)
    assert (found.frames, found.taken_at, found.camera) == (3, None, None)
    assert drawn(renderer, scan, page=2).convert("L").getpixel((5, 5)) == 100


def test_an_animation_is_its_first_picture(renderer: PageRenderer, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "blue")]
    path = saved(frames[0], tmp_path, "moving.gif", save_all=True, append_images=frames[1:])
    assert renderer.look(path, media_type="image/gif", cancelled=lambda: False).frames == 1
    assert drawn(renderer, path).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.parametrize("encoding", ["png", "webp"])
def test_a_page_is_drawn_no_longer_than_asked(renderer: PageRenderer, tmp_path: Path, encoding: str) -> None:
    page = written(PROSE)
    for path in (saved(page, tmp_path), saved(page, tmp_path, "page.pdf", resolution=100)):
        image = drawn(renderer, path, encoding=encoding)
        assert image.format == encoding.upper()
        assert image.size == (400, 280)
    small = saved(Image.new("L", (30, 20), 200), tmp_path)
    assert drawn(renderer, small, encoding=encoding).size == (30, 20)


def test_a_photo_stands_as_the_camera_was_held(renderer: PageRenderer, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6  # its top is at the right of the pixels
    image = drawn(renderer, saved(sides("red", "blue"), tmp_path, "photo.png", exif=exif)).convert("RGB")
    assert image.size == (200, 400)
    assert (image.getpixel((100, 50)), image.getpixel((100, 350))) == ((255, 0, 0), (0, 0, 255))


def test_what_is_clear_is_white_and_deep_greys_stay_grey(tmp_path: Path) -> None:
    clear = saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), tmp_path)
    assert drawing.page_of(clear, "image/png", 1, None).getpixel((5, 5)) == (255, 255, 255)
    deep = saved(Image.fromarray(np.full((20, 20), 32_768, np.uint16)), tmp_path, "deep.png")
    assert drawing.page_of(deep, "image/png", 1, None).getpixel((5, 5)) == 128


def test_a_scanned_page_is_drawn_in_its_own_pixels(tmp_path: Path) -> None:
    scan = written(PROSE, on=Image.new("L", (1250, 1000), 255))
    path = saved(scan, tmp_path, "scan.pdf", resolution=250)
    page = drawing.page_of(path, "application/pdf", 1, None)
    assert page.size == pytest.approx((1250, 1000), abs=2)
    assert page.info["dpi"] == pytest.approx((250, 250), abs=1)
    coarse = saved(scan, tmp_path, "coarse.pdf", resolution=50)
    assert max(drawing.page_of(coarse, "application/pdf", 1, None).size) == pytest.approx(5000, abs=3)


def test_hostile_and_damaged_files_are_refused(renderer: PageRenderer, tmp_path: Path) -> None:
    good = saved(written(PROSE), tmp_path)
    bomb = saved(Image.new("1", (9_000, 9_000)), tmp_path, "bomb.png")
    cut, noise, rare = tmp_path / "cut.png", tmp_path / "noise.pdf", tmp_path / "rare.png"
    cut.write_bytes(good.read_bytes()[:4_000])
    noise.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    rare.write_bytes(saved(sides("red", "blue"), tmp_path, "rare.pcx").read_bytes())
    assert [refusal(renderer, path) for path in (bomb, cut, noise, rare)] == ["too_many_pixels", *["corrupt"] * 3]
    assert refusal(renderer, saved(written(PROSE), tmp_path, "page.pdf"), page=9) == "corrupt"


LOCKED = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
4 0 obj<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>endobj
trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>
""" % (b"11" * 32, b"22" * 32)


def test_a_locked_page_asks_for_its_password(renderer: PageRenderer, tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(LOCKED)
    assert refusal(renderer, path) == "encrypted"
