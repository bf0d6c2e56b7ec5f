"""The page of numbers: what it shows is what was counted, as pictures and as tables."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.board import Board, eventually
from tests.browser.conftest import Open


@pytest.fixture
def numbers(filled: Board) -> dict[str, Any]:
    """What the server counts now; counted anew, so that it is of this very board."""
    with filled.client() as client:
        job = client.post("/analytics/refresh").raise_for_status().json()["job_id"]
        assert filled.finished(job, within=120)["state"] == "SUCCESS"
        found: dict[str, Any] = client.get("/analytics").json()
    return found


def figures(page: Page) -> dict[str, str]:
    """The numbers at the head of the page by what they count."""
    rows = page.locator(".numbers > div")
    expect(rows.first).to_be_visible()
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows.all()}


def table(page: Page, name: str) -> list[list[str]]:
    """A chart shown as a table: its rows, cell by cell."""
    page.get_by_role("button", name=re.compile(rf"^Show as table\s*: {name}$", re.IGNORECASE)).click()
    rows = page.get_by_role("region", name=re.compile(f"^{name} as table", re.IGNORECASE)).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def test_the_numbers_of_the_page_are_those_of_the_server(
    filled: Board, open_page: Open, numbers: dict[str, Any]
) -> None:
    page = open_page(filled.url, "/app/analytics")
    totals = numbers["totals"]
    shown = figures(page)
    for label in ("documents", "passages", "concepts", "clusters", "words"):
        assert shown[label] == f"{totals[label]:,}", label
    assert shown["groups of duplicates"] == f"{totals['duplicates_groups']:,}"
    assert shown["failed jobs"] == f"{totals['failed']:,}"
    clusters = dict(table(page, "by cluster"))
    assert clusters == {one["name"]: f"{one['documents']:,}" for one in numbers["by_cluster"]}
    concepts = table(page, "by concept")
    assert sorted(concepts) == sorted([one["name"], f"{one['documents']:,}"] for one in numbers["by_concept"])
    growth = table(page, "growth")
    assert sum(int(row[1].replace(",", "")) for row in growth) == sum(day["documents"] for day in numbers["growth"])
    queues = table(page, "queues")
    assert [row[1] for row in queues] == [f"{one['jobs']:,}" for one in numbers["queues"]]


def test_a_bar_leads_to_the_documents_it_counts(filled: Board, open_page: Open, numbers: dict[str, Any]) -> None:
    largest = max(numbers["by_cluster"], key=lambda one: (one["documents"], one["name"]))
    page = open_page(filled.url, "/app/analytics")
    page.get_by_role("region", name="By cluster").get_by_role("link", name=largest["name"], exact=True).click()
    expect(page).to_have_url(re.compile(rf"cluster={largest['id']}\b"))
    expect(page.get_by_role("heading", name=largest["name"], exact=True)).to_be_visible()


def test_old_numbers_say_so_and_are_counted_anew_on_request(
    filled: Board, open_page: Open, numbers: dict[str, Any]
) -> None:
    page = open_page(filled.url, "/app/analytics")
    expect(page.get_by_text(re.compile("^Computed"))).to_be_visible()
    before = int(figures(page)["documents"].replace(",", ""))
    answer = filled.upload("A note about lanterns.md", b"# Lanterns\n\nA lantern hangs above the door of the inn.")
    assert filled.finished(answer["job_id"], within=120)["state"] == "SUCCESS"
    page.get_by_role("button", name="Refresh").click()
    eventually(
        lambda: int(figures(page)["documents"].replace(",", "")) == before + 1,
        within=60,
        why="the new document is counted",
    )
    expect(page.get_by_text(re.compile("^Computed just now"))).to_be_visible()
    with filled.client() as client:
        client.delete(f"/documents/{answer['document_id']}").raise_for_status()
