"""Formats beyond the common ones: less known office files, drawings, subtitles of every make, outlines, old tables."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.domain.content import Content
from backend.domain.errors import Unreadable
from backend.providers.extractors import Reader
from tests import files

Read = Callable[[bytes, str], Content]
PROSE = "The harbour was quiet in the early morning."


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader(timeout_seconds=60, memory_bytes=2 * 1024**3)
    yield made
    made.close()


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> Read:
    def reading(data: bytes, filename: str) -> Content:
        path = tmp_path / "blob"
        path.write_bytes(data)
        media_type = reader.sniff(path, filename)
        assert reader.supports(media_type, filename)
        return reader.extract(path, filename=filename, media_type=media_type, password=None, cancelled=lambda: False)

    return reading


def dbf(rows: list[tuple[str, str]], *, deleted: int = 0) -> bytes:
    """A dBASE table with two columns; the first `deleted` rows are marked so."""
    size = 20
    head = struct.pack("<BBBBLHH20x", 3, 126, 11, 25, len(rows), 32 + 2 * 32 + 1, 1 + 2 * size)
    fields = b"".join(struct.pack("<11sc4xB15x", name, b"C", size) for name in (b"NAME", b"CITY"))
    records = b"".join(
        (b"*" if at < deleted else b" ") + b"".join(value.encode("cp1252").ljust(size) for value in row)
        for at, row in enumerate(rows)
    )
    return head + fields + b"\r" + records + b"\x1a"


SUBTITLES = {
    "a.ass": "[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
    "Dialogue: 0,0:01:30.50,0:01:32.00,Default,{\\i1}Nets, and{\\i0}\\Nboats.\n"
    "Dialogue: 0,0:00:02.00,0:00:04.00,Default,Good morning.\n",
    "a.sbv": "0:00:02.000,0:00:04.000\nGood morning.\n\n0:01:30.500,0:01:32.000\nNets, and\nboats.\n",
    "a.lrc": "[ti:Song]\n[00:02.00]Good morning.\n[01:30.50]Nets, and boats.\n",
    "a.ttml": '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
    '<p begin="2s" end="4s">Good morning.</p>'
    '<p begin="00:01:30.500" dur="1500ms">Nets, and<br/>boats.</p></div></body></tt>',
}


@pytest.mark.parametrize("name", SUBTITLES)
def test_subtitles_of_every_make_are_read_with_their_seconds(read: Read, name: str) -> None:
    content = read(SUBTITLES[name].encode(), name)
    assert [part.place for part in content.parts] == [{"second": 2}, {"second": 90.5}]
    assert content.text.split() == ["Good", "morning.", "Nets,", "and", "boats."]


def test_a_dbase_table_is_read_without_what_was_deleted(read: Read) -> None:
    content = read(dbf([("Gone", "Nowhere"), ("Åse", "Tromsø"), ("Bob", "Bergen")], deleted=1), "people.dbf")
    assert content.text == "| NAME | CITY |\n| --- | --- |\n| Åse | Tromsø |\n| Bob | Bergen |"


def test_a_dbase_table_cut_short_gives_its_whole_records(read: Read) -> None:
    whole = dbf([("Ann", "Oslo"), ("Bob", "Bergen")])
    assert "Bergen" not in read(whole[:-20], "people.dbf").text


def test_a_drawing_is_read_page_by_page(read: Read) -> None:
    page = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    content = read(files.odf("graphics", page.format("Nets") + page.format("Boats")), "a.odg")
    assert content.text == "Nets\n\nBoats"
    assert [part.place for part in content.parts] == [{"page": 1}, {"page": 2}]


def test_the_words_of_a_vector_graphic_are_read(read: Read) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>Harbour</title><style>.a{}</style>'
    content = read(f"{svg}<text>Nets <tspan>and boats</tspan></text></svg>".encode(), "a.svg")
    assert content.text == "# Harbour\n\nNets and boats"


def test_a_hangul_document_is_read_with_its_tables(read: Read) -> None:
    cell = "<hp:tc><hp:subList><hp:p><hp:run><hp:t>{}</hp:t></hp:run></hp:p></hp:subList></hp:tc>"
    table = "".join(f"<hp:tr>{cell.format(a)}{cell.format(b)}</hp:tr>" for a, b in (("이름", "도시"), ("안나", "부산")))
    section = f"""<hs:sec xmlns:hs="s" xmlns:hp="p"><hp:p><hp:run><hp:t>항구는 </hp:t></hp:run>
        <hp:run><hp:t>조용했다.</hp:t></hp:run></hp:p><hp:p><hp:run><hp:tbl>{table}</hp:tbl></hp:run></hp:p></hs:sec>"""
    data = files.zipped({"mimetype": "application/hwp+zip", "Contents/section0.xml": section})
    assert read(data, "a.hwpx").text == "항구는 조용했다.\n\n| 이름 | 도시 |\n| --- | --- |\n| 안나 | 부산 |"


def test_an_iwork_file_is_read_by_its_preview_or_says_what_to_do(read: Read) -> None:
    members: dict[str, str | bytes] = {"Index/Document.iwa": b"\0", "QuickLook/Preview.pdf": files.pdf([[PROSE]])}
    assert read(files.zipped(members), "a.pages").text == PROSE
    del members["QuickLook/Preview.pdf"]
    for name in ("a.pages", "a.numbers", "a.key"):
        with pytest.raises(Unreadable) as caught:
            read(files.zipped(members), name)
        assert caught.value.code == "unsupported_type"
        assert "Export it as PDF" in caught.value.hint


def test_an_outline_is_read_with_its_words(read: Read) -> None:
    inner = '<outline text="Harbour"><outline text="Nets"/><outline title="Boats"/></outline>'
    data = f'<?xml version="1.0"?><opml version="2.0"><head><title>Things</title></head><body>{inner}</body></opml>'
    assert read(data.encode(), "a.opml").text == "# Things\n\n- Harbour\n\n- Nets\n\n- Boats"


def test_a_fiction_book_has_the_title_of_the_book(read: Read) -> None:
    head = "<description><title-info><book-title>The Harbour</book-title></title-info></description>"
    body = f"<body><section><title><p>One</p></title><p>{PROSE}</p></section></body>"
    book = f'<?xml version="1.0"?><FictionBook>{head}{body}<binary id="x">{"QUJD" * 200}</binary></FictionBook>'
    content = read(book.encode(), "a.fb2")
    assert content.title == "The Harbour"
    assert content.text.endswith(f"## One\n\n{PROSE}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tex", "\\section{Harbour} Nets and boats."),
        ("a.rst", "Harbour\n=======\n\nNets and boats."),
        ("a.org", "* Harbour\n\nNets and boats."),
        ("a.typ", "= Harbour\n\nNets and boats."),
        ("a.adoc", "== Harbour\n\nNets and boats."),
        ("a.bib", "@book{harbour, title={Nets and boats}}"),
        ("a.ris", "TY  - BOOK\nTI  - Nets and boats\nER  -"),
        ("a.ics", "BEGIN:VCALENDAR\nSUMMARY:Nets and boats\nEND:VCALENDAR"),
        ("a.go", "package harbour // nets and boats"),
        ("Makefile", "nets: boats\n\tmend nets"),
    ],
)
def test_what_people_write_as_text_is_read_as_it_stands(read: Read, name: str, text: str) -> None:
    assert read(text.encode(), name).text == text
