"""Large files on the page: what has arrived is never sent twice, whatever happens in between."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.board import Board
from tests.browser.conftest import Open
from tests.browser.test_add import slow_uplink

MB = 1024 * 1024


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A page of few words that weighs eight megabytes."""
    path = tmp_path / "Heavy chronicle.html"
    words = "<p>The chronicle tells of the great flood and of the dyke that held against the sea.</p>"
    path.write_text(
        f"<html><head><title>Heavy chronicle</title></head><body>{words}<!--{'x' * 8 * MB}--></body></html>"
    )
    return path


def pieces(page: Page) -> list[int]:
    """The offsets at which pieces were begun, from now on."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return found


def test_a_large_file_goes_on_where_it_was_after_a_pause_and_after_a_reload(
    board: Board, open_page: Open, large: Path
) -> None:
    page = open_page(board.url, "/app/add")
    slow_uplink(page, 1500)
    page.get_by_label("Files to add").set_input_files(large)
    row = page.get_by_role("article", name=large.name)
    expect(row.locator(".job-percent")).to_contain_text(re.compile(r"[1-9]\.\d MB"))
    row.get_by_role("button", name=f"Pause {large.name}").click()
    expect(row).to_contain_text(re.compile(r"Paused at \d\.\d MB; the rest waits"))
    begun = pieces(page)
    row.get_by_role("button", name="Go on").click()
    expect(row).to_contain_text(re.compile(r"Sending, .*/s, .* left"))
    assert begun[0] > 0, "it went on where it was"
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(row).to_contain_text(re.compile(r"MB of it are safe. Choose the file again to go on."))
    begun = pieces(page)
    slow_uplink(page, 100_000)
    page.get_by_label("Files to add").set_input_files(large)
    expect(row.locator(".job-percent")).to_have_text("100 %", timeout=180_000)
    assert begun[0] > MB, "what had arrived was not sent again"
    with board.client() as client:
        document = client.get("/documents", params={"q": "Heavy chronicle"}).json()["items"][0]["id"]
        stored = client.get(f"/documents/{document}/file").content
    assert hashlib.sha256(stored).digest() == hashlib.sha256(large.read_bytes()).digest()
