"""Hangul documents (hwpx): paragraphs and tables of every section, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from backend.domain.text import Piece
from backend.providers.extractors import refusals, tables, trees
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_SECTION = re.compile(r"Contents/section(\d+)\.xml")


def read(source: Source) -> Draft:
    """A piece per section. Raises Unreadable."""
    draft = Draft()
    with Archive(source.path) as archive:
        found = sorted((int(match[1]), name) for name in archive.names if (match := _SECTION.fullmatch(name)))
        if not found:
            raise refusals.corrupt()
        for _, name in found:
            if (data := archive.read(name)) is not None:
                draft.pieces.append(Piece("\n\n".join(_blocks(trees.parse(data)))))
    return draft


def _blocks(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == "p":
            yield "".join(word.text or "" for run in trees.children(child, "run") for word in trees.children(run, "t"))
            yield from _tables(child)


def _tables(paragraph: Element) -> Iterator[str]:
    for run in trees.children(paragraph, "run"):
        for table in trees.children(run, "tbl"):
            rows = (
                [" ".join(_lines(cell)) for cell in trees.children(row, "tc")] for row in trees.children(table, "tr")
            )
            yield tables.markdown(list(rows))


def _lines(cell: Element) -> Iterator[str]:
    for words in cell.iter("t"):
        yield words.text or ""
