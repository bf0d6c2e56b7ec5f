"""Every kind of file is read into the same kind of text, or refused with a reason."""

from __future__ import annotations

import io
import json
import struct
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest

from backend.domain.content import WITHOUT_TEXT, Content
from backend.domain.errors import Unreadable
from backend.providers.extractors import Reader, names, reading, trees
from tests import files, scans

Read = Callable[..., Content]
PROSE = "The harbour was quiet in the early morning, and the fishermen mended their nets without a word."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(timeout_seconds=60, memory_bytes=2 * 1024**3)
    yield made
    made.close()


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> Read:
    def reading(data: bytes, filename: str, password: str | None = None) -> Content:
        path = tmp_path / "blob"  # as in the store: the name says nothing
        path.write_bytes(data)
        media_type = reader.sniff(path, filename)
        return reader.extract(
            path, filename=filename, media_type=media_type, password=password, cancelled=lambda: False
        )

    return reading


def refusal(read: Read, data: bytes, filename: str, password: str | None = None) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(data, filename, password)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value


def places(content: Content) -> list[tuple[str, dict[str, object]]]:
    return [(content.text[part.start : part.end], part.place) for part in content.parts]


def test_a_pdf_is_read_page_by_page(read: Read) -> None:
    content = read(files.pdf([[PROSE, "Second line."], ["Page two."]], title="Nets"), "nets.pdf")
    assert content.media_type == "application/pdf"
    assert content.title == "Nets"
    assert content.language == "en"
    assert [place for _, place in places(content)] == [{"page": 1}, {"page": 2}]
    assert places(content)[0][0].startswith("The harbour")
    assert places(content)[1][0] == "Page two."


def test_a_title_that_a_program_put_there_is_none(read: Read) -> None:
    assert read(files.pdf([[PROSE]], title="untitled"), "a.pdf").title is None
    assert read(files.pdf([[PROSE]], title="Microsoft Word - Nets"), "a.pdf").title == "Nets"


def test_an_encrypted_pdf_wants_its_password_and_is_read_with_it(read: Read) -> None:
    data = files.pdf([[PROSE]], password="tide")
    assert refusal(read, data, "a.pdf").code == "encrypted"
    assert "password" in refusal(read, data, "a.pdf").hint.lower()
    wrong = refusal(read, data, "a.pdf", "ebb")
    assert wrong.code == "encrypted"
    assert wrong.message != refusal(read, data, "a.pdf").message
    assert read(data, "a.pdf", "tide").text == PROSE


@pytest.mark.parametrize(("pages", "without"), [([[], []], [1, 2]), ([[PROSE], []], [2]), ([[PROSE]], [])])
def test_a_pdf_names_its_pages_that_have_no_text(read: Read, pages: list[list[str]], without: list[int]) -> None:
    content = read(files.pdf(pages), "scan.pdf")
    assert content.metadata[WITHOUT_TEXT] == without
    assert content.metadata["page_count"] == len(pages)
    assert content.text == "\n\n".join(line for page in pages for line in page)


def test_a_few_words_stamped_on_a_scan_are_no_text_layer(read: Read) -> None:
    scan = pypdfium2.PdfDocument(scans.pdf([["The harbour"], ["was quiet"]]))
    written = pypdfium2.PdfDocument(files.pdf([["Few words on a page"]]))
    for page in scan:
        stamp = pypdfium2.raw.FPDFPageObj_NewTextObj(scan, b"Helvetica", 12.0)
        words = (pypdfium2.raw.FPDF_WCHAR * 20)(*map(ord, "Scanned with an app"), 0)
        pypdfium2.raw.FPDFText_SetText(stamp, words)
        pypdfium2.raw.FPDFPage_InsertObject(page, stamp)
        page.gen_content()
    scan.import_pages(written, [0])
    out = io.BytesIO()
    scan.save(out)
    content = read(out.getvalue(), "scan.pdf")
    assert content.metadata[WITHOUT_TEXT] == [1, 2]
    assert content.text.endswith("Few words on a page")


