"""Text as it stands: plain text, Markdown, code, data. Only the encoding is to be found."""

from __future__ import annotations

import re

from backend.domain.text import Piece
from backend.providers.extractors.draft import Draft, Source
from backend.providers.extractors.encodings import decode

_HEADING = re.compile(r"^#{1,2} +(.+?)[ #]*$", re.MULTILINE)


def read(source: Source) -> Draft:
    """The whole file as one piece."""
    text, encoding = decode(source.path.read_bytes())
    draft = Draft(pieces=[Piece(text)], metadata={"encoding": encoding})
    if "\ufffd" in text:
        draft.warn("encoding", "Some characters could not be read in the encoding of this file.")
    if source.media_type == "text/markdown" and (heading := _HEADING.search(text)):
        draft.title = heading[1]
    return draft
