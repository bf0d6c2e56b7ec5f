"""What is on the board twice: found by a scan, seen side by side, merged, had back, or said to be different."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import Board
from tests.browser import originals
from tests.browser.conftest import Open, added, sign_in
from tests.browser.looks import faults
from tests.browser.test_looks import LOOKS
from tests.conftest import new_database

SALTING = """# Salting herring

The herring are landed at four in the morning and counted by the cran, a basket of about a thousand fish.

Three women stand at each trough: two gut, and the third packs. A good crew fills thirty barrels in a day.

The fish lie in rings, belly up, and every ring has its handful of coarse salt from the pans behind the pier.

After eight days the barrel has sunk by a hand. It is topped up from another of the same day and closed.

The cooper turns each barrel on its head for a week, and listens for the hiss of brine where a stave is loose.

Barrels that are tight are branded with a crown, and go by schooner to Stettin and Danzig before the ice.

In a bad winter the brine freezes in the sheds, and the fish are as soft as butter when they are opened.

The last crew leaves in November, when the shoals have gone round the point and the boats are drawn up.
"""
CORRECTED = SALTING.replace("thirty barrels", "twenty barrels").replace("coarse salt", "Spanish salt") + (
    "\nThe salt cellar was pulled down in the year of the great gale, and nobody built another.\n"
)


def scanned(board: Board, page: Page) -> None:
    """Start a scan on the page that is open, and wait for its end there."""
    panel = page.get_by_role("region", name="Duplicate scan")
    with page.expect_response(lambda answer: answer.url.endswith("/duplicates/scan")) as asked:
        panel.get_by_role("button", name=re.compile("^Scan")).click()
    bar = panel.get_by_role("progressbar", name="Progress of the scan")
    expect(bar.or_(panel.get_by_text("Last scan just now")).first).to_be_visible()
    assert board.finished(asked.value.json()["job_id"], within=180)["state"] == "SUCCESS"
    expect(panel.get_by_text("Last scan just now")).to_be_visible()
    expect(panel.get_by_role("button", name="Scan again")).to_be_enabled()


def group_of(page: Page, title: str) -> Locator:
    return page.get_by_role("list", name="Groups of duplicates").get_by_role("article").filter(has_text=title)


def on_board(board: Board, title: str) -> list[str]:
    with board.client() as client:
        return sorted(one["title"] for one in client.get("/documents", params={"q": title}).json()["items"])


@pytest.fixture(scope="module")
def board(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board of its own: what other tests have left twice would stand beside what these look for."""
    url, folder = new_database(postgres), tmp_path_factory.mktemp("board")
    running = Board(url, valkey.url.replace("/0", "/10"), folder, RATE_LIMIT_SIGN_IN="10000/minute")
    try:
        running.start_api()
        running.start_workers()
        running.sign_up()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def pair(board: Board) -> tuple[int, int]:
    """A text and another edition of it."""
    return added(board, "Salting herring.md", SALTING.encode()), added(
        board, "Herring, corrected.txt", CORRECTED.encode()
    )


