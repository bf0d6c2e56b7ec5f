"""The map of the board: what it shows, how it is moved, and that it stays quick with thousands of documents."""

from __future__ import annotations

import re
import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.board import Board, eventually
from tests.browser.conftest import Open
from tests.browser.crowd import CROWD, Crowd, crowded


@pytest.fixture(scope="session")
def crowd(board: Board) -> Crowd:
    """Somebody with five thousand documents on the same server."""
    return crowded(board)


STILL = """() => {
  const {dataset} = document.querySelector('.map');
  const now = `${dataset.at} ${dataset.scale}`;
  const still = dataset.was === now && Number(dataset.scale) > 1;
  dataset.was = now;
  return still;
}"""


def shown(page: Page) -> Locator:
    """The map, drawn: its camera stands still."""
    found = page.get_by_role("group", name=re.compile("^Map of"))
    expect(found).to_be_visible()
    page.wait_for_function(STILL, polling=250)
    return found


def point_of(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a place of the map, in [0, 1], is in the window now: read from the camera and the names on it."""
    box = page.locator(".map").bounding_box()
    camera_x, camera_y = (float(one) for one in (page.locator(".map").get_attribute("data-at") or "").split())
    scale = float(page.locator(".map").get_attribute("data-scale") or 0)
    assert box is not None
    return (
        box["x"] + (x - camera_x) * scale + box["width"] / 2,
        box["y"] + (y - camera_y) * scale + box["height"] / 2,
    )


def test_the_map_names_the_clusters_and_opens_a_document_while_it_stays(filled: Board, open_page: Open) -> None:
    with filled.client() as client:
        drawn = client.get("/clusters/map").json()
    target = next(one for one in drawn["documents"] if "earthworms" in one["title"].lower())
    page = open_page(filled.url, "/app/?view=map")
    the_map = shown(page)
    labels = page.get_by_role("list", name="Topics on the map").get_by_role("link")
    assert labels.count() > 0
    with filled.client() as client:
        topics = {one["name"] for one in client.get("/clusters?limit=200").json()["items"]}
    assert {label.get_attribute("title") for label in labels.all()} <= topics
    x, y = point_of(page, target["x"], target["y"])
    page.mouse.move(x, y)
    expect(page.locator(".map-tip")).to_be_visible()
    title = page.locator(".map-tip strong").inner_text()
    page.mouse.click(x, y)
    reader = page.get_by_role("complementary", name="Reader")
    expect(reader.get_by_role("heading", name=title)).to_be_visible()
    expect(the_map).to_be_visible()
    opened = next(one["document_id"] for one in drawn["documents"] if one["title"] == title)
    expect(page).to_have_url(re.compile(rf"view=map.*document={opened}\b"))
    page.reload()
    expect(reader).to_be_visible()
    expect(the_map).to_be_visible()


def test_the_map_is_moved_by_buttons_keys_wheel_and_pointer_and_comes_home(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?view=map", reduced_motion="reduce")
    the_map = shown(page)
    home = the_map.get_attribute("data-at")
    page.get_by_role("button", name="Zoom in").click()
    expect(the_map).to_have_attribute("data-zoom", "1.80")
    page.get_by_role("button", name="Zoom out").click()
    expect(the_map).to_have_attribute("data-zoom", "1.00")
    the_map.focus()
    page.keyboard.press("+")
    expect(the_map).to_have_attribute("data-zoom", "1.50")
    page.keyboard.press("ArrowLeft")
    expect(the_map).not_to_have_attribute("data-at", home or "")
    page.keyboard.press("0")
    expect(the_map).to_have_attribute("data-zoom", "1.00")
    expect(the_map).to_have_attribute("data-at", home or "")
    box = the_map.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.wheel(0, -400)
    expect(the_map).not_to_have_attribute("data-zoom", "1.00")
    page.get_by_role("button", name="Show the whole map").click()
    expect(the_map).to_have_attribute("data-at", home or "")


def test_a_cluster_chosen_on_the_map_is_chosen_in_the_rail_and_in_the_list(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?view=map")
    shown(page)
    label = page.get_by_role("list", name="Topics on the map").get_by_role("link").first
    name = label.get_attribute("title") or ""
    label.click()
    rail = page.get_by_role("navigation", name="Clusters")
    expect(rail.get_by_role("link", name=name).first).to_have_attribute("aria-current", "true")
    page.get_by_role("navigation", name="View").get_by_role("link", name="List").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_what_a_search_finds_lights_up_on_the_map(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?view=map&q=earthworms")
    shown(page)
    note = page.locator(".map-note")
    expect(note).to_contain_text(re.compile(r"\d+ documents? in full colour"))
    with filled.client() as client:
        total = client.get("/search", params={"q": "earthworms", "limit": 100}).json()["total"]
    expect(note).to_contain_text(f"{total} document")


FRAMES = """async () => {
  const map = document.querySelector('.map');
  const box = map.getBoundingClientRect();
  const at = (x, y) => ({clientX: box.left + x, clientY: box.top + y, pointerId: 7, bubbles: true});
  map.setPointerCapture = () => {};
  map.dispatchEvent(new PointerEvent('pointerdown', at(300, 200)));
  const took = [];
  let last = performance.now();
  for (let step = 1; step <= 90; step += 1) {
    map.dispatchEvent(new PointerEvent('pointermove', at(300 + 60 * Math.sin(step / 9), 200 + step)));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    took.push(now - last);
    last = now;
  }
  map.dispatchEvent(new PointerEvent('pointerup', at(300, 290)));
  took.sort((a, b) => a - b);
  return {median: took[45], slow: took[85], all: took.reduce((a, b) => a + b, 0)};
}"""


def test_five_thousand_documents_are_drawn_without_an_element_each_and_follow_the_pointer(
    board: Board, crowd: Crowd, open_page: Open, noise: list[str]
) -> None:
    page = open_page(board.url, "/app/?view=map", user=crowd.username)
    the_map = shown(page)
    expect(the_map).to_have_attribute("aria-label", f"Map of {CROWD:,} documents")
    before = the_map.get_attribute("data-at")
    frames = page.evaluate(FRAMES)
    sys.stdout.write(  # for who runs it with -s; no test asserts a time
        f"\n{CROWD} documents: {1000 * 90 / frames['all']:.0f} frames a second while panning, "
        f"median {frames['median']:.1f} ms, 95 of 100 within {frames['slow']:.1f} ms\n"
    )
    assert the_map.get_attribute("data-at") != before, "the map follows the pointer"
    assert page.evaluate("document.querySelectorAll('.map *').length") < 400, "documents are no elements"
    page.get_by_role("button", name="Show the whole map").click()
    shown(page)
    page.mouse.click(*point_of(page, *crowd.lonely))
    expect(page.get_by_role("complementary", name="Reader")).to_contain_text("The lonely one")
    page.wait_for_load_state("networkidle")
    noise[:] = [line for line in noise if "404" not in line]  # these documents have no text to read


def test_sub_topics_get_their_names_as_one_comes_nearer(board: Board, crowd: Crowd, open_page: Open) -> None:
    page = open_page(board.url, "/app/?view=map", user=crowd.username, reduced_motion="reduce")
    shown(page)
    assert page.locator(".map-label.sub").count() == 0
    for _ in range(2):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".map-label.sub").first).to_be_visible()
    boxes = [box for label in page.locator(".map-label").all() if (box := label.bounding_box())]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
            down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
            assert across <= 1 or down <= 4, "no name lies over another"


def test_one_finger_pans_the_map_of_a_phone(board: Board, crowd: Crowd, open_page: Open) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page(board.url, "/app/?view=map", user=crowd.username, **phone)
    the_map = shown(page)
    box = the_map.bounding_box()
    assert box is not None
    assert box["width"] == 390, "the map has the whole width"
    before = the_map.get_attribute("data-at") or ""
    session = page.context.new_cdp_session(page)
    moves = [("touchMove", 200 - 10 * step) for step in range(1, 9)]

    def panned() -> bool:
        for kind, x in (("touchStart", 200), *moves):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": box["y"] + 150}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return the_map.get_attribute("data-at") != before

    eventually(panned, within=30)  # a busy machine may drop the touches of a page that is still being drawn
    assert page.evaluate("scrollY") == 0, "the page stays where it is"
