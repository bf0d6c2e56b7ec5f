"""Files that ask their reader to fetch a secret or to call somebody: each names a canary by path or by address."""

from __future__ import annotations

import io
import tarfile
import zipfile
from email.message import EmailMessage
from pathlib import Path

from tests import archives, files

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def made(secret: Path, port: int) -> dict[str, bytes]:
    """By name; `secret` is a file that is none of a reader's business, something listens on `port` of this machine."""
    address = f"http://127.0.0.1:{port}"
    entity = f'<!DOCTYPE r [<!ENTITY a SYSTEM "file://{secret}"><!ENTITY b SYSTEM "{address}/xml">]>'
    page = f"""<html><body><p>Words enough to be read.</p><iframe src="file://{secret}"></iframe>
        <img src="{address}/img.png"><link rel=stylesheet href="{address}/a.css"><object data="file://{secret}"></object>
        <script src="{address}/a.js"></script></body></html>"""
    return {
        "entity.xml": f"{entity}<r>words &a; &b;</r>".encode(),
        "entity.svg": f'{entity}<svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text>'
        f'<image href="{address}/svg.png"/></svg>'.encode(),
        "entity.docx": _docx(entity),
        "entity.odt": files.odf("text", f"<text:p>words</text:p><!-- {secret} -->"),
        "page.html": page.encode(),
        "mail.eml": _mail(page, secret),
        "include.rst": f"Words\n=====\n\n.. include:: {secret}\n.. raw:: html\n   :file: {secret}\n".encode(),
        "include.org": f"* Words\n#+INCLUDE: {secret}\n".encode(),
        "include.tex": f"\\documentclass{{article}}\\begin{{document}}Words \\input{{{secret}}}"
        f"\\verbatiminput{{{secret}}}\\end{{document}}".encode(),
        "include.typ": f'= Words\n#include "{secret}"\n#read("{secret}")\n'.encode(),
        "picture.md": f"# Words\n\n![a]({address}/md.png) ![b](file://{secret})\n".encode(),
        "run.eps": f"%!PS-Adobe-3.0 EPSF-3.0\n({secret}) run ({secret}) (r) file 999 string readstring\n".encode(),
        "list.mp3": f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:1.0,\nfile://{secret}\n{address}/a.ts\n".encode(),
        "list.m3u8": f"#EXTM3U\n#EXTINF:1.0,\nconcat:{secret}|{secret}\n#EXT-X-ENDLIST\n".encode(),
        "list.mp4": f"ffconcat version 1.0\nfile '{secret}'\n".encode(),
        "link.zip": archives.link_zip("words.txt", str(secret), other_txt="words"),
        "climb.zip": _climbing(secret),
        "link.tar": archives.tarred(
            {"words.txt": b"words"},
            archives.special("soft.txt", tarfile.SYMTYPE, str(secret)),
            archives.special("hard.txt", tarfile.LNKTYPE, str(secret)),
        ),
    }


def _docx(entity: str) -> bytes:
    body = f'<w:document xmlns:w="{_W}"><w:body><w:p><w:r><w:t>words &a;</w:t></w:r></w:p></w:body></w:document>'
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(files.docx(files.paragraph("words")))) as whole,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in whole.namelist():
            new.writestr(name, entity + body if name == "word/document.xml" else whole.read(name))
    return buffer.getvalue()


def _mail(page: str, secret: Path) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@example.org", "bob@example.org", "Words"
    message.set_content(page, subtype="html")
    message.add_attachment(b"", maintype="message", subtype="external-body", filename="outside.txt")
    whole = message.as_bytes()
    return whole.replace(
        b"message/external-body", f'message/external-body; access-type="local-file"; name="{secret}"'.encode()
    )


def _climbing(secret: Path) -> bytes:
    """Names that lead to the secret from wherever they are unpacked, to overwrite it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (str(secret), "../" * 12 + str(secret).lstrip("/"), "..\\..\\secret.txt"):
            archive.writestr(name, "overwritten")
    return buffer.getvalue()
