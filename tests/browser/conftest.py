"""A browser, and pages of it that are signed in and hold every test to a quiet console."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

sys.path.insert(0, str(Path(__file__).parent))

import chromium

from backend.embedded.postgres import Postgres
from backend.embedded.valkey import Valkey
from tests import tube, web
from tests.board import Board
from tests.browser import originals
from tests.browser.speech import Speech, listening
from tests.conftest import new_database

Open = Callable[..., Page]
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that `provision.py` found."""
    found = chromium.find()
    assert found is not None, "there is no Chromium: run tests/browser/provision.py"
    with chromium.started() as playwright, found.launch(playwright) as running:
        yield running


def sign_in(context: BrowserContext, url: str, username: str = "ada", password: str = "correct horse battery") -> None:
    """Give the context the session cookie, as the sign-in page does."""
    answer = context.request.post(
        f"{url}/token",
        data={"username": username, "password": password},
        headers={"X-SyncBoard-Page": "1", "Origin": url},
    )
    assert answer.ok, answer.text()


@pytest.fixture
def noise() -> list[str]:
    """What the console said; a test that expects a refusal takes it out."""
    return []


@pytest.fixture
def open_page(browser: Browser, noise: list[str]) -> Iterator[Open]:
    """`open_page(url, path, **context options)`: a page that is signed in as `user`, unless `signed_in=False`."""
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            noise.append(message.text)

    def opened(url: str, path: str = "/app/", *, signed_in: bool = True, user: str = "ada", **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(30_000)
        if signed_in:
            sign_in(context, url, user)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == [], f"the console is not quiet: {noise}"


@dataclass
class Outside:
    """What there is on the web of these tests."""

    site: web.Site
    videos: tube.Tube
    speech: Speech

    def at(self, path: str) -> str:
        """The address of a page of the site."""
        return f"http://127.0.0.1:{self.site.port}{path}"


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A site, a stand-in for YouTube and one for a service that transcribes, all here."""
    folder = tmp_path_factory.mktemp("videos")
    with web.serving() as site, tube.serving(folder) as videos, listening() as speech:
        yield Outside(site, videos, speech)


@pytest.fixture(scope="session")
def board(
    postgres: Postgres, valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, outside: Outside
) -> Iterator[Board]:
    """A whole board that may fetch what is outside, and does so without waiting in between."""
    running = Board(
        new_database(postgres),
        valkey.url.replace("/0", "/9"),
        tmp_path_factory.mktemp("board"),
        ALLOW_PRIVATE_ADDRESSES="true",
        FETCH_DELAY_SECONDS="0.01",
        RATE_LIMIT_SIGN_IN="10000/minute",  # every test signs in, from the same address
        FETCH_RESOLVE=outside.videos.resolve(),
        FETCH_CA_FILE=str(outside.videos.ca_file),
        SPEECH_URL=outside.speech.url,
        SPEECH_PART_SECONDS="20",
    )
    try:
        running.start_api()
        running.start_workers()
        running.sign_up()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def filled(board: Board) -> Board:
    """The board with a few documents on two subjects, read and placed."""
    essays = sorted((Path(__file__).parent / "essays").glob("*.md"))
    jobs = [board.upload(essay.name, essay.read_bytes())["job_id"] for essay in essays]
    for job in jobs:
        assert board.finished(job, within=180)["state"] == "SUCCESS"
    return board


LOG = [
    ["Log of the schooner", "The wind came from the west", "and the cook counted herring."],
    ["Second sheet", "A porpoise swam beside the bow", "until the fog lay on the water."],
]


def added(board: Board, name: str, content: bytes) -> int:
    """The id of a document that was read, in part or whole."""
    answer = board.upload(name, content)
    assert board.finished(answer["job_id"], within=180)["state"] == "SUCCESS"
    number: int = answer["document_id"]
    return number


@pytest.fixture(scope="session")
def scan(board: Board) -> int:
    """A document of two pages that are pictures."""
    return added(board, "Schooner.pdf", originals.scan(LOG))


@pytest.fixture(scope="session")
def sound(board: Board) -> int:
    """A recording of two parts."""
    return added(board, "Lighthouse.wav", originals.wav(38))
