"""Of a page from the web the article is read; of everything else, what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.domain.content import Content
from backend.domain.errors import Unreadable
from backend.providers.extractors import Reader

Read = Callable[..., Content]
ADDRESS = "https://harbour.example/2024/nets?from=feed"
FIRST = (
    "The harbour was quiet in the early morning, and the fishermen mended their nets without a word between them. "
    "Nobody had been out since the storm, and nobody wanted to be the first to say that the boats would sail again."
)
SECOND = (
    "By noon the wind had turned, the ropes were dry, and the oldest of them walked down to the pier to look at the "
    "water. He stood there for a long while, and when he came back he only nodded, which was all that was needed."
)
MENU = "<nav><ul>" + "".join(f"<li><a href='/{n}'>Section {n} of the paper</a></li>" for n in range(9)) + "</ul></nav>"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(timeout_seconds=60, memory_bytes=2 * 1024**3)
    yield made
    made.close()


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> Read:
    def reading(page: str, source_url: str | None = ADDRESS) -> Content:
        path = tmp_path / "blob"
        path.write_text(page)
        return reader.extract(
            path,
            filename="page.html",
            media_type="text/html",
            password=None,
            cancelled=lambda: False,
            source_url=source_url,
        )

    return reading


def page(body: str, head: str = "") -> str:
    return (
        f"<!doctype html><html lang='en'><head><title>Nets | The Harbour Paper</title>{head}</head><body>{MENU}"
        f"<main><article><h1>Nets</h1><p>{FIRST}</p>{body}<p>{SECOND}</p></article></main>"
        "<footer><p>All rights of the paper are reserved, and so on and so forth.</p></footer></body></html>"
    )


def test_the_article_is_read_without_menus_and_its_own_title(read: Read) -> None:
    content = read(page(""))
    assert content.text == f"{FIRST}\n\n{SECOND}"
    assert content.language == "en"


def test_headings_lists_tables_code_and_quotes_keep_their_form(read: Read) -> None:
    rows = "<tr><th>Boat</th><th>Crew</th></tr><tr><td>Anna</td><td>four | five</td></tr>"
    body = (
        "<h2>What is needed</h2><ul><li>rope, <a href='/rope'>dry rope</a></li><li>tar</li></ul>"
        f"<ol><li>mend</li><li>wait</li></ol><table>{rows}</table>"
        "<pre><code>sail --when dry\n  # not before</code></pre><blockquote><p>He nodded.</p></blockquote>"
    )
    text = read(page(body)).text
    assert "## What is needed\n\n- rope, dry rope\n- tar" in text
    assert "1. mend\n2. wait" in text
    assert "| Boat | Crew |\n| --- | --- |\n| Anna | four \\| five |" in text
    assert "```\nsail --when dry\n  # not before\n```" in text
    assert "> He nodded." in text


def test_what_the_page_says_of_itself_is_kept(read: Read) -> None:
    head = (
        "<meta property='og:title' content='Nets'><meta name='author' content='Ada Smith'>"
        "<meta property='article:published_time' content='2024-03-05T08:00:00Z'>"
        "<meta property='og:site_name' content='The Harbour Paper'><meta name='description' content='On nets.'>"
        "<link rel='canonical' href='https://harbour.example/2024/nets'>"
    )
    content = read(page("", head))
    assert content.title == "Nets"
    kept = {name: value for name, value in content.metadata.items() if name != "encoding"}
    assert kept == {
        "author": "Ada Smith",
        "date": "2024-03-05",
        "site": "The Harbour Paper",
        "description": "On nets.",
        "canonical_url": "https://harbour.example/2024/nets",
    }


def test_an_address_that_is_none_is_not_kept(read: Read) -> None:
    content = read(page("", "<link rel='canonical' href='javascript:alert(1)'>"))
    assert "javascript" not in str(content.metadata)


def test_pointers_to_other_articles_are_left_out_and_quoted_posts_kept(read: Read) -> None:
    body = (
        "<p><strong>Read more: <a href='/a'>Why the boats of the north sail earlier this year</a></strong></p>"
        "<div class='embed widget'><blockquote class='twitter-tweet'><p>We sail at dawn, all of us together.</p>"
        "&mdash; Harbour (@harbour)</blockquote></div>"
        "<p>The list of boats is at <a href='https://boats.example/list'>https://boats.example/list</a></p>"
    )
    text = read(page(body)).text
    assert "Read more" not in text
    assert "We sail at dawn, all of us together." in text
    assert "https://boats.example/list" in text


def test_a_body_in_several_pieces_is_read_to_its_end(read: Read) -> None:
    said = [f"{number} {FIRST}" for number in range(8)]
    chunk = "<div class='row'><div class='grid article__body'>{}</div></div><div class='ad-slot'>Buy rope</div>"
    chunks = [chunk.format("".join(f"<p>{text}</p>" for text in half)) for half in (said[:5], said[5:])]
    text = read(f"<html><body><article><h1>Nets</h1>{''.join(chunks)}</article></body></html>").text
    assert text == "\n\n".join(said)


def test_other_articles_on_the_page_are_not_this_one(read: Read) -> None:
    others = "".join(f"<article><h2>Other {n}</h2><p>{n} {SECOND} {SECOND}</p></article>" for n in range(5))
    markup = f"<html><body><article><h1>Nets</h1><p>{FIRST}</p><p>And so on.</p></article>{others}</body></html>"
    assert read(markup).text.startswith(FIRST)
    assert "oldest" not in read(markup).text


def test_a_list_of_links_is_read_as_it_is(read: Read) -> None:
    links = "".join(f"<li><a href='/{n}'>Story number {n} of the harbour</a> ({n} comments)</li>" for n in range(40))
    text = read(f"<html><head><title>Stories</title></head><body><ul>{links}</ul></body></html>").text
    assert all(f"Story number {n} of the harbour" in text for n in range(40))


def test_a_page_that_needs_a_program_says_so(read: Read) -> None:
    shell = (
        "<html><head><title>App</title><script src='/app.js'></script></head><body><div id='root'></div></body></html>"
    )
    with pytest.raises(Unreadable) as caught:
        read(shell)
    assert caught.value.code == "no_text"
    assert "JavaScript" in caught.value.hint


def test_a_file_is_read_whole_unless_a_browser_saved_it_from_the_web(read: Read) -> None:
    assert "Section 3 of the paper" not in read(page("")).text
    whole = read(page(""), None).text
    assert "and so on and so forth" in whole
    saved = "<!-- saved from url=(0041)https://harbour.example/2024/nets -->\n" + page("")
    assert read(saved, None).text == f"{FIRST}\n\n{SECOND}"


@pytest.mark.parametrize(
    "head",
    [
        '<link href="https://harbour.example/nets" rel="canonical">',
        "<meta property='og:url' content='https://harbour.example/nets'/>",
    ],
)
def test_a_file_that_names_its_place_in_the_web_is_read_as_a_page_of_it(read: Read, head: str) -> None:
    assert read(page("", head), None).text == f"{FIRST}\n\n{SECOND}"
    assert "and so on" in read(page("", '<link rel="icon" href="https://harbour.example/x">'), None).text


def test_a_page_that_confuses_the_finder_is_read_whole(read: Read) -> None:
    text = read(page("<div><b>" * 5000 + "deep below" + "</b></div>" * 5000)).text
    assert FIRST in text
