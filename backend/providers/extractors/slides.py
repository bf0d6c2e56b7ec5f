"""PowerPoint: a piece per slide, with its title, texts, tables, chart words, picture descriptions and notes.

kreuzberg refuses a whole presentation for one broken picture, drops the notes, and counts slides wrongly.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from backend.domain.text import Piece
from backend.providers.extractors import comments, refusals, tables, trees
from backend.providers.extractors.archives import Archive
from backend.providers.extractors.draft import Draft, Source

_TITLES = {"title", "ctrTitle"}
_SMALL_PRINT = {"dt", "ftr", "sldNum", "hdr"}


def read(source: Source) -> Draft:
    """The slides in order. Raises Unreadable."""
    draft = Draft()
    with Archive(source.path) as archive:
        slides = list(_slides(archive))
        if not slides:
            raise refusals.corrupt("presentation")
        for number, name in enumerate(slides, start=1):
            data = archive.read(name)
            if data is None:
                draft.warn("slide_missing", f"Slide {number} is missing from the file.")
                continue
            related = _related(archive, name)
            blocks = list(_blocks(trees.parse(data), archive, related))
            blocks += _notes(archive, related)
            draft.pieces.append(Piece("\n\n".join(filter(None, blocks)), {"slide": number}))
        draft.pieces.append(comments.piece(archive))
        _properties(archive, draft)
    draft.metadata["slide_count"] = len(slides)
    return draft


def _slides(archive: Archive) -> Iterator[str]:
    """The slide files in the order of the presentation; by their names when that order is lost."""
    data = archive.read("ppt/presentation.xml")
    related = _related(archive, "ppt/presentation.xml")
    found = False
    for entry in trees.parse(data).iter("sldId") if data else ():
        if name := related.get(entry.get("r:id", ""), ("", ""))[1]:
            found = True
            yield name
    if not found:
        names = [name for name in archive.names if posixpath.dirname(name) == "ppt/slides" and name.endswith(".xml")]
        yield from sorted(names, key=lambda name: (len(name), name))


def _related(archive: Archive, name: str) -> dict[str, tuple[str, str]]:
    """Relation id → (last word of its type, member name) of the member."""
    folder, base = posixpath.split(name)
    data = archive.read(f"{folder}/_rels/{base}.rels")
    if data is None:
        return {}
    return {
        relation.get("Id", ""): (
            relation.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/"),
        )
        for relation in trees.parse(data).iter("Relationship")
        if relation.get("TargetMode") != "External"
    }


def _blocks(slide: Element, archive: Archive, related: dict[str, tuple[str, str]]) -> Iterator[str]:
    for shape in slide.iter():
        if shape.tag == "sp":
            placeholder = next(shape.iter("ph"), None)
            kind = "" if placeholder is None else placeholder.get("type", "")
            if kind in _SMALL_PRINT:
                continue
            text = "\n".join(_paragraphs(shape))
            yield f"# {' '.join(text.split())}" if kind in _TITLES and text.strip() else text
        elif shape.tag == "tbl":
            yield tables.markdown(
                [[" ".join(_paragraphs(cell)) for cell in trees.children(row, "tc")] for row in shape.iter("tr")]
            )
        elif shape.tag == "pic":
            description = next(shape.iter("cNvPr"), None)
            yield "" if description is None else description.get("descr", "")
        elif shape.tag == "graphicData":
            yield from _drawn(shape, archive, related)


def _drawn(frame: Element, archive: Archive, related: dict[str, tuple[str, str]]) -> Iterator[str]:
    """The words of a chart or a diagram, which are kept in a member of their own."""
    for reference in frame:
        for key in ("r:id", "r:dm"):
            _, name = related.get(reference.get(key, ""), ("", ""))
            data = archive.read(name) if name else None
            if data is None:
                continue
            drawing = trees.parse(data)
            yield "\n".join(filter(None, _paragraphs(drawing)))
            yield "\n".join(_series(drawing))


def _series(chart: Element) -> Iterator[str]:
    for series in chart.iter("ser"):
        parts = [", ".join(value.text or "" for value in part.iter("v")) for part in series]
        yield ": ".join(filter(None, parts))


def _notes(archive: Archive, related: dict[str, tuple[str, str]]) -> Iterator[str]:
    for kind, name in related.values():
        data = archive.read(name) if kind == "notesSlide" else None
        for shape in trees.parse(data).iter("sp") if data else ():
            placeholder = next(shape.iter("ph"), None)
            text = "\n".join(_paragraphs(shape)).strip()
            if text and placeholder is not None and placeholder.get("type") == "body":
                yield f"Notes: {text}"


def _paragraphs(shape: Element) -> Iterator[str]:
    for paragraph in shape.iter("p"):
        words = (" " if run.tag == "br" else run.text or "" for run in paragraph.iter() if run.tag in {"t", "br"})
        line = "".join(words).strip()
        if line:
            yield line


def _properties(archive: Archive, draft: Draft) -> None:
    data = archive.read("docProps/core.xml")
    for entry in trees.parse(data) if data else ():
        if entry.tag == "title" and entry.text and entry.text.strip() != "PowerPoint Presentation":
            draft.title = entry.text.strip() or None
        elif entry.tag == "creator" and entry.text:
            draft.metadata["authors"] = [entry.text]
