"""The board on the page: documents by cluster, the reader, names, trash."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.board import Board
from tests.browser.conftest import Open


def reader(page: Page):
    return page.get_by_role("complementary", name="Reader")


def manage(page: Page, what: str) -> None:
    """Choose from the menu of the cluster that is shown."""
    page.get_by_role("button", name=re.compile("^What to do with")).last.click()
    page.get_by_role("menuitem", name=what).click()


def test_search_finds_as_one_types_marks_the_words_and_opens_the_place(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    page.get_by_label("Search the board").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_label("Search the board")).to_be_focused()
    page.keyboard.type("earthworms burrows")
    results = page.get_by_role("region", name="Search results")
    hit = results.get_by_role("listitem").filter(has_text="Soil structure and earthworms").first
    expect(hit.locator("mark").first).to_have_text(re.compile("earthworm|burrow", re.IGNORECASE))
    expect(page).to_have_url(re.compile("q=earthworms"))
    hit.get_by_role("link").click()
    expect(reader(page).locator(".text-view mark").first).to_be_in_viewport()
    page.reload()
    expect(reader(page).locator(".text-view mark").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(reader(page)).to_have_count(0)


def test_a_concept_shows_its_quote_and_jumps_to_it(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    page.get_by_role("link", name=re.compile("How a database plans a join")).first.click()
    concepts = page.get_by_role("region", name="What it is about").get_by_role("listitem")
    expect(concepts.first).to_be_visible()
    quote = concepts.first.locator("q").inner_text()
    concepts.first.get_by_role("button").click()
    marked = reader(page).locator(".text-view mark")
    expect(marked.first).to_be_in_viewport()
    shown = " ".join(marked.all_inner_texts())
    assert " ".join(shown.split())[:40] in " ".join(quote.split()), (shown, quote)


def test_a_cluster_is_renamed_by_a_person_and_keeps_the_name(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    page.get_by_role("link", name=re.compile("Compost for small gardens")).first.click()
    reader(page).locator(".reader-where a").click()
    page.keyboard.press("Escape")
    manage(page, "Rename")
    page.get_by_label("Name", exact=True).fill("Garden")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Garden", exact=True)).to_be_visible()
    page.reload()
    expect(
        page.get_by_role("navigation", name="Clusters").get_by_role("link", name=re.compile("Garden"))
    ).to_be_visible()


def test_a_deleted_document_comes_back_with_undo(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?sort=title")
    link = page.get_by_role("link", name=re.compile("Soil structure and earthworms")).first
    link.click()
    reader(page).get_by_role("button", name="Move to trash").click()
    expect(reader(page)).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Soil structure and earthworms"))).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(link).to_be_visible()


def test_the_whole_way_goes_by_keyboard(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    page.get_by_role("link", name=re.compile("How a database")).first.wait_for()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    focused = page.evaluate("document.activeElement.dataset.document ?? ''")
    assert focused, "j and k move between the documents"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"document={focused}"))
    expect(reader(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(reader(page)).to_have_count(0)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("Jobs")
    page.get_by_role("option", name="Jobs", exact=True).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()


def test_the_page_goes_on_by_itself_after_the_server_was_away(filled: Board, open_page: Open, noise: list[str]) -> None:
    page = open_page(filled.url, "/app/jobs?show=done")
    expect(page.get_by_role("article").first).to_be_visible()
    page.context.set_offline(True)
    banner = page.get_by_text("What you see may be old")
    expect(banner).to_be_visible(timeout=40_000)
    expect(page.get_by_role("article").first).to_be_visible()
    page.context.set_offline(False)
    expect(banner).to_have_count(0, timeout=20_000)
    noise[:] = [line for line in noise if "ERR_INTERNET_DISCONNECTED" not in line and "ERR_NETWORK" not in line]


def test_a_place_deep_in_a_long_text_is_brought_into_view(filled: Board, open_page: Open) -> None:
    tides = [f"Day {day}: the tide table gives high water at noon and the harbour wall is dry." for day in range(150)]
    text = "\n\n".join(["# A year of tides", *tides, "On the last day a porpoise swam into the harbour basin."])
    job = filled.upload("A year of tides.md", text.encode())["job_id"]
    assert filled.finished(job, within=120)["state"] == "SUCCESS"
    page = open_page(filled.url, "/app/?q=porpoise swam into the harbour basin")
    page.get_by_role("region", name="Search results").get_by_role("link", name="A year of tides").click()
    marked = reader(page).locator(".text-view mark", has_text="porpoise")
    expect(marked).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0, "the board behind stays where it was"


def rail(page: Page):
    return page.get_by_role("navigation", name="Clusters")


def test_what_narrows_the_board_down_survives_a_reload_and_is_taken_away_chip_by_chip(
    filled: Board, open_page: Open
) -> None:
    with filled.client() as client:
        cluster = client.get("/clusters").json()["items"][0]
        chosen = {"cluster": cluster["id"], "type": "text", "since": "2020-01-01T00:00:00Z"}
        left = client.get("/documents", params=chosen).json()["total"]
    page = open_page(filled.url, f"/app/?cluster={cluster['id']}&since=2020-01-01&sort=title")
    page.get_by_role("button", name=re.compile("^Filters")).click()
    page.get_by_label("Type").select_option("text")
    expect(page).to_have_url(re.compile(r"type=text.*since=2020-01-01"))
    rows = page.get_by_role("list", name="Documents").get_by_role("listitem")
    expect(rows).to_have_count(left)
    before = page.get_by_role("list", name="Documents").get_by_role("link").all_inner_texts()
    page.reload()
    expect(rows).to_have_count(left)
    assert page.get_by_role("list", name="Documents").get_by_role("link").all_inner_texts() == before
    chips = page.get_by_role("group", name="Active filters")
    expect(chips.get_by_role("link", name="Since 2020-01-01")).to_be_visible()
    chips.get_by_role("link", name=re.compile("^Text")).click()
    expect(page).not_to_have_url(re.compile("type="))
    chips.get_by_role("link", name="Since 2020-01-01").click()
    expect(chips).to_have_count(0)
    expect(page).to_have_url(re.compile(f"cluster={cluster['id']}"))
    page.goto(f"{filled.url}/app/?until=2020-01-01")
    expect(page.get_by_text("No document fits these filters")).to_be_visible()


def test_a_pinned_cluster_stands_first_and_says_so(filled: Board, open_page: Open) -> None:
    with filled.client() as client:
        cluster = min(client.get("/clusters").json()["items"], key=lambda one: one["document_count"])
    page = open_page(filled.url, f"/app/?cluster={cluster['id']}")
    manage(page, "Pin")
    first = rail(page).get_by_role("link").nth(1)
    expect(first).to_have_attribute("title", cluster["name"])
    expect(first.get_by_label("pinned")).to_be_visible()
    page.reload()
    expect(rail(page).get_by_role("link").nth(1)).to_have_attribute("title", cluster["name"])
    manage(page, "Unpin")
    expect(rail(page).get_by_label("pinned")).to_have_count(0)


def test_a_document_is_moved_to_another_cluster_by_dragging_it_there(filled: Board, open_page: Open) -> None:
    with filled.client() as client:
        home, *others = client.get("/clusters").json()["items"]  # the largest first: it stays when one goes
        document = client.get("/documents", params={"cluster": home["id"]}).json()["items"][0]
    target = others[0]
    page = open_page(filled.url, "/app/?sort=title")
    row = page.locator(f'[data-document="{document["id"]}"]')
    row.drag_to(rail(page).get_by_role("link", name=re.compile(re.escape(target["name"]))))
    expect(page.get_by_text(f"Moved to {target['name']}")).to_be_visible()
    with filled.client() as client:
        assert client.get(f"/documents/{document['id']}").json()["cluster_id"] == target["id"]
        back = {"cluster_id": document["cluster_id"]}
        assert client.patch(f"/documents/{document['id']}", json=back).status_code == 200


def test_a_deleted_cluster_loses_no_document(filled: Board, open_page: Open) -> None:
    with filled.client() as client:
        clusters = client.get("/clusters").json()["items"]
        before = {one["id"] for one in client.get("/documents?limit=200").json()["items"]}
    doomed = min(clusters, key=lambda one: one["document_count"])
    page = open_page(filled.url, f"/app/?cluster={doomed['id']}")
    manage(page, "Delete cluster")
    page.get_by_role("dialog").get_by_role("button", name="Delete cluster").click()
    expect(page).not_to_have_url(re.compile("cluster="))
    expect(page.get_by_text("its documents were filed elsewhere")).to_be_visible()
    with filled.client() as client:
        documents = client.get("/documents?limit=200").json()["items"]
        assert doomed["id"] not in {one["id"] for one in client.get("/clusters").json()["items"]}
    assert {one["id"] for one in documents} == before
    assert doomed["id"] not in {one["cluster_id"] for one in documents}


def test_a_scan_is_started_from_the_dashboard_and_leads_to_what_it_found(filled: Board, open_page: Open) -> None:
    text = "The keeper of the lighthouse wrote down each ship that passed, its flag and its hour. " * 12
    for name in ("Keeper.md", "Keeper again.txt"):
        job = filled.upload(name, (text + name).encode())["job_id"]
        filled.finished(job, within=120)
    page = open_page(filled.url)
    overview = page.get_by_role("region", name="Overview")
    overview.get_by_role("button", name="Start duplicate scan").click()
    result = overview.get_by_role("status", name="Duplicate scan")
    expect(result).to_be_visible()
    link = result.get_by_role("link", name=re.compile("duplicates found", re.IGNORECASE))
    expect(link).to_be_visible(timeout=90_000)
    with filled.client() as client:
        found = client.get("/duplicates").json()
    assert found["last_scan"]["state"] == "SUCCESS"
    link.click()
    expect(page.get_by_role("heading", name="Duplicates", exact=True)).to_be_visible()


def test_the_board_is_grouped_anew_from_the_dashboard_and_says_when_it_is_done(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    overview = page.get_by_role("region", name="Overview")
    overview.get_by_role("button", name="Group anew").click()
    expect(overview.get_by_role("status", name="Grouping anew")).to_contain_text(
        "The board is grouped anew", timeout=120_000
    )


def test_a_search_is_saved_found_in_the_rail_and_says_what_is_new(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url, "/app/?q=compost&type=text")
    page.get_by_role("button", name="Save search").click()
    page.get_by_label("Name", exact=True).fill("All about compost")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    saved = page.get_by_role("navigation", name="Saved searches").get_by_role("link", name="All about compost")
    expect(saved).to_be_visible()
    job = filled.upload("Compost in winter.md", b"# Compost in winter\n\nA compost heap sleeps under straw.")["job_id"]
    assert filled.finished(job, within=120)["state"] == "SUCCESS"
    page.goto(f"{filled.url}/app/")
    expect(saved).to_contain_text("1 new", timeout=40_000)
    saved.click()
    expect(page).to_have_url(re.compile("q=compost.*type=text"))
    expect(page.get_by_role("region", name="Search results")).to_contain_text("Compost in winter")
    expect(saved).not_to_contain_text(re.compile(r"\d"))
    page.get_by_role("button", name="What to do with All about compost").click()
    page.get_by_role("menuitem", name="Delete search").click()
    expect(saved).to_have_count(0)


def test_what_is_typed_is_completed_and_the_arrows_choose(filled: Board, open_page: Open) -> None:
    page = open_page(filled.url)
    field = page.get_by_role("combobox", name="Search the board")
    field.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("soil str")
    offers = page.get_by_role("listbox", name="Suggestions")
    expect(offers.get_by_role("option").first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    offer = offers.get_by_role("option").filter(has_text="Soil structure and earthworms").first
    expect(offer).to_be_visible()
    for _ in range(offers.get_by_role("option").count()):
        page.keyboard.press("ArrowDown")
        if offer.get_attribute("aria-selected") == "true":
            break
    assert field.get_attribute("aria-activedescendant") == offer.get_attribute("id")
    page.keyboard.press("Enter")
    expect(reader(page).get_by_role("heading", name="Soil structure and earthworms")).to_be_visible()
    page.keyboard.press("Escape")
    expect(reader(page)).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("soil")
    expect(offers.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(offers).to_be_hidden()
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.press("Escape")
    expect(field).not_to_be_focused()