def test_running_headers_and_broken_words_of_a_pdf_are_mended(read: Read) -> None:
    days = ["Monday", "Tuesday", "Wednesday", "Thursday"]
    body = [
        "On {} the fisher-",
        "men sailed at dawn and came",
        "home when the tide was high on {}.",
        "It is {}.",
        "So {}.",
    ]
    pages = [["Annual report 2026", *[line.format(day) for line in body], f"Page {at}"] for at, day in enumerate(days)]
    content = read(files.pdf(pages), "report.pdf")
    assert "Annual report" not in content.text
    assert "Page" not in content.text
    assert all(f"On {day} the fishermen sailed at dawn" in content.text for day in days)


def test_a_damaged_pdf_is_corrupt(read: Read) -> None:
    assert refusal(read, b"%PDF-1.4\n1 0 obj << nothing of use", "a.pdf").code == "corrupt"


def test_a_word_file_keeps_headings_tables_and_comments(read: Read) -> None:
    cells = "".join(f"<w:tc>{files.paragraph(word)}</w:tc>" for word in ("Boat", "Crew"))
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    body = files.paragraph("Harbour", "Heading1") + files.paragraph("Quiet &amp; *calm* &lt;b&gt; &#233;!") + table
    comment = f'<w:comment w:author="Ann">{files.paragraph("Is it?")}</w:comment>'
    content = read(files.docx(body, comment), "harbour.docx")
    assert content.text.startswith("## Harbour\n\nQuiet & *calm* <b> é!\n\n| Boat | Crew |")
    assert "Ann: Is it?" in content.text


def test_a_workbook_knows_its_sheets(read: Read) -> None:
    content = read(files.xlsx({"2025": [["Boat", "Crew"], ["Anna", "4"]], "Empty": [], "2026": [["x"]]}), "a.xlsx")
    assert [place for _, place in places(content)] == [{"sheet": "2025"}, {"sheet": "2026"}]
    assert "| Anna | 4 |" in content.text


def test_a_presentation_with_a_broken_picture_is_read_with_its_notes(read: Read) -> None:
    content = read(files.pptx([("One", "Nets", "Speak slowly"), ("Two", "Boats", "")]), "talk.pptx")
    assert places(content) == [
        ("# One\n\nNets\n\nA broken picture\n\nNotes: Speak slowly", {"slide": 1}),
        ("# Two\n\nBoats\n\nA broken picture", {"slide": 2}),
    ]


def test_opendocument_text_keeps_lists_inside_tables(read: Read) -> None:
    body = (
        '<text:h text:outline-level="2">Harbour</text:h><text:p>Quiet<text:s text:c="2"/>calm</text:p>'
        "<table:table><table:table-row><table:table-cell><text:list><text:list-item><text:p>Net</text:p></text:list-item>"
        "</text:list></table:table-cell></table:table-row></table:table>"
    )
    content = read(files.odf("text", body), "a.odt")
    assert content.text == "## Harbour\n\nQuiet  calm\n\n| Net |\n| --- |"


def test_an_opendocument_presentation_knows_its_slides(read: Read) -> None:
    page = '<draw:page><draw:frame presentation:class="title"><text:p>{0}</text:p></draw:frame></draw:page>'
    content = read(files.odf("presentation", page.format("One") + page.format("Two")), "a.odp")
    assert places(content) == [("# One", {"slide": 1}), ("# Two", {"slide": 2})]


def test_a_book_without_its_container_is_read_chapter_by_chapter(read: Read) -> None:
    chapters = {f"text/p{number}.xhtml": f"<html><body><h1>{number}</h1></body></html>" for number in (10, 9, 1)}
    content = read(files.zipped(chapters), "book.epub")
    assert content.text == "# 1\n\n# 9\n\n# 10"


def test_an_email_is_read_with_who_when_and_what(read: Read) -> None:
    content = read(files.mail("Netze über Bord", PROSE, "<p>other</p>", "list.bin"), "a.eml")
    assert content.title == "Netze über Bord"
    assert "From: Ann <ann@example.org>" in content.text
    assert content.text.endswith(f"{PROSE}\n\nAttachments: list.bin")
    assert content.metadata["attachments"] == ["list.bin"]
    assert content.warnings == ()


