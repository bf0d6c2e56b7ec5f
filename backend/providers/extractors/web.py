"""HTML: the article of a page that came from the web, else all words and headings of the body, by kreuzberg."""

from __future__ import annotations

import html
import re

import kreuzberg

from backend.domain.text import Piece
from backend.providers.extractors import article, encodings, refusals
from backend.providers.extractors.by_kreuzberg import unmark
from backend.providers.extractors.draft import Draft, Source

_TITLE = re.compile(r"<title\b[^>]*>(.{0,1000}?)</title\s*>", re.IGNORECASE | re.DOTALL)
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_UNREAD = re.compile(r"<(/?)(head|script|style|noscript|template|svg|iframe|object)\b[^<>]*>|<!--|-->", re.IGNORECASE)
_UNFINISHED = {"script", "style", "<!--"}
"""What swallows the rest of the page when it is not closed, in a browser as here."""
_DATA_ADDRESS = re.compile(r"\bdata:[\w/+.;=-]{0,80},[^\"')\s>]*")
_EMPTY_LINK = re.compile(r"<a\b[^<>]*>(?:\s|<(?!/?a\b|img\b)[^<>]*>)*+</a\s*>", re.IGNORECASE)
"""A link without words, which would be shown by its address."""
_HARDLY_ANYTHING = 200
_WORD = re.compile(r"\w+")
_SAVED = re.compile(r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s<>]{1,2000})")
"""What Chromium and SingleFile write at the top of a page they save."""
_LINK_TAG = re.compile(r"<(?:link|meta)\b[^<>]{0,2000}>", re.IGNORECASE)
_OWN_ADDRESS = re.compile(r"""\b(?:rel=["']?canonical|property=["']?og:url)\b""", re.IGNORECASE)
_ADDRESS = re.compile(r"""\b(?:href|content)=["']?(https?://[^\s"'<>]{1,2000})""", re.IGNORECASE)
_HEAD_CHARS = 200_000
_NEEDS_A_PROGRAM = re.compile(
    r"<noscript\b|\bid\s*=\s*[\"']?(?:root|app|__next|__nuxt|app-root)\b|<script\b[^>]*\bsrc\s*=", re.IGNORECASE
)
_FEW_WORDS = 20
_SHARE_OF_PAGE = 0.3
_LARGEST_CHARS = 5_000_000
"""No article that people wrote is longer; finding one in such a page would take minutes."""


def read(source: Source) -> Draft:
    """The page as one piece. Raises Unreadable `corrupt`, and `no_text` for a page that only a program could fill."""
    markup, encoding = decode(source.path.read_bytes())
    title = _TITLE.search(markup)
    language = _LANGUAGE.search(markup)
    draft = Draft(
        title=" ".join(html.unescape(title[1]).split()) or None if title else None,
        language=language[1].lower() if language else None,
        metadata={"encoding": encoding},
    )
    address = source.url or _saved_from(markup)
    found = _article(markup, address) if address and len(markup) <= _LARGEST_CHARS else None
    if found is None or not _stands_for(found):
        whole = to_text(markup)
        if address and len(_WORD.findall(whole)) < _FEW_WORDS and _NEEDS_A_PROGRAM.search(markup):
            raise refusals.needs_a_program()
        draft.pieces.append(Piece(whole))
        return draft
    draft.pieces.append(Piece(found.text))
    draft.title = found.title or draft.title
    draft.metadata |= found.metadata
    return draft


def _article(markup: str, address: str) -> article.Article | None:
    try:
        return article.find(markup, address)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a page that confuses the finder of articles still has its words
        return None


def _stands_for(found: article.Article) -> bool:
    """Whether the article is what the page is about. Of a list of links or of products it would be one entry."""
    return found.declared or found.share >= _SHARE_OF_PAGE


def _saved_from(markup: str) -> str | None:
    """The address that a browser noted in a page it saved, or that the page gives as its own."""
    if noted := _SAVED.search(markup[:4096]):
        return noted[1]
    for tag in _LINK_TAG.finditer(markup, 0, _HEAD_CHARS):
        if _OWN_ADDRESS.search(tag[0]) and (found := _ADDRESS.search(tag[0])):
            return html.unescape(found[1])
    return None


def decode(data: bytes) -> tuple[str, str]:
    """The markup by its byte order mark or UTF-8, else by what it says of itself, else by guessing."""
    declared = _CHARSET.search(data[:4096]) or _XML_ENCODING.search(data[:1024])
    text, encoding = encodings.decode(data, declared=declared[1].decode() if declared else None)
    return text, encoding


def to_text(markup: str) -> str:
    """The readable text of HTML. Raises Unreadable `corrupt`.

    Menus are left out, unless hardly anything would be left: some pages are nothing but a list of links.
    """
    body = _EMPTY_LINK.sub(" ", _DATA_ADDRESS.sub("", _without_unread(markup)))
    text = _convert(body, "standard")
    if len(text) < _HARDLY_ANYTHING:
        return max(text, _convert(body, "minimal"), key=len)
    return text


def _without_unread(markup: str) -> str:
    """The markup without what no reader sees, in one pass: a pattern over whole elements is slow on unclosed ones."""
    kept: list[str] = []
    inside, at = "", 0
    for found in _UNREAD.finditer(markup):
        closes, name = bool(found[1]) or found[0] == "-->", (found[2] or "<!--").lower()
        if not inside and not closes:
            kept.append(markup[at : found.start()])
            inside, at = name, found.end()
        elif inside == name and closes:
            inside, at = "", found.end()
    return " ".join([*kept, "" if inside in _UNFINISHED else markup[at:]])


def _convert(body: str, preset: str) -> str:
    config = kreuzberg.ExtractionConfig(
        use_cache=False,
        output_format="markdown",
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
        html_options={"preprocessing": {"enabled": True, "preset": preset, "remove_navigation": preset == "standard"}},
    )
    try:
        result = kreuzberg.extract_bytes_sync(body.encode(errors="replace"), "text/html", config)
    except (kreuzberg.KreuzbergError, OSError, RuntimeError) as error:
        raise refusals.corrupt("page") from error
    return unmark(result.content)
