"""The board on the page: documents by cluster, the reader, names, trash."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.board import Board
from tests.browser.conftest import Open


def reader(page: Page):
    return page.get_by_role("complementary", name="Reader")


def test_search_finds_as_one_types_marks_the_words_and_opens_the_place(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    page.get_by_label("Search the board").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_label("Search the board")).to_be_focused()
    page.keyboard.type("earthworms burrows")
    results = page.get_by_role("region", name="Search results")
    hit = results.get_by_role("listitem").filter(has_text="Soil structure and earthworms").first
    expect(hit.locator("mark").first).to_have_text(re.compile("earthworm|burrow", re.IGNORECASE))
    expect(page).to_have_url(re.compile("q=earthworms"))
    hit.get_by_role("link").click()
    expect(reader(page).locator(".text-view mark").first).to_be_in_viewport()
    page.reload()
    expect(reader(page).locator(".text-view mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(reader(page)).to_have_count(0)


def test_a_concept_shows_its_quote_and_jumps_to_it(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    page.get_by_role("link", name=re.compile("How a database plans a join")).first.click()
    concepts = page.get_by_role("region", name="What it is about").get_by_role("listitem")
    expect(concepts.first).to_be_visible()
    quote = concepts.first.locator("q").inner_text()
    concepts.first.get_by_role("button").click()
    marked = reader(page).locator(".text-view mark")
    expect(marked.first).to_be_in_viewport()
    shown = " ".join(marked.all_inner_texts())
    assert " ".join(shown.split())[:40] in " ".join(quote.split()), (shown, quote)


def test_a_cluster_is_renamed_by_a_person_and_keeps_the_name(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    page.get_by_role("link", name=re.compile("Compost for small gardens")).first.click()
    reader(page).locator(".reader-where a").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("Name", exact=True).fill("Garden")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("heading", name="Garden", exact=True)).to_be_visible()
    page.reload()
    expect(
        page.get_by_role("navigation", name="Clusters").get_by_role("link", name=re.compile("Garden"))
    ).to_be_visible()


def test_a_deleted_document_comes_back_with_undo(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    link = page.get_by_role("link", name=re.compile("Soil structure and earthworms")).first
    link.click()
    reader(page).get_by_role("button", name="Move to trash").click()
    expect(reader(page)).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Soil structure and earthworms"))).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()


def test_the_whole_way_goes_by_keyboard(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    page.get_by_role("link", name=re.compile("How a database")).first.wait_for()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.dataset.document ?? ''")
    assert focused, "j and k move between the documents"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"document={focused}"))
    expect(reader(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(reader(page)).to_have_count(0)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("Jobs")
    page.get_by_role("option", name="Jobs", exact=True).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()


def test_the_page_goes_on_by_itself_after_the_server_was_away(filled: Board, open_page: Open, noise: list[str]) -> None:
    page = open_page(filled.url, "/app/jobs?show=done")
    expect(page.get_by_role("article").first).to_be_visible()
    page.context.set_offline(True)
    banner = page.get_by_text("What you see may be old")
    expect(banner).to_be_visible(timeout=40_000)
    expect(page.get_by_role("article").first).to_be_visible()
    page.context.set_offline(False)
    expect(banner).to_have_count(0, timeout=20_000)
    noise[:] = [line for line in noise if "ERR_INTERNET_DISCONNECTED" not in line and "ERR_NETWORK" not in line]


def test_a_place_deep_in_a_long_text_is_brought_into_view(filled: Board, open_page: Open) -> None:
    tides = [f"Day {day}: the tide table gives high water at noon and the harbour wall is dry." for day in range(150)]
    text = "\n\n".join(["# A year of tides", *tides, "On the last day a porpoise swam into the harbour basin."])
    job = filled.upload("A year of tides.md", text.encode())["job_id"]
    assert filled.finished(job, within=120)["state"] == "SUCCESS"
    page = open_page(filled.url, "/app/?q=porpoise swam into the harbour basin")
    page.get_by_role("region", name="Search results").get_by_role("link", name="A year of tides").click()
    marked = reader(page).locator(".text-view mark", has_text="porpoise")
    expect(marked).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0, "the board behind stays where it was"
