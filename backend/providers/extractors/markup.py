"""XML of any kind: scholarly articles (JATS) and feeds with their headings, the rest as its text, block by block."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from backend.domain.text import Piece
from backend.providers.extractors import tables, trees
from backend.providers.extractors.draft import Draft, Source

_TITLES = {"title", "article-title"}
_NAMED_FIRST = "book-title"
"""Where a book has one (FictionBook), any other title is that of a chapter."""
_SECTIONS = {"sec", "section", "chapter", "item", "entry", "abstract", "app", "ack", "ref-list", "fig", "table-wrap"}
_SKIPPED = {
    "journal-meta", "article-categories", "article-id", "permissions", "custom-meta-group", "counts",
    "script", "style", "pub-date", "volume", "issue", "elocation-id", "history", "role", "contrib-id", "fpage", "lpage",
    "binData", "binaryData", "binary", "DocumentProperties", "styles", "fonts", "lists", "docPr", "sectPr", "self-uri",
}  # fmt: skip
_FEEDS = {"rss", "feed", "RDF"}
_FEED_DETAILS = {
    "link", "url", "guid", "id", "generator", "width", "height", "updatePeriod", "updateFrequency", "lastBuildDate",
    "language", "image", "docs", "ttl", "category", "post-id", "thumbnail", "content-type",
}  # fmt: skip
_INLINE = {
    "italic", "bold", "sup", "sub", "sc", "b", "i", "em", "strong", "a", "ext-link", "xref", "span", "monospace",
    "underline", "tspan", "named-content", "inline-formula", "styled-content", "uri", "br", "break",
    "r", "t", "proofErr",
}  # fmt: skip
_PROSE = {"p", "contrib", "aff", "ref", "name", "mixed-citation", "element-citation"}
_TAG = re.compile(r"<[^<>]{1,500}>")
_TEX_FRAME = re.compile(r"^.*?\\begin\{document\}|\\end\{document\}.*$", re.DOTALL)
_BLOB = re.compile(r"\S{500,}")


def read(source: Source) -> Draft:
    """One piece. Raises Unreadable `corrupt`."""
    root = trees.parse(source.path.read_bytes())
    titled = [*root.iter(_NAMED_FIRST), *(found for found in root.iter() if found.tag in _TITLES)]
    title = next(filter(None, map(trees.text, titled)), None)
    if root.tag in _FEEDS:
        for parent in list(root.iter()):
            for detail in [child for child in parent if child.tag in _FEED_DETAILS]:
                parent.remove(detail)
    blocks = filter(None, _blocks(root, 1))
    return Draft(pieces=[Piece("\n\n".join(blocks))], title=title, metadata={"root": root.tag})


def _blocks(element: Element, level: int) -> Iterator[str]:
    if element.tag in _SKIPPED:
        return
    if element.tag == "outline":  # of OPML, whose words are attributes
        yield f"- {element.get('text') or element.get('title') or ''}".rstrip("- ")
    if element.tag in _TITLES:
        yield f"{'#' * min(level, 6)} {trees.text(element)}" if trees.text(element) else ""
    elif element.tag in {"table", "tbl"}:
        rows = [row for row in element.iter() if row.tag in {"tr", "row"}]
        yield tables.markdown([[trees.text(cell) for cell in row] for row in rows])
    elif element.tag in {"contrib", "ref", "name", "mixed-citation", "element-citation", "aff", "p"} or _is_prose(
        element
    ):
        yield _prose(element)
        for child in element.iter():
            if child.tag in {"table", "tbl"}:
                yield from _blocks(child, level)
    else:
        deeper = level + 1 if element.tag in _SECTIONS else level
        for child in element:
            yield from _blocks(child, deeper)


def _is_prose(element: Element) -> bool:
    """Whether it holds text of its own, or nothing but words in inline marks."""
    own = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    return bool(own) or (len(element) > 0 and all(child.tag in _INLINE for child in element))


def _prose(element: Element) -> str:
    text = "".join(_words(element))
    if "<" in text:  # feeds carry whole pages as escaped HTML
        text = html.unescape(_TAG.sub(" ", text))
    return " ".join(_BLOB.sub(" ", text).split())


def _words(element: Element) -> Iterator[str]:
    if element.tag in _SKIPPED | {"table", "tbl"}:
        return
    if element.tag == "alternatives" and (formula := next(element.iter("tex-math"), None)) is not None:
        element = formula  # the same formula as MathML would come out as loose letters
    if element.tag == "tex-math":
        yield _TEX_FRAME.sub("", "".join(element.itertext()))
        return
    yield element.text or ""
    for child in element:
        if child.tag not in _INLINE:
            yield " "
        yield from _words(child)
        if child.tag not in _INLINE:
            yield " "
        yield child.tail or ""
