"""Word (docx): the text by kreuzberg, and the comments, which it leaves out.

kreuzberg 4.10 drops every entity reference of WordprocessingML ("AT&amp;T" comes out as "ATT", kreuzberg issue 1242,
mended only in its successor). It is handed a copy in which private characters stand for them.
"""

from __future__ import annotations

import html
import re
import tempfile
import zipfile
from pathlib import Path

from backend.domain.text import Piece
from backend.providers.extractors import by_kreuzberg, comments
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_REFERENCE = re.compile(rb"&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_STAND_INS = {character: chr(0xF8E0 + at) for at, character in enumerate("&<>\"'")}
_BACK = str.maketrans({stand_in: character for character, stand_in in _STAND_INS.items()})
_NEEDED = (".xml", ".rels")


def read(source: Source) -> Draft:
    """The document, then its comments. Raises Unreadable `corrupt`, `encrypted`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "document.docx"
        with Archive(source.path) as archive, zipfile.ZipFile(copy, "w") as rewritten:
            for name in dict.fromkeys(archive.names):
                # Pictures and embedded files have no words in them.
                if name.endswith(_NEEDED) and (data := archive.read(name)) is not None:
                    rewritten.writestr(name, _without_references(name, data))
            remarks = comments.piece(archive)
        draft = by_kreuzberg.read(Source(copy, source.filename, source.media_type))
    draft.pieces = [Piece(piece.text.translate(_BACK), piece.place) for piece in draft.pieces]
    draft.pieces.append(remarks)
    return draft


def _without_references(name: str, data: bytes) -> bytes:
    return _REFERENCE.sub(_stand_in, data) if name.startswith("word/") and name.endswith(".xml") else data


def _stand_in(match: re.Match[bytes]) -> bytes:
    character = html.unescape(match[0].decode())
    return _STAND_INS.get(character, character).encode(errors="replace")
