"""OpenDocument text, presentations and drawings: headings, paragraphs, lists and tables wherever they are nested."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from backend.domain.text import Piece
from backend.providers.extractors import names, refusals, tables, trees
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_SKIPPED = {"tracked-changes", "annotation", "binary-data", "forms", "sequence-decls", "settings", "object", "bookmark"}
_SPACES = {"tab": "\t", "line-break": "\n"}


def read(source: Source) -> Draft:
    """One piece for a text, one per slide for a presentation, one per page of drawings. Raises Unreadable."""
    draft = Draft()
    with Archive(source.path) as archive:
        manifest = archive.read("META-INF/manifest.xml")
        if manifest and next(trees.parse(manifest).iter("encryption-data"), None) is not None:
            raise refusals.encrypted("Save a copy of it without a password, and add that.")
        data = archive.read("content.xml")
        if data is None:
            raise refusals.corrupt()
        body = next(trees.parse(data).iter("body"), None)
        slides = list(body.iter("page")) if body is not None else []
        if slides:
            kind = "page" if source.media_type == names.ODG else "slide"
            draft.pieces = [Piece(_joined(slide), {kind: number}) for number, slide in enumerate(slides, start=1)]
            draft.metadata[f"{kind}_count"] = len(slides)
        elif body is not None:
            draft.pieces = [Piece(_joined(body))]
        meta = archive.read("meta.xml")
        for entry in trees.parse(meta).iter() if meta else ():
            if entry.tag == "title" and entry.text:
                draft.title = entry.text.strip() or None
            elif entry.tag == "initial-creator" and entry.text:
                draft.metadata["authors"] = [entry.text]
    return draft


def _joined(element: Element) -> str:
    return "\n\n".join(_blocks(element))


def _blocks(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == "h":
            level = child.get("outline-level", "1")
            yield f"{'#' * min(int(level) if level.isdigit() else 1, 6)} {' '.join(_inline(child).split())}"
        elif child.tag == "p":
            yield _inline(child)
            for box in _boxes(child):
                yield from _blocks(box)
        elif child.tag == "list":
            yield "\n".join(_items(child))
        elif child.tag == "table":
            yield from _table(child)
        elif child.tag == "notes":
            notes = " ".join(_joined(child).split())
            yield f"Notes: {notes}" if notes else ""
        elif child.tag == "frame" and child.get("class") == "title":
            title = " ".join(_words(child))
            yield f"# {title}" if title.strip() else ""
        else:
            yield from _blocks(child)


def _boxes(element: Element) -> Iterator[Element]:
    """The outermost text boxes and notes inside."""
    for child in element:
        if child.tag in {"text-box", "note"}:
            yield child
        else:
            yield from _boxes(child)


def _items(element: Element, indent: str = "") -> Iterator[str]:
    for item in trees.children(element, "list-item", "list-header"):
        mark = "- "
        for child in item:
            if child.tag == "list":
                yield from _items(child, indent + "  ")
            elif line := " ".join(" ".join(_blocks_of(child)).split()):
                yield indent + mark + line
                mark = "  "


def _blocks_of(child: Element) -> list[str]:
    return [_inline(child)] if child.tag in {"p", "h"} else list(_blocks(child))


def _table(table: Element) -> Iterator[str]:
    rows = []
    for row in _rows(table):
        cells = [" ".join(_words(cell)) for cell in trees.children(row, "table-cell", "covered-table-cell")]
        rows.append(cells)
    yield tables.markdown(rows)


def _words(cell: Element) -> Iterator[str]:
    """The paragraphs of a cell, lists and tables inside it included, without their marks."""
    for child in cell:
        if child.tag in {"p", "h"}:
            yield _inline(child)
        elif child.tag not in _SKIPPED:
            yield from _words(child)


def _rows(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == "table-row":
            yield child
        elif child.tag in {"table-rows", "table-header-rows", "table-row-group"}:
            yield from _rows(child)


def _inline(element: Element) -> str:
    """The words of a paragraph; text boxes and notes inside it are blocks of their own."""
    out = [element.text or ""]
    for child in element:
        if child.tag == "s":
            count = child.get("c", "1")
            out.append(" " * min(int(count) if count.isdigit() else 1, 80))
        elif child.tag in _SPACES:
            out.append(_SPACES[child.tag])
        elif child.tag not in _SKIPPED | {"text-box", "note"}:
            out.append(_inline(child))
        out.append(child.tail or "")
    return "".join(out)
