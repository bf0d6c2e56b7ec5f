"""EPUB whose table of contents kreuzberg cannot find: every chapter there is, in the order of the book or its names."""

from __future__ import annotations

import posixpath
import re

from backend.domain.errors import Unreadable
from backend.domain.text import Piece
from backend.providers.extractors import refusals, trees, web
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_CHAPTER = (".xhtml", ".html", ".htm")


def read(source: Source) -> Draft:
    """A piece per chapter. Raises Unreadable."""
    draft = Draft()
    with Archive(source.path) as archive:
        names = _spine(archive, draft) or sorted(
            (name for name in archive.names if name.lower().endswith(_CHAPTER)), key=_by_number
        )
        if not names:
            raise refusals.corrupt("book")
        for name in names:
            if (data := archive.read(name)) is not None:
                draft.pieces.append(Piece(web.to_text(web.decode(data)[0])))
    return draft


def _spine(archive: Archive, draft: Draft) -> list[str]:
    package = next((name for name in archive.names if name.lower().endswith(".opf")), None)
    data = archive.read(package) if package else None
    if package is None or data is None:
        return []
    try:
        root = trees.parse(data)
    except Unreadable:  # the chapters may still be whole
        return []
    files = {item.get("id"): item.get("href", "") for item in root.iter("item")}
    draft.title = next((title for entry in root.iter("title") if (title := trees.text(entry))), None)
    folder = posixpath.dirname(package)
    hrefs = [files.get(entry.get("idref"), "") for entry in root.iter("itemref")]
    return [posixpath.normpath(posixpath.join(folder, href)) for href in hrefs if href]


def _by_number(name: str) -> list[object]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
