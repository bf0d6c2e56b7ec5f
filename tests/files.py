"""Small files of every kind, made by hand, so that the tests of reading carry nobody else's documents."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip of these members, the first one stored, as EPUB and OpenDocument want their `mimetype`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, (name, data) in enumerate(members.items()):
            archive.writestr(name, data, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return buffer.getvalue()


def pdf(pages: Sequence[Sequence[str]], password: str | None = None, title: str = "") -> bytes:
    """A PDF with one line of Helvetica per string; encrypted with RC4 of 40 bits when there is a password."""
    key, encryption = _pdf_key(password) if password else (b"", "")

    def sealed(number: int, data: bytes) -> bytes:
        return _rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10], data) if key else data

    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title <" + sealed(4, title.encode("latin-1")).hex().encode() + b"> >>",
    ]
    for at, lines in enumerate(pages):
        shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
        stream = sealed(6 + 2 * at, f"BT /F1 11 Tf 14 TL 60 760 Td {shown}ET".encode("latin-1"))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {6 + 2 * at} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {encryption}>>"
    out += f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _pdf_key(password: str) -> tuple[bytes, str]:
    """The file key and the `/Encrypt` entry of the standard security handler, revision 2 (PDF 32000-1, 7.6.3)."""
    padded = (password.encode("latin-1") + _PAD)[:32]
    identity, permissions = b"0123456789abcdef", -4
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + (permissions & 0xFFFFFFFF).to_bytes(4, "little") + identity).digest()[:5]
    user = _rc4(key, _PAD)
    entry = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user.hex()}> /P {permissions} >> "
        f"/ID [<{identity.hex()}> <{identity.hex()}>] "
    )
    return key, entry


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def docx(body: str, comments: str = "") -> bytes:
    """A Word file with this XML inside `w:body`."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
    }
    if comments:
        members["word/comments.xml"] = f"<w:comments {W}>{comments}</w:comments>"
    return zipped(members)


def paragraph(text: str, style: str = "") -> str:
    """A `w:p`."""
    mark = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{mark}<w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook of inline strings."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    names = list(sheets)
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1))
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f"<workbook {space} {R}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(names) + 1)}
        ),
    }
    for at, rows in enumerate(sheets.values(), 1):
        cells = "".join(
            f'<row r="{y}">'
            + "".join(f'<c r="{chr(64 + x)}{y}" t="inlineStr"><is><t>{v}</t></is></c>' for x, v in enumerate(row, 1))
            + "</row>"
            for y, row in enumerate(rows, 1)
        )
        members[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
    return zipped(members)


def pptx(slides: Sequence[tuple[str, str, str]]) -> bytes:
    """Slides of (title, text, notes), each with a picture that is not there."""
    listed = "".join(f'<p:sldId id="{255 + at}" r:id="rId{at}"/>' for at in range(1, len(slides) + 1))
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f"<p:presentation {P} {R}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(
            # File numbers against the order of the slides.
            {f"rId{at}": ("slide", f"slides/slide{len(slides) - at}.xml") for at in range(1, len(slides) + 1)}
        ),
    }
    for at, (title, text, notes) in enumerate(slides, 1):
        number = len(slides) - at
        picture = '<p:pic><p:nvPicPr><p:cNvPr descr="A broken picture"/></p:nvPicPr><a:blip/></p:pic>'
        shapes = _shape("title", title) + _shape("", text) + picture
        members[f"ppt/slides/slide{number}.xml"] = f"<p:sld {P} {A} {R}><p:spTree>{shapes}</p:spTree></p:sld>"
        members[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(
            {"rId1": ("notesSlide", f"../notesSlides/notesSlide{number}.xml")}
        )
        members[f"ppt/notesSlides/notesSlide{number}.xml"] = f"<p:notes {P} {A}>{_shape('body', notes)}</p:notes>"
    return zipped(members)


def _shape(kind: str, text: str) -> str:
    mark = f'<p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr>' if kind else ""
    return f"<p:sp>{mark}<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def _relations(relations: Mapping[str, tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="{name}" Type="{TYPE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in relations.items()
    )
    return f'<Relationships xmlns="{RELATIONS}">{entries}</Relationships>'


def odf(kind: str, body: str) -> bytes:
    """An OpenDocument "text" or "presentation" with this XML inside the body."""
    inner = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    content = f"<office:document-content {ODF}>{inner}</office:document-content>"
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def mail(subject: str, text: str, html: str = "", attachment: str = "") -> bytes:
    """An e-mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@example.org>", "bob@example.org", subject
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    if attachment:
        message.add_attachment(b"\0" * 10, maintype="application", subtype="octet-stream", filename=attachment)
    return message.as_bytes()
