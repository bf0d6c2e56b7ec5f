"""What everybody must be able to use, in light, dark and on a phone: measured, not looked at."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.board import Board
from tests.browser import originals
from tests.browser.conftest import Open

FRONTEND = Path(__file__).parents[2] / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
DIST = FRONTEND / "dist"
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
PAGES = {
    "board": "/app/",
    "newest": "/app/?sort=newest",
    "search": "/app/?q=compost",
    "map": "/app/?view=map",
    "map-reader": "/app/?view=map&document={document}",
    "cluster": "/app/?cluster={cluster}&since=2020-01-01&type=text",
    "duplicates": "/app/duplicates",
    "analytics": "/app/analytics",
    "tables": "/app/analytics#tables",
    "reader": "/app/?q=compost&document={document}",
    "add": "/app/add",
    "links": "/app/add?tab=links",
    "youtube": "/app/add?tab=youtube",
    "image": "/app/add?tab=image",
    "text": "/app/add?tab=text",
    "scan": "/app/?q=porpoise&document={scan}",
    "sound": "/app/?document={sound}",
    "jobs": "/app/jobs?show=done",
    "parts": "/app/jobs?show=done&q=Schooner",
    "settings": "/app/settings",
}
LINES = "https://www.youtube.com/playlist?list=PLharbour0001\nno address\nhttps://harbour.example/a"

VIOLATIONS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map((one) => [one.id, ...one.nodes.map((node) => `${node.target} ${node.failureSummary}`)])"""

OVERLAPS = """() => {
  const rows = [...document.querySelectorAll('main li, main article')]
    .filter((row) => row.checkVisibility({visibilityProperty: true}) && !row.querySelector('li, article'));
  const boxes = rows.map((row) => row.getBoundingClientRect()).filter((box) => box.height > 0);
  const found = [];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && down > 1) found.push([a.top, a.bottom, b.top, b.bottom]);
  }));
  return found;
}"""

SMALL = """(least) => [...document.querySelectorAll('button, nav a, input:not([hidden]), select, textarea')]
  .filter((one) => one.offsetParent && !one.closest('[inert]'))
  .filter((one) => one.type !== 'radio' && one.type !== 'checkbox')
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
  .filter(([box]) => box.height < least - 0.5 && box.height > 0).map(([box, html]) => `${box.height} ${html}`)"""


def fill(page: Page, name: str) -> None:
    """What a page shows when somebody has begun to use it."""
    if name in {"links", "youtube"}:
        page.get_by_role("tabpanel").get_by_role("textbox").fill(LINES)
        page.get_by_text(re.compile(r"2 new · 1 not an address")).wait_for()
    elif name == "image":
        picture = {"name": "Quay.png", "mimeType": "image/png", "buffer": originals.png(["The north quay"])}
        page.get_by_label("Images to add").set_input_files([picture])
        page.get_by_role("textbox", name=re.compile("Quay.png")).wait_for()
    elif name == "cluster":
        page.get_by_role("button", name=re.compile("^Filters")).click()
        page.get_by_role("group", name="Filters", exact=True).wait_for()
    elif name == "tables":
        page.get_by_role("button", name=re.compile("^Show as table")).first.wait_for()
        while (closed := page.get_by_role("button", name=re.compile("^Show as table"))).count() > 0:
            closed.first.click()
    elif name == "parts":
        page.get_by_role("button", name="Show history").first.click()
        page.get_by_role("region", name="Pages").wait_for()


def settle(page: Page) -> None:
    page.locator(".reader-title" if "document=" in page.url else "h1").first.wait_for()
    page.wait_for_function("() => document.querySelectorAll('.loading').length === 0")
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_axe_violation_no_overlap_no_small_target_and_no_sideways_scroll(
    filled: Board, open_page: Open, scan: int, sound: int, name: str, look: str
) -> None:
    with filled.client() as client:
        found = client.get("/documents", params={"q": "Compost for small"}).json()["items"][0]
    path = PAGES[name].format(document=found["id"], cluster=found["cluster_id"], scan=scan, sound=sound)
    page = open_page(filled.url, path, reduced_motion="reduce", **LOOKS[look])
    settle(page)
    fill(page, name)
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(SMALL, 44 if look == "phone" else 40) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("look", LOOKS)
def test_the_sign_in_page_has_no_axe_violation(board: Board, open_page: Open, noise: list[str], look: str) -> None:
    page = open_page(board.url, signed_in=False, reduced_motion="reduce", **LOOKS[look])
    settle(page)
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []
    noise[:] = [line for line in noise if "401" not in line]


def test_the_first_load_of_the_board_is_at_most_140_kilobytes_of_script(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/add")
    settle(page)  # what this page still loads is not the board's
    loaded: set[str] = set()
    page.on("response", lambda answer: loaded.add(answer.url.partition("/app/")[2]))
    page.goto(f"{filled.url}/app/")
    settle(page)
    scripts = [name for name in loaded if name.endswith(".js")]
    sizes = {name: len(gzip.compress((DIST / name).read_bytes(), 9)) for name in scripts}
    assert len(scripts) > 2
    assert sum(sizes.values()) <= 140_000, sizes
