"""What people add to a document in the reader: tags, notes, highlights."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.board import Board
from tests.browser.conftest import Open, added
from tests.browser.looks import faults
from tests.browser.test_looks import LOOKS

ROPE = """# Rope walk

The rope walk is **a quarter of a mile** long, and the spinner goes backwards the whole length of it.

- Hemp is hackled over pins of steel.
- Yarn is tarred while it is warm.

A cable of nine strands holds a ship of four hundred tons in any weather that has been known here. ⚓ It is laid with
the sun, and never against it.
"""


@pytest.fixture(scope="module")
def rope(board: Board) -> int:
    """A document to write on."""
    return added(board, "Rope walk.md", ROPE.encode())


def reader(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Reader")


def margin(page: Page, name: str) -> None:
    """Open a part of what stands beside the text."""
    reader(page).get_by_role("tab", name=re.compile(name)).click()


def select(page: Page, first: str, last: str) -> None:
    """Select from the beginning of `first` to the end of `last`, as somebody does with the mouse or a finger."""
    reader(page).locator(".text-view").get_by_text(first).first.wait_for()
    found = page.evaluate(
        """([first, last]) => {
          const walker = document.createTreeWalker(document.querySelector('.text-view'), NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          let begun = false;
          while (walker.nextNode()) {
            const node = walker.currentNode;
            if (!begun && node.data.includes(first)) { range.setStart(node, node.data.indexOf(first)); begun = true; }
            if (begun && node.data.includes(last)) {
              range.setEnd(node, node.data.indexOf(last) + last.length);
              getSelection().removeAllRanges();
              getSelection().addRange(range);
              return true;
            }
          }
          return false;
        }""",
        [first, last],
    )
    assert found


def toolbar(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Highlight what is selected")


def highlights(board: Board, document: int) -> list[dict[str, Any]]:
    with board.client() as client:
        items: list[dict[str, Any]] = client.get(f"/documents/{document}/highlights").json()["items"]
    return items


def text_of(board: Board, document: int) -> str:
    with board.client() as client:
        text: str = client.get(f"/documents/{document}/text").json()["text"]
    return text


def test_selected_words_become_a_highlight_that_survives_a_reload_and_another_reading(
    board: Board, open_page: Open, rope: int
) -> None:
    page = open_page(board.url, f"/app/?document={rope}")
    select(page, "four hundred tons", "with")
    toolbar(page).get_by_role("button", name="Highlight green").click()
    drawn = reader(page).locator("[data-pen=green]")
    expect(drawn.first).to_contain_text("four hundred tons")
    expect(toolbar(page)).to_have_count(0)
    (made,) = highlights(board, rope)
    assert text_of(board, rope)[made["start"] : made["end"]] == made["quote"]
    assert made["quote"].endswith("It is laid with")
    page.reload()
    expect(drawn.first).to_contain_text("four hundred tons")
    with page.expect_response(lambda answer: answer.url.endswith("/reprocess")) as asked:
        reader(page).get_by_role("button", name="Read again").click()
    assert board.finished(asked.value.json()["job_id"], within=120)["state"] == "SUCCESS"
    page.reload()
    margin(page, "Highlights")
    row = reader(page).get_by_role("region", name="Highlights").get_by_role("listitem")
    expect(row).to_contain_text("four hundred tons")
    row.get_by_role("button", name=re.compile("four hundred tons")).click()
    expect(reader(page).locator(".text-view mark").first).to_be_in_viewport()


def test_a_highlight_takes_emphasis_and_lists_along_and_is_deleted_and_had_back(
    board: Board, open_page: Open, rope: int
) -> None:
    page = open_page(board.url, f"/app/?document={rope}")
    select(page, "a quarter", "pins of steel")
    toolbar(page).get_by_role("button", name="Note").click()
    toolbar(page).get_by_role("textbox", name="Note on the highlight").fill("How long is ours?")
    toolbar(page).get_by_role("button", name="Highlight blue").click()
    drawn = reader(page).locator("[data-pen=blue]")
    expect(drawn.first).to_contain_text("a quarter of a mile")
    expect(drawn.last).to_contain_text("Hemp is hackled over pins of steel")
    drawn.first.click()
    row = reader(page).get_by_role("article", name="blue highlight")
    expect(row).to_contain_text("How long is ours?")
    row.get_by_role("combobox", name="Colour").select_option("pink")
    expect(reader(page).locator("[data-highlight][data-pen=pink]").first).to_be_visible()
    row = reader(page).get_by_role("article", name="pink highlight")
    row.get_by_role("button", name="Delete highlight").click()
    expect(reader(page).locator("[data-highlight][data-pen=pink]")).to_have_count(0)
    page.get_by_role("region", name="Notes", exact=True).get_by_role("button", name="Undo").click()
    expect(reader(page).locator("[data-highlight][data-pen=pink]").first).to_be_visible()
    expect(reader(page).get_by_role("article", name="pink highlight")).to_contain_text("How long is ours?")


def test_highlighting_goes_by_keyboard_from_a_selection_and_from_a_quote(
    board: Board, open_page: Open, filled: Board
) -> None:
    with filled.client() as client:
        document = client.get("/documents", params={"q": "Soil structure"}).json()["items"][0]["id"]
    page = open_page(board.url, f"/app/?document={document}")
    reader(page).get_by_role("region", name="What it is about").get_by_role("button").first.click()
    margin(page, "Highlights")
    reader(page).get_by_role("button", name="Highlight the marked place").press("Enter")
    expect(reader(page).get_by_role("article", name="yellow highlight")).to_have_count(1)
    select(page, "earthworm", "earthworm")
    expect(toolbar(page)).to_be_visible()
    page.keyboard.press("h")
    expect(toolbar(page).get_by_role("button", name="Highlight yellow")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(reader(page).get_by_role("article", name="green highlight")).to_have_count(1)
    select(page, "earthworm", "earthworm")
    expect(toolbar(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(toolbar(page)).to_have_count(0)
    expect(reader(page)).to_be_visible()


def test_on_a_phone_the_bar_of_a_selection_is_at_the_foot_and_marks_with_a_touch(
    board: Board, open_page: Open, rope: int
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page(board.url, f"/app/?document={rope}", **phone)
    select(page, "Yarn is tarred", "while it is warm")
    bar = toolbar(page)
    expect(bar).to_be_visible()
    page.wait_for_function(
        "() => Math.abs(innerHeight - document.querySelector('.selection-place').getBoundingClientRect().bottom) < 2"
    )
    bar.get_by_role("button", name="Highlight yellow").tap()
    expect(reader(page).locator("[data-highlight][data-pen=yellow]").first).to_contain_text("Yarn is tarred")


def test_a_tag_is_typed_suggested_on_the_next_document_and_taken_off(
    board: Board, open_page: Open, rope: int, filled: Board
) -> None:
    page = open_page(board.url, f"/app/?document={rope}")
    tags = reader(page).get_by_role("region", name="Tags")
    tags.get_by_role("button", name="Tag", exact=True).click()
    field = tags.get_by_role("combobox", name="Add a tag")
    field.fill("Harbour work")
    field.press("Enter")
    expect(tags.get_by_role("link", name="Harbour work")).to_be_visible()
    with filled.client() as client:
        other = client.get("/documents", params={"q": "Compost for small"}).json()["items"][0]["id"]
    page.goto(f"{board.url}/app/?document={other}")
    tags.get_by_role("button", name="Tag", exact=True).click()
    field.press_sequentially("harb")
    tags.get_by_role("option", name=re.compile("Harbour work")).wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    expect(tags.get_by_role("link", name="Harbour work")).to_be_visible()
    tags.get_by_role("button", name="Remove tag Harbour work").click()
    expect(tags.get_by_role("link", name="Harbour work")).to_have_count(0)
    page.reload()
    expect(tags.get_by_role("button", name="Tag", exact=True)).to_be_visible()
    expect(tags.get_by_role("link", name="Harbour work")).to_have_count(0)
    with board.client() as client:
        assert [
            one["document_count"] for one in client.get("/tags").json()["items"] if one["name"] == "Harbour work"
        ] == [1]


def test_a_tag_that_a_rule_gave_says_so_and_stays_off_once_it_is_taken_off(
    board: Board, open_page: Open, rope: int
) -> None:
    rule = {"any": [{"field": "title", "op": "contains", "value": "rope walk"}]}
    with board.client() as client:
        tag = client.post("/tags", json={"name": "Ropes", "rule": rule}).json()["id"]
        job = client.post(f"/tags/{tag}/apply").json()["job_id"]
    assert board.finished(job)["state"] == "SUCCESS"
    page = open_page(board.url, f"/app/?document={rope}")
    tags = reader(page).get_by_role("region", name="Tags")
    expect(tags.get_by_role("link", name="By rule: Ropes")).to_be_visible()
    tags.get_by_role("button", name="Remove tag Ropes").click()
    expect(tags.get_by_role("link", name=re.compile("Ropes"))).to_have_count(0)
    with board.client() as client:
        again = client.post(f"/tags/{tag}/apply").json()["job_id"]
    assert board.finished(again)["state"] == "SUCCESS"
    page.reload()
    expect(tags.get_by_role("button", name="Tag", exact=True)).to_be_visible()
    expect(tags.get_by_role("link", name=re.compile("Ropes"))).to_have_count(0)


def test_a_note_is_written_in_markdown_changed_deleted_and_had_back(board: Board, open_page: Open, rope: int) -> None:
    page = open_page(board.url, f"/app/?document={rope}")
    margin(page, "Notes")
    notes = reader(page).get_by_role("region", name="Notes on this document")
    field = notes.get_by_role("textbox", name="New note")
    field.fill("Ask the **cooper** about it.\n\n- tar\n- <b>hemp</b>")
    field.press("Control+Enter")
    note = notes.get_by_role("article")
    expect(note.locator("strong")).to_have_text("cooper")
    expect(note.get_by_role("listitem").last).to_have_text("<b>hemp</b>")
    expect(field).to_have_value("")
    note.get_by_role("button", name="Edit note").click()
    editing = notes.get_by_role("textbox", name="Note", exact=True)
    editing.fill("Ask the cooper tomorrow.")
    notes.get_by_role("button", name="Save").click()
    expect(note).to_contain_text("Ask the cooper tomorrow.")
    page.reload()
    margin(page, "Notes")
    expect(note).to_contain_text("Ask the cooper tomorrow.")
    note.get_by_role("button", name="Delete note").click()
    expect(note).to_have_count(0)
    page.get_by_role("region", name="Notes", exact=True).get_by_role("button", name="Undo").click()
    expect(note).to_contain_text("Ask the cooper tomorrow.")


@pytest.mark.parametrize("look", LOOKS)
def test_what_people_add_in_the_reader_can_be_used_by_everybody(
    board: Board, open_page: Open, rope: int, look: str
) -> None:
    with board.client() as client:
        text = client.get(f"/documents/{rope}/text").json()["text"]
        for words, colour in (("pins of steel", "orange"), ("nine strands", "purple")):
            start = text.index(words)
            made = {"start": start, "end": start + len(words), "colour": colour, "note": "Look again"}
            client.post(f"/documents/{rope}/highlights", json=made).raise_for_status()
        client.post(f"/documents/{rope}/notes", json={"text": "# Ask\n\n- the **cooper**"}).raise_for_status()
        client.put(f"/documents/{rope}/tags", json={"names": ["Harbour work", "Rope"]}).raise_for_status()
    page = open_page(board.url, f"/app/?document={rope}", **{"reduced_motion": "reduce", **LOOKS[look]})
    expect(reader(page).get_by_role("link", name="Harbour work")).to_be_visible()
    for part in ("Highlights", "Notes", "Related"):
        margin(page, part)
        assert faults(page, look) == [], part
    select(page, "A cable of", "in any weather")
    expect(toolbar(page)).to_be_visible()
    assert faults(page, look) == []


def test_a_highlight_whose_words_are_gone_keeps_its_quote(board: Board, open_page: Open) -> None:
    document = added(board, "Slipway.md", b"# Slipway\n\nThe cradle runs on greased rails of oak into the water.\n")
    with board.client() as client:
        text = client.get(f"/documents/{document}/text").json()["text"]
        start = text.index("greased rails")
        made = {"start": start, "end": start + len("greased rails of oak"), "colour": "purple"}
        client.post(f"/documents/{document}/highlights", json=made).raise_for_status()
    lose(board, document)
    page = open_page(board.url, f"/app/?document={document}")
    margin(page, "Highlights")
    row = reader(page).get_by_role("article", name="purple highlight")
    expect(row).to_contain_text("greased rails of oak")
    expect(row).to_contain_text("Not in the text any more")
    expect(reader(page).locator("[data-highlight]")).to_have_count(0)


def lose(board: Board, document: int) -> None:
    """Let the original say something else, and be read again."""
    (original,) = [
        path for path in board.folder.rglob("*") if path.is_file() and b"greased rails of oak" in path.read_bytes()
    ]
    original.write_bytes(b"# Slipway\n\nNothing is left of what stood here before the storm took everything.\n")
    with board.client() as client:
        job = client.post(f"/documents/{document}/reprocess").json()["job_id"]
    assert board.finished(job, within=120)["state"] == "SUCCESS"
