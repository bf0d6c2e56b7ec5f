"""Jobs on the page: live, cancelled, retried, and why they wait."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.board import Board
from tests.browser.conftest import Open


def test_two_tabs_agree_on_the_jobs(board: Board, open_page: Open) -> None:
    first = open_page(board.url, "/app/jobs?show=done&q=agree")
    second = first.context.new_page()
    second.goto(f"{board.url}/app/jobs?show=done&q=agree")
    job = board.upload("Both agree.md", b"# Both agree\n\nTwo tabs look at one row and see the same thing.")["job_id"]
    assert board.finished(job, within=120)["state"] == "SUCCESS"
    for page in (first, second):
        expect(page.get_by_role("article", name="Both agree.md").locator(".job-percent")).to_have_text(
            "100 %", timeout=20_000
        )


def test_the_filters_live_in_the_address(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/jobs")
    page.get_by_role("navigation", name="Jobs by state").get_by_role("link", name=re.compile("Done")).click()
    page.get_by_label("Filter by file name").fill("earthworms")
    expect(page.get_by_role("article")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Filter by file name")).to_have_value("earthworms")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Filter by file name").fill("no such file at all")
    expect(page.get_by_role("heading", name=re.compile("No file here"))).to_be_visible()


def test_a_finished_job_shows_every_step_with_its_times_and_leads_to_its_document(
    filled: Board, open_page: Open
) -> None:
    page = open_page(filled.url, "/app/jobs?show=done&q=compost")
    row = page.get_by_role("article", name="Compost for small gardens.md")
    row.get_by_role("button", name="Show history").click()
    table = row.get_by_role("table")
    expect(table).to_contain_text("Understand")
    expect(table).to_contain_text("finished")
    row.get_by_role("link", name="Compost for small gardens.md").click()
    expect(page.get_by_role("complementary", name="Reader")).to_contain_text("green waste and brown waste")


def test_many_failed_jobs_are_retried_with_one_click(board: Board, open_page: Open) -> None:
    jobs = [
        board.upload(f"Locked {number}.pdf", b"%PDF-1.7\n" + b"nothing here\n" * (number + 50))["job_id"]
        for number in range(3)
    ]
    assert {board.finished(job, within=120)["state"] for job in jobs} == {"FAILURE"}
    page = open_page(board.url, "/app/jobs?show=attention&q=Locked")
    expect(page.get_by_role("article")).to_have_count(3)
    page.get_by_label("Select all shown").check()
    page.get_by_role("button", name="Retry 3").click()
    with board.client() as client:

        def retried() -> bool:
            return all(client.get(f"/jobs/{job}").json()["retried_as"] for job in jobs)

        expect(page.get_by_text("3 jobs selected")).to_have_count(0, timeout=30_000)
        assert retried()
