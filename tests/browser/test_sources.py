"""Every source on the page: links, videos, pictures and many files, each followed to its document."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import web
from tests.board import Board
from tests.browser import originals
from tests.browser.conftest import Open, Outside
from tests.tube import Clip

TEXT = "Nets are mended in winter, when the boats lie on the slip and the rope is dry. " * 5
CUES = "\n\n".join(
    f"00:0{minute}:05.000 --> 00:0{minute}:55.000\nIn minute {minute} the tar is warmed and the twine is cut."
    for minute in range(4)
)
CAPTIONS = f"WEBVTT\n\n{CUES}\n"


def page_about(name: str) -> bytes:
    body = f"<article><h1>{name}</h1><p>{TEXT}</p><p>This is about {name}.</p></article>"
    return f"<html><head><title>{name}</title></head><body>{body}</body></html>".encode()


def gone(asked: web.Asked, send: web.Send) -> None:
    """Takes its time to say that there is nothing."""
    time.sleep(0.2)
    web.fixed(b"nothing here", status="404 Not Found")(asked, send)


def reader(page: Page) -> Any:
    return page.get_by_role("complementary", name="Reader")


@pytest.fixture(scope="module")
def harbour(outside: Outside) -> Outside:
    """The web of these tests with its pages and videos."""
    for number in range(12):
        outside.site.page(f"/boat/{number}", page_about(f"Boat {number}"))
    for number in range(85):
        outside.site.pages[f"/gone/{number}"] = gone
    for number, title in enumerate(("How nets are mended", "How tar is made", "The oldest boat")):
        tracks = [("en", False, CAPTIONS.replace("tar", f"tar of {title}"))]
        outside.videos.add(Clip(f"harbour000{number}", title=title, seconds=240, tracks=tracks))
    outside.videos.playlists["PLharbour0001"] = ("The harbour", ["harbour0001", "harbour0002"])
    return outside


def test_a_hundred_links_are_judged_before_they_are_sent_and_followed_as_one_row(
    board: Board, harbour: Outside, open_page: Open
) -> None:
    with board.client() as client:
        known = [client.post("/upload_url", json={"url": harbour.at(f"/boat/{n}")}).json()["job_id"] for n in range(3)]
    assert {board.finished(job, within=120)["state"] for job in known} == {"SUCCESS"}
    page = open_page(board.url, "/app/add?tab=links")
    good = [harbour.at(f"/boat/{number}") for number in range(10)]
    missing = [harbour.at(f"/gone/{number}") for number in range(85)]
    bad = ["no address", "http://", "ftp://harbour.example/x", "https://", "mailto:ada@harbour.example"]
    page.get_by_role("textbox", name="Links").fill("\n".join([*good, *bad[:2], *missing, *bad[2:]]))
    expect(page.get_by_text("92 new · 3 already here · 5 not an address")).to_be_visible()
    verdicts = page.get_by_role("list", name="Verdicts")
    expect(verdicts.locator("[data-verdict=already_here]").get_by_role("link")).to_have_count(3)
    page.get_by_label("Show only what is not added").check()
    expect(verdicts.get_by_role("listitem")).to_have_count(8)
    page.get_by_role("button", name="Add 92 links").click()
    expect(page.get_by_role("textbox", name="Links")).to_have_value("\n".join(bad))
    row = page.get_by_role("article", name="92 links")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    page.get_by_role("link", name="Jobs", exact=False).first.click()
    expect(page.get_by_role("complementary", name="Uploads")).to_contain_text(re.compile(r"Reading \d+ items"))
    page.reload()
    page.get_by_role("complementary", name="Uploads").get_by_role("link", name="Show").click()
    row.get_by_role("button", name="Go on").click()
    expect(row).to_contain_text(re.compile(r"[1-9]\d* failed"), timeout=120_000)
    row.get_by_role("button", name="Cancel").click()
    expect(row).not_to_contain_text(re.compile("waiting|being read"))
    failed, *others = (_count(row, word) for word in ("failed", "cancelled", "done"))
    assert failed + sum(others) == 92
    row.get_by_role("button", name="Show 92 links").click()
    expect(row.get_by_role("list", name="In this batch")).to_contain_text("The site has no such page")
    with page.expect_download() as download:
        row.get_by_role("link", name="CSV of the failures").click()
    assert download.value.path().read_text().count("/gone/") == failed
    row.get_by_role("button", name=re.compile("^Retry")).click()
    expect(row).to_contain_text("waiting")
    row.get_by_role("button", name="Cancel").click()
    expect(row).not_to_contain_text("waiting")


def _count(row: Any, word: str) -> int:
    found = re.search(rf"(\d+) {word}", row.inner_text())
    return int(found[1]) if found else 0


def test_a_video_leads_each_of_its_times_to_the_second_on_youtube(
    board: Board, harbour: Outside, open_page: Open
) -> None:
    page = open_page(board.url, "/app/add?tab=youtube")
    links = page.get_by_role("textbox", name="YouTube links")
    links.fill("https://youtu.be/harbour0000?si=tracking\nhttps://www.youtube.com/playlist?list=PLharbour0001")
    verdicts = page.get_by_role("list", name="Verdicts").get_by_role("listitem")
    expect(verdicts).to_have_text([re.compile("New$"), re.compile("New playlist$")])
    links.fill("https://youtu.be/harbour0000?si=tracking")
    page.get_by_role("button", name="Add 1 link").click()
    row = page.get_by_role("article", name="How nets are mended")
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    row.get_by_role("link").first.click()
    moment = reader(page).get_by_role("link", name="Watch from 2:05 on YouTube")
    expect(moment).to_have_attribute("href", "https://www.youtube.com/watch?v=harbour0000&t=125s")
    expect(reader(page)).to_contain_text("In minute 2 the tar of How nets are mended is warmed")
    expect(reader(page).get_by_role("region", name="Where it comes from")).to_contain_text("made by people")
    expect(reader(page).locator("iframe, video")).to_have_count(0)


def test_a_video_that_youtube_refuses_says_so_and_offers_to_paste_its_transcript(
    board: Board, harbour: Outside, open_page: Open
) -> None:
    told = {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you\u2019re not a bot"}
    harbour.videos.add(Clip("harbour0009", status=told))
    page = open_page(board.url, "/app/add?tab=youtube")
    page.get_by_role("textbox", name="YouTube links").fill("https://youtu.be/harbour0009")
    page.get_by_role("button", name="Add 1 link").click()
    row = page.get_by_role("region", name="Added here").get_by_role("article")
    expect(row).to_contain_text("YouTube refuses this server", timeout=120_000)
    row.get_by_role("link", name="Paste the transcript").click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_be_visible()


def test_the_row_of_a_playlist_becomes_the_row_of_its_videos(board: Board, harbour: Outside, open_page: Open) -> None:
    page = open_page(board.url, "/app/add?tab=youtube")
    page.get_by_role("textbox", name="YouTube links").fill("https://www.youtube.com/playlist?list=PLharbour0001")
    page.get_by_role("button", name="Add 1 link").click()
    row = page.get_by_role("article", name="2 links")
    expect(row).to_contain_text("2 done", timeout=120_000)
    row.get_by_role("button", name="Show 2 links").click()
    row.get_by_role("list", name="In this batch").get_by_role("link").first.click()
    expect(reader(page).get_by_role("heading", name="How tar is made").first).to_be_visible()


def test_a_pasted_picture_with_a_description_is_read_and_its_words_are_marked_on_it(
    board: Board, open_page: Open
) -> None:
    page = open_page(board.url, "/app/add?tab=image")
    page.get_by_role("button", name="Choose images").wait_for()
    picture = originals.png(["Harbour dues of the year", "Every schooner pays four shillings", "at the north quay."])
    page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'image.png', {type: 'image/png'}));
          const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
          document.body.dispatchEvent(event);
        }""",
        list(picture),
    )
    expect(page.get_by_role("img", name=re.compile("Preview of Pasted"))).to_be_visible()
    page.get_by_role("textbox", name=re.compile("Pasted")).fill("The notice in the museum, under glass.")
    page.get_by_role("button", name="Add image").click()
    row = page.get_by_role("article", name=re.compile("^Pasted"))
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    page.goto(f"{board.url}/app/?q=schooner shillings")
    page.get_by_role("region", name="Search results").get_by_role("link", name=re.compile("^Pasted")).click()
    image = reader(page).get_by_role("region", name="Image")
    expect(image.get_by_role("group", name="The image, 2 words marked")).to_be_visible()
    drawn = image.get_by_role("img")
    expect(drawn).to_be_visible()
    page.wait_for_function("() => document.querySelector('.page-picture img').naturalWidth > 100")
    box, whole = image.locator(".word-box").first.bounding_box(), drawn.bounding_box()
    assert box is not None
    assert whole is not None
    assert 0.3 < (box["y"] - whole["y"]) / whole["height"] < 0.7, "the second of three lines"
    expect(reader(page)).to_contain_text("The notice in the museum")


def test_many_files_at_once_all_arrive(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    files = [
        {"name": f"Letter {n:02}.txt", "mimeType": "text/plain", "buffer": f"Letter {n} tells of wool. {TEXT}".encode()}
        for n in range(25)
    ]
    page.get_by_label("Files to add").set_input_files(files)
    added = page.get_by_role("region", name="Added here")
    expect(added.get_by_role("status").first).to_contain_text("25 finished", timeout=240_000)
    with board.client() as client:
        assert client.get("/documents", params={"q": "Letter", "status": "completed"}).json()["total"] == 25
    page.get_by_role("button", name="Clear finished").click()
    expect(added).to_have_count(0)


def test_a_text_goes_the_whole_way_by_keyboard_alone(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    page.get_by_role("tab", name="Files").focus()
    for tab in ("Links", "YouTube", "Image", "Text"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    page.keyboard.type("Keyboard note")
    page.keyboard.press("Tab")
    page.keyboard.type("Carders comb the wool until it lies straight and can be spun into yarn.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.get_by_role("article", name="Keyboard note")
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Keyboard note"):
            break
    page.keyboard.press("Enter")
    expect(reader(page)).to_contain_text("Carders comb the wool")
