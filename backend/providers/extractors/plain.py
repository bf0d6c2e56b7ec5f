"""Text as it stands: plain text, Markdown, code, tables with separators, data. Only the encoding is to be found."""

from __future__ import annotations

import codecs
import re

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


def decode(data: bytes, *, whole: bool = True) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else the best of the usual old ones.

    When `data` is not the whole file, a character cut off at its end is no fault.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding.removesuffix("-sig")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=whole), "utf-8"
    except UnicodeDecodeError:
        encoding = _guess(data[:_SAMPLE])
        return data.decode(encoding, errors="replace"), encoding


def _guess(sample: bytes) -> str:
    """UTF-16 by its zero bytes; Japanese, Chinese and Korean by being valid; Cyrillic by its letters; else Western."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 8:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "cp1252"
