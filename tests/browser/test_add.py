"""Adding on the page: bytes, then stages, through a reload, to the cluster."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.board import Board
from tests.browser.conftest import Open

WORDS = "Sourdough bread needs a starter of flour and water. The dough rests, ferments and is baked in a hot oven. "


def note(title: str, kilobytes: int = 0) -> dict[str, object]:
    """A page of few words, made heavy by a comment that nobody reads."""
    heavy = f"<!-- {'x' * kilobytes * 1024} -->"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{WORDS * 3}</p>{heavy}</body></html>"
    return {"name": f"{title}.html", "mimeType": "text/html", "buffer": body.encode()}


def slow_uplink(page: Page, kilobytes_a_second: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": kilobytes_a_second * 1024})


WATCH = """() => {
  window.seen = {};
  const look = () => document.querySelectorAll('[data-job]').forEach((row) => {
    const bar = row.querySelector('[role=progressbar]');
    const text = row.querySelector('.job-percent')?.textContent ?? '';
    (window.seen[row.dataset.job] ??= []).push([bar ? Number(bar.getAttribute('aria-valuenow')) : null, text]);
  });
  const all = {subtree: true, childList: true, characterData: true, attributes: true};
  new MutationObserver(look).observe(document.body, all);
}"""


def test_a_file_shows_its_bytes_then_its_stages_survives_a_reload_and_is_found_in_its_cluster(
    board: Board, open_page: Open
) -> None:
    page = open_page(board.url, "/app/add")
    slow_uplink(page, 300)
    page.get_by_label("Files to add").set_input_files([note("Rye sourdough", 700), note("Wheat sourdough")])
    row = page.get_by_role("article", name="Rye sourdough.html")
    expect(row.locator(".job-percent")).to_have_text(re.compile(r"\d+ kB"))
    expect(row).to_contain_text(re.compile(r"Sending, .*/s"))
    page.evaluate(WATCH)
    expect(row).to_have_attribute("data-job", re.compile("."), timeout=60_000)
    page.reload()
    expect(row).to_have_attribute("data-job", re.compile("."))
    page.evaluate(WATCH)
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    for history in page.evaluate("window.seen").values():
        percents = [percent for percent, _ in history if percent is not None]
        assert percents == sorted(percents), "the percent fell"
        assert not any("NaN" in text for _, text in history)
        assert all(percent <= 99 for percent in percents), "100 was shown before the job was done"
    row.locator(".landed a").click()
    expect(page).to_have_url(re.compile("cluster="))
    page.locator("[data-document]", has_text="Rye sourdough").click()
    reader = page.get_by_role("complementary", name="Reader")
    expect(reader.get_by_role("heading", name="Rye sourdough").first).to_be_visible()
    expect(reader).to_contain_text("The dough rests, ferments")


def test_a_reload_amid_the_bytes_loses_no_row(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    slow_uplink(page, 200)
    page.get_by_label("Files to add").set_input_files([note("First of two"), note("Second of two", 2000)])
    expect(page.get_by_role("article", name="First of two.html")).to_have_attribute("data-job", re.compile("."))
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("article", name="First of two.html")).to_have_attribute("data-job", re.compile("."))
    cut = page.get_by_role("article", name="Second of two.html")
    expect(cut).to_contain_text("Choose the file again")
    slow_uplink(page, 100_000)
    page.get_by_label("Files to add").set_input_files([note("Second of two", 2000)])
    expect(cut).to_have_attribute("data-job", re.compile("."))


def test_files_dropped_anywhere_are_added_and_followed_from_other_pages(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/settings")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    data = page.evaluate_handle(
        """(text) => { const data = new DataTransfer();
        data.items.add(new File([text], 'Dropped note.md', {type: 'text/markdown'})); return data; }""",
        f"# Dropped note\n\n{WORDS}",
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": data})
    expect(page.get_by_text("Drop to add to your board")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": data})
    dock = page.get_by_role("complementary", name="Uploads")
    # "Sending 1 file" is gone in a moment, and then it is an item that is read
    expect(dock).to_contain_text(re.compile("1 (file|item)"))
    expect(dock).to_contain_text("1 item finished", timeout=120_000)
    dock.get_by_role("link", name="Show").click()
    expect(page.get_by_role("article", name="Dropped note.md")).to_contain_text("100 %")


def test_everything_works_with_the_event_stream_blocked(board: Board, open_page: Open, noise: list[str]) -> None:
    page = open_page(board.url, "/app/jobs?show=done")
    page.context.route(re.compile("/events$"), lambda route: route.abort())
    page.goto(f"{board.url}/app/add")
    page.get_by_label("Files to add").set_input_files([note("Without events")])
    row = page.get_by_role("article", name="Without events.html")
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    noise[:] = [line for line in noise if "ERR_FAILED" not in line]


def test_an_upload_is_cancelled_while_its_bytes_go_and_can_be_sent_again(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    slow_uplink(page, 100)
    page.get_by_label("Files to add").set_input_files([note("Too slow", 900)])
    row = page.get_by_role("article", name="Too slow.html")
    expect(row.locator(".job-percent")).to_have_text(re.compile(r"kB"))
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled before it was sent")
    slow_uplink(page, 100_000)
    row.get_by_role("button", name="Send again").click()
    expect(row).to_have_attribute("data-job", re.compile("."), timeout=60_000)


def test_a_file_that_cannot_be_read_says_why_and_offers_a_retry(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    broken = {"name": "Broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + b"no objects here\n" * 40}
    page.get_by_label("Files to add").set_input_files([broken])
    row = page.get_by_role("article", name="Broken.pdf")
    expect(row.locator(".job-percent")).to_have_text("Failed", timeout=120_000)
    with board.client() as client:
        job = client.get(f"/jobs/{row.get_attribute('data-job')}").json()
    expect(row).to_contain_text(job["error"]["message"])
    expect(row).to_contain_text(job["error"]["hint"])
    assert row.locator(".stage.failed").count() == 1, "only the stage that failed is marked"
    first = row.get_attribute("data-job")
    row.get_by_role("button", name="Show history").click()
    expect(row).to_contain_text(job["error"]["code"])
    row.get_by_role("button", name="Retry").click()
    expect(row).not_to_have_attribute("data-job", first or "", timeout=30_000)
    expect(row.locator(".job-percent")).to_have_text("Failed", timeout=120_000)


def test_all_that_failed_is_tried_again_with_one_press_and_each_row_follows_its_new_job(
    board: Board, open_page: Open
) -> None:
    page = open_page(board.url, "/app/add")
    names = [f"Torn {number}.pdf" for number in range(3)]
    torn = [
        {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + name.encode() * 60} for name in names
    ]
    page.get_by_label("Files to add").set_input_files([*torn, note("Whole")])
    rows = {name: page.get_by_role("article", name=name) for name in names}
    for row in rows.values():
        expect(row.locator(".job-percent")).to_have_text("Failed", timeout=120_000)
    whole = page.get_by_role("article", name="Whole")
    expect(whole.locator(".job-percent")).to_have_text("100 %", timeout=120_000)
    before = {name: row.get_attribute("data-job") for name, row in rows.items()}
    kept = whole.get_attribute("data-job")
    page.get_by_role("button", name="Retry all 3 failed").click()
    for name, row in rows.items():
        expect(row).not_to_have_attribute("data-job", before[name] or "", timeout=30_000)
    expect(whole).to_have_attribute("data-job", kept or "")
    for row in rows.values():
        expect(row.locator(".job-percent")).to_have_text("Failed", timeout=120_000)
    with board.client() as client:
        for name, row in rows.items():
            assert client.get(f"/jobs/{row.get_attribute('data-job')}").json()["attempt"] >= 1
            assert client.get(f"/jobs/{before[name]}").json()["retried_as"] == row.get_attribute("data-job")


def test_a_refused_file_keeps_its_reason_on_its_row(board: Board, open_page: Open, noise: list[str]) -> None:
    page = open_page(board.url, "/app/add")
    page.get_by_label("Files to add").set_input_files([{"name": "Empty.txt", "mimeType": "text/plain", "buffer": b""}])
    row = page.get_by_role("article", name="Empty.txt")
    expect(row.get_by_role("alert")).to_contain_text("empty")
    expect(row.get_by_role("button", name="Send again")).to_be_visible()
    noise[:] = [line for line in noise if "400" not in line]


def test_the_same_file_again_is_said_to_be_on_the_board_already(board: Board, open_page: Open) -> None:
    page = open_page(board.url, "/app/add")
    files = page.get_by_label("Files to add")
    files.set_input_files([note("Twice the same")])
    expect(page.get_by_role("article", name="Twice the same.html").locator(".job-percent")).to_have_text(
        "100 %", timeout=120_000
    )
    files.set_input_files([note("Twice the same")])
    expect(page.get_by_text("Already on your board")).to_be_visible()