def test_html_is_read_without_scripts_and_menus(read: Read) -> None:
    head = "<head><title>Nets &amp; boats</title><script>bad()</script></head>"
    body = f"<nav>Menu</nav><h2>Harbour</h2><p>{PROSE} <a href='/x'>More</a></p><p>{PROSE}</p>"
    page = f"<!doctype html><html lang='en'>{head}<body>{body}</body></html>"
    content = read(page.encode(), "a.html")
    assert content.title == "Nets & boats"
    assert content.text.startswith("## Harbour\n\nThe harbour")
    assert "More" in content.text
    assert not {"bad()", "Menu", "/x"} & set(content.text.split())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_text_is_read_in_its_encoding(read: Read, encoding: str) -> None:
    words = "Über den Dächern der alten Stadt flog am späten Abend ein großer, müder Storch.\n" * 5
    assert read(words.encode(encoding), "a.txt").text == words.strip()


def test_japanese_csv_in_the_old_encoding_becomes_a_table(read: Read) -> None:
    rows = "名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n高橋淳,35,名古屋\n"
    content = read(rows.encode("cp932"), "a.csv")
    assert content.text.startswith("| 名前 | 年齢 | 住所 |\n| --- | --- | --- |\n| 佐藤太郎 | 30 | 東京 |")


def test_japanese_mail_text_of_seven_bits_is_read(read: Read) -> None:
    words = "港は静かでした。漁師は網を直しました。"
    assert read(words.encode("iso2022_jp"), "a.txt").text == words


def test_text_is_composed_and_without_invisible_characters(read: Read) -> None:
    text = unicodedata.normalize("NFD", "Möwe") + "\x07\u200b\u202e zero\r\nnext\u00ad\n\n\n\n\nend \n"
    assert read(text.encode(), "a.txt").text == "Möwe zero\nnext\n\nend"


def test_subtitles_know_their_second(read: Read) -> None:
    vtt = (
        "WEBVTT\n\n00:01.500 --> 00:03.000\n<v Ann>Hello <b>there</b>\n\n01:00:10.000 --> 01:00:11.000\nBye &amp; bye\n"
    )
    assert places(read(vtt.encode(), "a.vtt")) == [
        ("Ann: Hello there", {"second": 1.5}),
        ("Bye & bye", {"second": 3610}),
    ]
    srt = "1\n00:00:02,000 --> 00:00:03,000\nHello\n"
    assert places(read(srt.encode(), "a.srt")) == [("Hello", {"second": 2})]


def test_a_scholarly_article_keeps_its_headings(read: Read) -> None:
    article = (
        '<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "JATS.dtd"><article><front><article-meta>'
        "<title-group><article-title>On <italic>nets</italic></article-title></title-group></article-meta></front>"
        "<body><sec><title>Method</title><p>We&nbsp;mended.</p></sec></body></article>"
    )
    content = read(article.encode(), "a.nxml")
    assert content.title == "On nets"
    assert content.text == "# On nets\n\n## Method\n\nWe mended."


def test_a_notebook_is_read_with_its_code(read: Read) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Nets\n", "and boats"]},
        {"cell_type": "code", "source": "print('tide')", "outputs": [{"text": ["tide\n"]}]},
    ]
    notebook = {"nbformat": 4, "metadata": {"language_info": {"name": "python"}}, "cells": cells}
    content = read(json.dumps(notebook).encode(), "a.ipynb")
    assert content.title == "Nets"
    assert content.text == "# Nets\nand boats\n\n```python\nprint('tide')\n```\n\ntide"


@pytest.mark.parametrize(
    ("filename", "media_type"),
    [
        ("a.py", "text/x-python"), ("a.tex", "text/x-tex"), ("a.rst", "text/x-rst"), ("a.json", "application/json"),
        ("a.yaml", "application/yaml"), ("a.unknown", "text/plain"), ("noname", "text/plain"),
    ],
)  # fmt: skip
def test_other_text_is_read_as_it_stands(read: Read, filename: str, media_type: str) -> None:
    text = 'x = {"net": 1}  # __init__ *not* emphasis'
    content = read(text.encode(), filename)
    assert (content.text, content.media_type) == (text, media_type)


def test_the_content_decides_and_a_name_that_says_otherwise_is_mentioned(read: Read) -> None:
    content = read(files.pdf([[PROSE]]), "picture.docx")
    assert content.media_type == "application/pdf"
    assert [warning["code"] for warning in content.warnings] == ["type_mismatch"]


