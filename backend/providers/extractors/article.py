"""The article of a web page, by trafilatura: its text as Markdown, and what the page says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import Element, _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document
from trafilatura.utils import load_html

from backend.domain.text import clean
from backend.providers.extractors import article_blocks, article_tree
from backend.providers.extractors.article_markdown import blocks

_FEWEST_WORDS = 25
_SAYS_ARTICLE = re.compile(
    r"""og:type["']?\s+content=["']?article|content=["']?article["']?\s+property=["']?og:type"""
    r"""|"@type"\s*:\s*(?:\[\s*)?"\w*(?:Article|BlogPosting|Report)"|itemprop=["']?articleBody""",
    re.IGNORECASE,
)
_MOST_CHARS = 1000
_MOST_ADDRESS_CHARS = 2000


@dataclass(frozen=True)
class Article:
    """`text` is Markdown. `share` of the page's words outside of links, 0 to 1, are in it.

    `declared`: the page itself says that it is an article.
    `metadata` has what is known of `author`, `date` (ISO 8601), `site`, `canonical_url`, `description`.
    """

    text: str
    share: float
    declared: bool
    title: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def find(markup: str, address: str | None) -> Article | None:
    """The article of the page that came from `address`, or None where there is none to be found."""
    tree = load_html(markup)
    if tree is None:
        return None
    told = extract_metadata(tree, default_url=address)
    headings = [" ".join(heading.text_content().split()) for heading in tree.iter("h1")]
    article_tree.mend(tree)
    links = {" ".join(link.text_content().split()) for link in tree.iter("a")}
    strict, lenient = (blocks(_body(tree, address, precise=precise), links) for precise in (True, False))
    known = article_blocks.Known(
        titles=tuple(title for title in (told.title, *headings) if title),
        authors=tuple((told.author or "").split("; ")),
        date=told.date,
    )
    kept = article_blocks.trim(article_blocks.choose(strict, lenient), known)
    words = sum(len(block.words) for block in kept)
    if words < _FEWEST_WORDS:
        return None
    return Article(
        text="\n\n".join(block.text for block in kept),
        share=min(1.0, words / max(1, article_tree.prose(tree))),
        declared=bool(_SAYS_ARTICLE.search(markup)),
        title=_line(told.title),
        metadata=_metadata(told),
    )


def _body(tree: HtmlElement, address: str | None, *, precise: bool) -> _Element:
    """What trafilatura takes for the article. Comments of readers are no part of it; trees are left as they are."""
    document = bare_extraction(
        tree,
        url=address,
        include_comments=False,
        include_formatting=True,
        favor_precision=precise,
    )
    if not isinstance(document, Document) or document.body is None:
        return Element("body")
    return document.body


def _metadata(told: Document) -> dict[str, Any]:
    found = {
        "author": _line(told.author),
        "date": _line(told.date),
        "site": _line(told.sitename),
        "description": _line(told.description),
        "canonical_url": _address(told.url),
    }
    return {name: value for name, value in found.items() if value}


def _line(value: str | None) -> str | None:
    return " ".join(clean(value).split())[:_MOST_CHARS] if value else None


def _address(value: str | None) -> str | None:
    """An address of the web, or None: what a page says of itself may be anything."""
    if not value or len(value) > _MOST_ADDRESS_CHARS:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in {"http", "https"} and parts.hostname else None
