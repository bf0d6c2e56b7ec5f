"""Text as it stands: plain text, Markdown, code, tables with separators, data. Only the encoding is to be found."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from backend.domain.text import Piece
from backend.providers.extractors.draft import Draft, Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADING = re.compile(r"^#{1,2} +(.+?)[ #]*$", re.MULTILINE)
_SAMPLE = 65536


def read(source: Source) -> Draft:
    """The whole file as one piece."""
    text, encoding = decode(source.path.read_bytes())
    draft = Draft(pieces=[Piece(text)], metadata={"encoding": encoding})
    if "\ufffd" in text:
        draft.warn("encoding", "Some characters could not be read in the encoding of this file.")
    if source.media_type == "text/markdown" and (heading := _HEADING.search(text)):
        draft.title = heading[1]
    return draft


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else as declared, else the likeliest."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding.removesuffix("-sig")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _known(declared) or _guess(data[:_SAMPLE])
        return data.decode(encoding, errors="replace"), encoding


def _known(declared: str | None) -> str | None:
    """A declared encoding that Python knows as one of text; Latin-1 is taken for the Windows code page it mostly is."""
    try:
        name = codecs.lookup(declared).name if declared else None
    except LookupError:
        return None
    if name in {
        None,
        "utf-8",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "rot13",
        "quopri",
        "uu",
        "undefined",
        "idna",
        "punycode",
    }:
        return None
    return "cp1252" if name in {"iso8859-1", "ascii"} else name


def _guess(sample: bytes) -> str:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    best = charset_normalizer.from_bytes(sample).best()
    return "cp1252" if best is None or best.encoding in {"ascii", "utf_8", "latin_1"} else best.encoding