@pytest.fixture(scope="module")
def pictures(board: Board) -> tuple[int, int]:
    """A picture, and the same one smaller in another format."""
    large = originals.png(["The north quay is closed", "until the tide gauge is mended."])
    small = io.BytesIO()
    picture = Image.open(io.BytesIO(large))
    picture.convert("RGB").resize((picture.width * 2 // 3, picture.height * 2 // 3)).save(small, "JPEG", quality=80)
    return added(board, "Quay notice.png", large), added(board, "IMG_2231.jpg", small.getvalue())


def test_a_scan_leads_to_both_side_by_side_and_a_merge_is_undone_with_both_on_the_board(
    board: Board, open_page: Open, pair: tuple[int, int]
) -> None:
    page = open_page(board.url, "/app/duplicates")
    scanned(board, page)
    group_of(page, "Salting herring").get_by_role("link").click()
    rows = page.get_by_role("list", name="Both texts, row by row")
    changed = rows.get_by_role("listitem").filter(has_text=re.compile("(thirty|twenty) barrels"))
    expect(changed.locator("mark")).to_have_count(2)
    assert sorted(changed.locator("mark").all_inner_texts()) == ["thirty", "twenty"]
    expect(rows.get_by_role("listitem").filter(has_text="Not in this one")).to_contain_text("salt cellar")
    expect(rows.get_by_text("branded with a crown")).to_have_count(0)
    rows.get_by_role("button", name="equal paragraphs").click()
    expect(rows.get_by_text("branded with a crown").first).to_be_visible()
    page.get_by_role("button", name="Merge into it").click()
    expect(page.get_by_text(re.compile("^Merged into"))).to_be_visible()
    assert len(on_board(board, "herring")) == 1
    lately = page.get_by_role("region", name="Merged lately").get_by_role("listitem")
    expect(lately.first).to_be_visible()
    page.reload()
    lately.first.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("on the board again")).to_be_visible()
    assert len(on_board(board, "herring")) == 2
    expect(group_of(page, "Salting herring")).to_be_visible()
    with board.client() as client:
        assert all(client.get(f"/documents/{one}").status_code == 200 for one in pair)


def test_a_merge_is_taken_back_from_its_note_and_from_the_document_that_was_kept(
    board: Board, open_page: Open, pair: tuple[int, int]
) -> None:
    page = open_page(board.url, "/app/duplicates")
    scanned(board, page)
    for undo in ("note", "reader"):
        group_of(page, "Salting herring").get_by_role("link").click()
        expect(page.get_by_role("button", name="Merge into it")).to_be_enabled()
        page.keyboard.press("m")
        expect(page.get_by_text(re.compile("^Merged into"))).to_be_visible()
        assert len(on_board(board, "herring")) == 1
        if undo == "note":
            page.get_by_role("region", name="Notes", exact=True).get_by_role("button", name="Undo").click()
        else:
            page.get_by_role("region", name="Merged lately").get_by_role("link").first.click()
            page.get_by_role("region", name="Merged into this").get_by_role("button", name="Undo").click()
        expect(page.get_by_text(re.compile("on the board again")).first).to_be_visible()
        assert len(on_board(board, "herring")) == 2
        page.goto(f"{board.url}/app/duplicates")


def test_the_reader_says_what_a_document_looks_like_and_leads_to_the_comparison(
    board: Board, open_page: Open, pair: tuple[int, int]
) -> None:
    page = open_page(board.url, f"/app/?document={pair[1]}")
    hint = page.get_by_role("region", name="Looks like")
    expect(hint).to_contain_text("Salting herring")
    hint.get_by_role("link", name="Compare side by side").click()
    rows = page.get_by_role("list", name="Both texts, row by row")
    place = rows.get_by_role("listitem").filter(has_text="Not in this one").get_by_role("link")
    place.click()
    expect(page.locator(".text-view mark").first).to_contain_text("salt cellar")
    expect(page.locator(".text-view mark").first).to_be_in_viewport()


def test_the_same_picture_in_two_sizes_stands_side_by_side(
    board: Board, open_page: Open, pictures: tuple[int, int]
) -> None:
    page = open_page(board.url, "/app/duplicates")
    scanned(board, page)
    group_of(page, "Quay notice").get_by_role("link").click()
    shown = page.locator(".compare-pictures img")
    expect(shown).to_have_count(2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.compare-pictures img')].every((one) => one.naturalWidth > 100)"
    )
    boxes = [shown.nth(index).bounding_box() for index in (0, 1)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_the_keys_choose_what_to_keep_and_what_is_no_duplicate_stays_so_after_another_scan(
    board: Board, open_page: Open, pair: tuple[int, int]
) -> None:
    page = open_page(board.url, "/app/duplicates")
    scanned(board, page)
    link = group_of(page, "Salting herring").get_by_role("link")
    link.focus()
    page.keyboard.press("Enter")
    view = page.get_by_role("article", name=re.compile("what is like it"))
    expect(view).to_be_visible()
    page.keyboard.press("2")
    expect(view.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("1")
    expect(view.get_by_role("radio").nth(0)).to_be_checked()
    page.keyboard.press("n")
    note = page.get_by_text("No scan shows these together again")
    expect(note).to_be_visible()
    page.goto(f"{board.url}/app/duplicates")
    scanned(board, page)
    expect(group_of(page, "Salting herring")).to_have_count(0)
    assert len(on_board(board, "herring")) == 2
    with board.client() as client:
        looks = client.get(f"/documents/{pair[1]}").json()["looks_like"]
        assert [one for one in looks if one["document_id"] == pair[0]] == []
        client.post("/duplicates/dismissals/undo", json={"document_ids": list(pair)}).raise_for_status()


def test_saying_not_duplicates_is_undone_from_its_note(board: Board, open_page: Open, pair: tuple[int, int]) -> None:
    page = open_page(board.url, "/app/duplicates")
    scanned(board, page)
    group_of(page, "Salting herring").get_by_role("link").click()
    page.get_by_role("button", name="Not duplicates").click()
    page.get_by_role("region", name="Notes", exact=True).get_by_role("button", name="Undo").click()
    expect(page.get_by_text("They count as duplicates again")).to_be_visible()
    page.goto(f"{board.url}/app/duplicates")
    scanned(board, page)
    expect(group_of(page, "Salting herring")).to_have_count(1)


@pytest.mark.parametrize("look", LOOKS)
def test_two_documents_side_by_side_can_be_used_by_everybody(
    board: Board, open_page: Open, pair: tuple[int, int], look: str
) -> None:
    page = open_page(
        board.url, f"/app/duplicates?a={pair[0]}&b={pair[1]}", **{"reduced_motion": "reduce", **LOOKS[look]}
    )
    rows = page.get_by_role("list", name="Both texts, row by row")
    expect(rows.get_by_role("listitem").first).to_be_visible()
    assert faults(page, look) == []
    boxes = [rows.locator(".changed .cell").nth(index).bounding_box() for index in (0, 1)]
    assert boxes[0]
    assert boxes[1]
    beside = boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert beside == (look != "phone"), "two columns, or one below the other on a phone"


def test_a_board_that_was_never_scanned_says_what_a_scan_does(board: Board, open_page: Open, noise: list[str]) -> None:
    with board.client() as client:
        invitation = client.post("/invitations").raise_for_status().json()["code"]
    board.sign_up("grace", "another long password", invitation=invitation)
    page = open_page(board.url, signed_in=False)
    sign_in(page.context, board.url, "grace", "another long password")
    page.goto(f"{board.url}/app/duplicates")
    expect(page.get_by_role("heading", name="Find what you have twice")).to_be_visible()
    expect(page.get_by_text("every merge can be undone for 30 days")).to_be_visible()
    noise[:] = [line for line in noise if "401" not in line]
