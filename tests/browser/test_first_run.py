"""The first minutes on the page: the owner's account, signing in and out, keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests.board import Board
from tests.browser.conftest import Open
from tests.conftest import new_database


@pytest.fixture(scope="module")
def bare_board(postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """An API with no account and no worker."""
    running = Board(new_database(postgres), valkey.url.replace("/0", "/2"), tmp_path_factory.mktemp("bare"))
    try:
        running.start_api()
        yield running
    finally:
        running.stop()


def test_the_first_account_becomes_the_owner_of_an_empty_board(
    bare_board: Board, open_page: Open, noise: list[str]
) -> None:
    page = open_page(bare_board.url, "/", signed_in=False)
    expect(page.get_by_role("heading", name="Make this board yours")).to_be_visible()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("10")
    noise.clear()  # a refusal is written to the console by the browser itself
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Your board is empty")).to_be_visible()
    assert "syncboard" not in page.evaluate("document.cookie"), "scripts must not see the session"
    noise[:] = [line for line in noise if "401" not in line]


def test_signing_out_ends_the_session_and_a_wrong_password_is_said_to_be_wrong(
    bare_board: Board, open_page: Open, noise: list[str]
) -> None:
    page = open_page(bare_board.url, "/app/settings")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    noise[:] = [line for line in noise if "401" not in line]


def test_a_job_nobody_works_on_says_why_it_waits_and_can_be_cancelled(bare_board: Board, open_page: Open) -> None:
    page = open_page(bare_board.url, "/app/add?tab=text")
    page.get_by_label("Title").fill("A note for later")
    page.get_by_role("textbox", name="Text", exact=True).fill("Nobody reads this yet.")
    page.get_by_role("button", name="Add text").click()
    row = page.get_by_role("article", name="A note for later")
    expect(row).to_contain_text("No worker is reading the “uploads” queue", timeout=30_000)
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled")
    page.goto(f"{bare_board.url}/app/jobs?show=done")
    expect(page.get_by_role("article", name="A note for later")).to_contain_text("Cancelled")


def test_a_file_that_was_being_sent_when_the_server_died_is_sent_again_by_itself(
    bare_board: Board, open_page: Open, noise: list[str]
) -> None:
    page = open_page(bare_board.url, "/app/add")
    page.get_by_role("button", name="Choose files").wait_for()
    bare_board.kill("api")
    text = {"name": "Patient.md", "mimeType": "text/markdown", "buffer": b"# Patient\n\nIt waits for the server."}
    page.get_by_label("Files to add").set_input_files([text])
    expect(page.get_by_text("The server is not answering.")).to_be_visible()
    expect(page.get_by_role("article", name="Patient.md")).to_contain_text("The server cannot be reached.")
    bare_board.start_api()
    expect(page.get_by_role("article", name="Patient.md")).to_contain_text("No worker is reading")
    expect(page.get_by_text("The server is not answering.")).to_have_count(0)
    noise[:] = [line for line in noise if "ERR_" not in line]
