"""Mends the tree of a page before the article is looked for: what is certainly none of it, and what only looks so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.etree import strip_elements
from lxml.html import HtmlElement

_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:side-?bar|right-?rail|rail-right|aside|right(?:-?col(?:umn)?)?|col(?:umn)?-?right"
    r"|print-(?:only|header|footer)|only-print|visible-print\S*|recirc\S*|promo(?:tion)?s?)(?:$|[\s_])",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:article|story|post|entry)[-_]*(?:body|text|content|chunk)|body[-_]*(?:text|copy)|bodycopy", re.IGNORECASE
)
_POST = re.compile(r"twitter-tweet|instagram-media|bluesky-embed|mastodon-embed|tiktok-embed|fb-post", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*|[\w-]+(?:\.[\w-]+)+(?:/\S*)?")
_PARAGRAPHS = ".//p | .//div[a][not(.//p or .//div or .//table or .//ul or .//h1 or .//h2 or .//h3)]"
_WORD = re.compile(r"\w+")
_ENOUGH_WORDS = 40
_LINKED = 0.8
_FEWEST_LINKED_WORDS, _FEWEST_WORDS = 4, 12


def mend(tree: HtmlElement) -> None:
    """Change the tree in place."""
    strip_elements(tree, "script", "style", "template", with_tail=False)
    _drop_asides(tree)
    _drop_other_articles(tree)
    _drop_inner_articles(tree)
    _join_chunks(tree)
    _free_quoted_posts(tree)
    _drop_pointers(tree)


def words(element: HtmlElement) -> int:
    """How many words it and everything in it has."""
    return len(_WORD.findall(element.text_content()))


def prose(element: HtmlElement) -> int:
    """How many words it has outside of links."""
    return words(element) - _linked_words(element)


def _drop_asides(tree: HtmlElement) -> None:
    """Columns beside the text and what is for printing only, by name, unless the page's text is in them."""
    whole = prose(tree)
    for element in tree.xpath(".//div | .//section | .//aside | .//td"):
        name = f"{element.get('class', '')} {element.get('id', '')}"
        if not _ASIDE.search(name) or element.getparent() is None:
            continue
        if not element.xpath(".//h1 | .//article") and prose(element) * 3 < whole:
            element.drop_tree()


def _drop_other_articles(tree: HtmlElement) -> None:
    """Of several articles in a row, the one under the page's only first heading; the others are offered next."""
    row = tree.xpath(".//article[not(ancestor::article)]")
    headed = [element for element in row if element.xpath(".//h1")]
    if len(headed) == 1 and prose(headed[0]) >= _ENOUGH_WORDS:
        for element in row[row.index(headed[0]) + 1 :]:
            element.drop_tree()


def _drop_inner_articles(tree: HtmlElement) -> None:
    """An article within an article is another work, as a comment is, unless the outer one is a mere frame."""
    for outer in tree.xpath(".//article[.//article][not(ancestor::article)]"):
        inner = outer.xpath(".//article[not(ancestor::article[ancestor::article])]")
        own = prose(outer) - sum(prose(element) for element in inner)
        if own < _ENOUGH_WORDS or any(element.xpath(".//h1") for element in inner):
            continue
        if len(inner) > 1 or own > prose(inner[0]):
            for element in inner:
                element.drop_tree()


def _join_chunks(tree: HtmlElement) -> None:
    """A body cut into several elements of one name (by advertisements, by pages) becomes one again."""
    groups: dict[tuple[str, object], list[HtmlElement]] = {}
    for element in tree.xpath(".//div[@class] | .//section[@class]"):
        name = element.get("class")
        if _BODY.search(name) and "comment" not in name.lower():
            article = next(element.iterancestors("article", "main"), None)
            groups.setdefault((name, article), []).append(element)
    for group in groups.values():
        chunks = [chunk for chunk in group if _is_chunk(chunk)]
        if not set(chunks) & {above for chunk in chunks for above in chunk.iterancestors()}:
            for chunk in chunks[1:]:
                chunks[0].extend(list(chunk))


def _is_chunk(element: HtmlElement) -> bool:
    return not element.xpath(".//h1") and any(
        words(paragraph) >= 2 * _linked_words(paragraph) + _FEWEST_WORDS for paragraph in element.iterchildren("p")
    )


def _free_quoted_posts(tree: HtmlElement) -> None:
    """A post of a social network that the article quotes is a quote; its wrapper's name would have it removed."""
    for post in tree.xpath(".//blockquote[@class]"):
        if not _POST.search(post.get("class")):
            continue
        said, top = words(post), post
        for above in post.iterancestors():
            if above.tag in {"article", "main", "body"} or words(above) > said:
                break
            top = above
        for element in post.iter():
            if isinstance(element.tag, str):
                for attribute in ("class", "id", "style", "hidden", "aria-hidden"):
                    element.attrib.pop(attribute, None)
        if top is not post and top.getparent() is not None:
            post.tail = None
            top.addprevious(post)
            top.drop_tree()


def _drop_pointers(tree: HtmlElement) -> None:
    """Paragraphs that are nothing but a link to something else, with or without a label ("Read more: …").

    Addresses spelled out are what the article says. A page of which such paragraphs are most is a list of links.
    """
    paragraphs = [element for element in tree.xpath(_PARAGRAPHS) if words(element) > 0]
    pointers = [element for element in paragraphs if _is_pointer(element)]
    if _sum_words(pointers) * 3 < _sum_words(paragraphs):
        for element in pointers:
            element.drop_tree()


def _is_pointer(element: HtmlElement) -> bool:
    linked = _linked_words(element)
    if linked < _FEWEST_LINKED_WORDS or linked < _LINKED * words(element):
        return False
    return not any(_ADDRESS.fullmatch(" ".join(link.text_content().split())) for link in element.iter("a"))


def _linked_words(element: HtmlElement) -> int:
    return sum(words(link) for link in element.iter("a"))


def _sum_words(elements: Iterable[HtmlElement]) -> int:
    return sum(words(element) for element in elements)
