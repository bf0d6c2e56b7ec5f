"""Spreadsheets: a piece per sheet, each a Markdown table under the name of the sheet, by kreuzberg."""

from __future__ import annotations

import csv
import re

from backend.domain.errors import Unreadable
from backend.domain.text import Piece
from backend.providers.extractors import comments, encodings, names, tables
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.by_kreuzberg import extract, kept, title_of, unmark
from backend.providers.extractors.draft import Draft, Source

_EMPTY_ROW = re.compile(r"^\|(?:[ \t]*\|)+\n", re.MULTILINE)
_SHEET = re.compile(r"^## (.+)$", re.MULTILINE)


def read(source: Source) -> Draft:
    """The sheets in order. Raises Unreadable `encrypted`, `corrupt`."""
    result = extract(source)
    sheets = result.metadata.get("sheet_names")
    draft = Draft(title=title_of(result.metadata), metadata=kept(result.metadata))
    draft.pieces = _split(_EMPTY_ROW.sub("", unmark(result.content)), list(sheets) if isinstance(sheets, list) else [])
    if source.media_type == names.XLSX:
        try:
            with Archive(source.path) as archive:
                draft.pieces.append(comments.piece(archive))
        except Unreadable:  # damaged in a way that kreuzberg can live with
            draft.warn("comments_not_read", "The comments of this workbook could not be read.")
    return draft


def _split(text: str, sheets: list[str]) -> list[Piece]:
    """Cut at the heading of each sheet; a cell cannot look like one, because table rows begin with a bar."""
    known = {sheet.strip() for sheet in sheets}
    starts = [match for match in _SHEET.finditer(text) if not known or match[1].strip() in known]
    if not starts:
        return [Piece(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    pieces = [Piece(text[: starts[0].start()])]
    for match, end in zip(starts, ends, strict=True):
        body = text[match.end() : end].strip()
        # An empty sheet has a name but nothing to read.
        pieces.append(Piece(text[match.start() : end] if body else "", {"sheet": match[1].strip()}))
    return pieces


def read_separated(source: Source) -> Draft:
    """A CSV file as a table; the separator is the one that cuts most lines alike."""
    text, encoding = encodings.decode(source.path.read_bytes())
    draft = Draft(metadata={"encoding": encoding})
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if source.media_type == "text/tab-separated-values" else csv.excel
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), dialect))
    except csv.Error:
        rows = []
    draft.pieces = [Piece(tables.markdown(rows) or text)]
    return draft
