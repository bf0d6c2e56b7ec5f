"""The page of a concept: its quotes, its spellings, its name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.board import Board
from tests.browser.conftest import Open
from tests.browser.looks import faults
from tests.browser.test_looks import LOOKS, VIOLATIONS


@pytest.fixture
def concepts(filled: Board) -> list[dict[str, Any]]:
    """The concepts of the board, those that most documents show first."""
    with filled.client() as client:
        items: list[dict[str, Any]] = client.get("/concepts", params={"limit": 100}).json()["items"]
    assert len(items) > 4
    return items


def spellings(page: Page):
    return page.get_by_role("region", name="Spellings")


def test_a_concept_of_the_reader_has_a_page_whose_quotes_lead_back_to_their_places(
    filled: Board, open_page: Open
) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    page.get_by_role("link", name=re.compile("How a database plans a join")).first.click()
    about = page.get_by_role("region", name="What it is about").get_by_role("listitem").first
    name = about.locator("strong").inner_text()
    about.get_by_role("link", name=f"All about {name}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    proofs = page.get_by_role("region", name="Documents and quotes").get_by_role("listitem")
    quote = proofs.first.locator("q").inner_text()
    proofs.first.get_by_role("link").first.click()
    marked = page.get_by_role("complementary", name="Reader").locator(".text-view mark")
    expect(marked.first).to_be_in_viewport()
    shown = " ".join(" ".join(marked.all_inner_texts()).split())
    assert shown[:40] in " ".join(quote.split()), (shown, quote)


def test_concepts_are_merged_from_suggestions_and_split_again(
    filled: Board, open_page: Open, concepts: list[dict[str, Any]]
) -> None:
    one, other = concepts[0], concepts[3]
    page = open_page(filled.url, f"/app/concepts/{one['id']}")
    box = spellings(page).get_by_role("combobox", name="Merge with another concept")
    box.press_sequentially(other["name"])
    spellings(page).get_by_role("option", name=re.compile(f"^{re.escape(other['name'])}")).first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    joined = (
        spellings(page).get_by_role("listitem").filter(has_text=other["name"]).filter(has_text="put together by you")
    )
    expect(joined).to_be_visible()
    page.reload()
    expect(joined).to_be_visible()
    with filled.client() as client:
        assert other["id"] not in [
            item["id"] for item in client.get("/concepts", params={"limit": 100}).json()["items"]
        ]
    joined.get_by_role("button", name=f"Split off {other['name']}").click()
    expect(joined).to_have_count(0)
    with filled.client() as client:
        assert other["id"] in [item["id"] for item in client.get("/concepts", params={"limit": 100}).json()["items"]]


def test_a_concept_is_renamed_by_a_person_and_keeps_the_name(
    filled: Board, open_page: Open, concepts: list[dict[str, Any]]
) -> None:
    page = open_page(filled.url, f"/app/concepts/{concepts[1]['id']}")
    page.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("Name", exact=True).fill("Renamed by hand")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Renamed by hand")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Renamed by hand")


def test_a_concept_leads_to_what_is_said_with_it_and_to_its_clusters(
    filled: Board, open_page: Open, concepts: list[dict[str, Any]]
) -> None:
    page = open_page(filled.url, f"/app/concepts/{concepts[0]['id']}")
    related = page.get_by_role("region", name="Related concepts").get_by_role("link").first
    name = related.inner_text()
    related.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    cluster = page.get_by_role("region", name="Clusters it occurs in").get_by_role("link").first
    cluster.click()
    expect(page).to_have_url(re.compile(r"/app/?\?cluster=\d+&concept=\d+"))


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_of_a_concept_can_be_used_by_everybody(
    filled: Board, open_page: Open, concepts: list[dict[str, Any]], look: str
) -> None:
    page = open_page(filled.url, f"/app/concepts/{concepts[0]['id']}", **{"reduced_motion": "reduce", **LOOKS[look]})
    expect(page.get_by_role("region", name="Documents and quotes").get_by_role("listitem").first).to_be_visible()
    assert faults(page, look) == []
    box = spellings(page).get_by_role("combobox", name="Merge with another concept")
    box.press_sequentially(concepts[2]["name"][:3])
    expect(spellings(page).get_by_role("option").first).to_be_visible()
    assert page.evaluate(VIOLATIONS) == [], "what is suggested lies over the rows below, and that is all"