def test_an_empty_file_is_said_to_be_empty(read: Read) -> None:
    assert refusal(read, b"", "a.pdf").code == "empty_file"
    assert refusal(read, b" \n\t ", "a.txt").code == "no_text"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "archive"), (b"Rar!\x1a\x07" + b"\0" * 50, "archive"),
        (b"8BPS" + b"\0" * 50, "image"), (b"MThd" + b"\0" * 50, "audio"),
        (bytes(range(256)) * 8, "kind"), (b"\x7fELF" + b"\0" * 60, "kind"),
    ],
)  # fmt: skip
def test_what_has_no_reader_is_refused_early_and_honestly(
    read: Read, reader: Reader, tmp_path: Path, data: bytes, word: str
) -> None:
    (tmp_path / "x").write_bytes(data)
    assert not reader.supports(reader.sniff(tmp_path / "x", "a.txt"), "a.txt")
    error = refusal(read, data, "a.txt")
    assert error.code == "unsupported_type"
    assert word in error.message


def test_an_encrypted_office_file_is_encrypted(read: Read) -> None:
    header = OLE + b"\0" * 22 + struct.pack("<H", 9) + b"\0" * 16 + struct.pack("<I", 0) + b"\0" * 460
    data = header + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0")
    assert refusal(read, data, "a.docx").code == "encrypted"


def test_a_zip_bomb_is_refused_before_it_unpacks(read: Read) -> None:
    bomb = files.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": b" " * 200_000_000})
    assert refusal(read, bomb, "a.docx").code == "corrupt"
    many = files.zipped({"word/document.xml": "", **{f"word/{number}": "" for number in range(5_001)}})
    assert refusal(read, many, "a.docx").code == "corrupt"


@pytest.mark.parametrize("name", ["lol", "file"])
def test_entities_are_neither_multiplied_nor_fetched(read: Read, name: str, tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("canary-7711")
    entities = {
        "lol": "<!ENTITY a 'aaaaaaaaaa'>"
        + "".join(f"<!ENTITY {c} '{f'&{chr(ord(c) - 1)};' * 10}'>" for c in "bcdefgh"),
        "file": f"<!ENTITY h SYSTEM 'file://{tmp_path}/canary'>",
    }
    data = f"<?xml version='1.0'?><!DOCTYPE x [{entities[name]}]><x><p>{PROSE} &h;</p></x>".encode()
    try:
        text = read(data, "a.xml").text
    except Unreadable:
        return
    assert "canary-7711" not in text
    assert len(text) < 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"<!---->" * 9_000 + b"<p>", b"<!--" * 16_000, b"A:\t" * 20_000, b"A: b\n " * 9_000, b"<?xml " * 9_000,
        b"1\n" * 30_000, b"\x00a" * 30_000, b" " * 65_000, b"PK\x03\x04" * 16_000, OLE * 8_000,
        files.zipped({f"{number:0200}": b"" for number in range(20_000)}),
    ],
    ids=range(11),
)  # fmt: skip
def test_looking_at_a_hostile_file_takes_no_time(reader: Reader, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    started = time.monotonic()
    reader.sniff(tmp_path / "x", "x")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "<script>" * 50_000, "<!-- " * 80_000, "<a " * 100_000, "<a>" + "<b>" * 100_000, "[" * 300_000, "[x](" * 80_000,
        "*a " * 100_000, "a" * 400_000 + "!", "a-" * 200_000, " " * 400_000 + "x", "data:" * 80_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_reading_a_hostile_page_ends_in_time(read: Read, text: str) -> None:
    for filename in ("a.html", "a.txt"):
        try:
            read(f"<!doctype html><html><body><p>{text}".encode() if filename == "a.html" else text.encode(), filename)
        except Unreadable as error:
            assert error.code == "no_text"  # noqa: PT017 - it may also be read: both are ends


def test_a_declared_entity_is_refused_and_a_known_name_is_not() -> None:
    with pytest.raises(Unreadable):
        trees.parse(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    assert trees.text(trees.parse(b"<!DOCTYPE x PUBLIC 'p' 's'><x>a&nbsp;&eacute;</x>")) == "a é"


def test_xml_nested_too_deep_for_a_tree_is_read_as_it_stands(read: Read) -> None:
    data = b"<?xml version='1.0'?>" + b"<a>" * 100_000 + b"x" + b"</a>" * 100_000
    assert read(data, "a.xml").text.startswith("<?xml")


def test_the_readers_are_those_that_uploads_are_promised() -> None:
    assert set(reading.READERS) == set(names.DOCUMENTS)
