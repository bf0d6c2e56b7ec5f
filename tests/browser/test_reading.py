"""Reading on the page what is no plain text: sound with its times, scans with their pictures, archives, what failed."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from playwright.sync_api import Page, expect

from tests.board import Board
from tests.browser import originals
from tests.browser.conftest import Open, Outside, added


def reader(page: Page) -> Any:
    return page.get_by_role("complementary", name="Reader")


def test_a_time_in_the_text_moves_the_player_and_what_is_said_is_marked(
    board: Board, open_page: Open, sound: int
) -> None:
    page = open_page(board.url, f"/app/?document={sound}")
    player = reader(page).locator("audio")
    expect(reader(page).locator(".spoken")).to_have_count(0)
    times = reader(page).get_by_role("button", name=re.compile("^Play from"))
    expect(times.first).to_be_visible()
    assert times.count() > 1
    times.nth(1).click()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0")
    at = page.evaluate("document.querySelector('audio').currentTime")
    shown = times.nth(1).inner_text().split(":")
    assert abs(at - (int(shown[0]) * 60 + int(shown[1]))) < 6
    expect(reader(page).locator(".spoken").first).to_be_in_viewport()
    ranged = page.request.get(f"{board.url}/documents/{sound}/file", headers={"Range": "bytes=100-199"})
    assert (ranged.status, len(ranged.body())) == (206, 100)
    player.evaluate("(player) => { player.pause(); player.currentTime = 1; }")
    expect(reader(page).locator(".spoken").first).to_contain_text("The lighthouse keeper trims the wick")


def test_a_part_that_failed_is_marked_and_it_alone_is_tried_again(
    board: Board, outside: Outside, open_page: Open
) -> None:
    outside.speech.refusals = 1
    document = added(board, "Foghorn.wav", originals.wav(58, 330.0))
    assert outside.speech.refusals == 0
    page = open_page(board.url, "/app/jobs?show=done&q=Foghorn")
    row = page.get_by_role("article", name="Foghorn.wav")
    row.get_by_role("button", name="Show history").click()
    grid = row.get_by_role("region", name="Parts")
    expect(grid.locator("li.failed")).to_have_count(1)
    total = grid.locator("ol li").count()
    expect(grid).to_contain_text("The transcription server answered 422.")
    page.goto(f"{board.url}/app/?document={document}")
    expect(reader(page)).to_contain_text(re.compile(r"What is said at [\d:-]+ is missing"))
    reader(page).get_by_role("button", name="Try this part again").click()
    expect(reader(page).get_by_text(re.compile("is missing"))).to_have_count(0, timeout=120_000)
    expect(reader(page).get_by_role("button", name="Try this part again")).to_have_count(0)
    with board.client() as client:
        job = client.get(f"/documents/{document}").json()["job_id"]
        units = client.get(f"/jobs/{job}").json()["units"]
    assert sorted(unit["reused"] for unit in units) == [False] + [True] * (total - 1)


def test_a_searched_word_leads_to_its_page_and_is_marked_on_its_picture(
    board: Board, open_page: Open, scan: int
) -> None:
    page = open_page(board.url, "/app/?q=porpoise beside the bow")
    page.get_by_role("region", name="Search results").get_by_role("link", name="Schooner", exact=True).click()
    pages = reader(page).get_by_role("region", name="Pages")
    expect(pages.get_by_role("combobox", name="Page", exact=True)).to_have_value("2")
    expect(pages.get_by_role("img", name="Page 2")).to_be_visible()
    expect(pages.locator(".word-box[title=porpoise]")).to_be_in_viewport()
    reader(page).get_by_role("button", name="Show the picture of page 1").click()
    expect(pages.get_by_role("img", name="Page 1")).to_be_visible()
    page.goto(f"{board.url}/app/?document={scan}")
    pages.get_by_role("button", name="Next page").click()
    expect(pages.get_by_role("combobox", name="Page", exact=True)).to_have_value("2")


def test_an_archive_shows_what_it_holds_and_each_member_where_it_came_from(board: Board, open_page: Open) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("quay/Tides.md", "# Tides of the quay\n\nThe tide turns twice a day and the table hangs here.")
        archive.writestr("broken.pdf", b"%PDF-1.7\nno objects here\n" * 9)
    document = added(board, "Quay papers.zip", packed.getvalue())
    page = open_page(board.url, f"/app/?document={document}")
    holds = reader(page).get_by_role("region", name="What it holds")
    expect(holds.get_by_role("listitem").filter(has_text="broken.pdf")).to_contain_text("could not be read")
    holds.get_by_role("link", name="quay/Tides.md").click()
    expect(reader(page)).to_contain_text("The tide turns twice a day")
    reader(page).get_by_role("link", name="Out of Quay papers").click()
    expect(reader(page).get_by_role("heading", name="Quay papers").first).to_be_visible()


def test_a_page_of_the_web_says_where_it_came_from(board: Board, outside: Outside, open_page: Open) -> None:
    text = "Shipwrights steam the planks of larch until they bend around the ribs of the hull. " * 5
    outside.site.page("/old", b"", status="301 Moved Permanently", Location=outside.at("/planks"))
    html = (
        f"<html><head><title>Planks</title></head><body><article><h1>Planks</h1><p>{text}</p></article></body></html>"
    )
    outside.site.page("/planks", html.encode())
    page = open_page(board.url, "/app/add?tab=links")
    page.get_by_role("textbox", name="Links").fill(outside.at("/old"))
    page.get_by_role("button", name="Add 1 link").click()
    row = page.get_by_role("region", name="Added here").get_by_role("article")
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    row.get_by_role("link").first.click()
    origin = reader(page).get_by_role("region", name="Where it comes from")
    expect(origin.get_by_role("link", name=outside.at("/planks"))).to_have_attribute("target", "_blank")
    expect(origin).to_contain_text(outside.at("/old"))
