"""XML from strangers as a tree: no entities are defined, nothing outside is loaded, depth is bounded."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from backend.providers.extractors import refusals

MAX_DEPTH = 200


def parse(data: bytes) -> Element:
    """The root; tags carry local names only ("p", "t"), attributes are found by their local and their written name.

    A document type may be named, as scholarly XML does, but not defined: an entity declaration is refused, because
    that is how a small file becomes a large one or reads another. Raises Unreadable `corrupt`.
    """
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise refusals.corrupt()
        builder.start(local(name), {local(key): value for key, value in attributes.items()} | attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(local(name))

    def refuse(*_: Any) -> None:
        raise refusals.bomb()

    def other(text: str) -> None:
        if text.startswith("&"):  # an entity of the named document type, such as &nbsp;
            builder.data(html.unescape(text))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.DefaultHandler = other
    parser.UseForeignDTD(True)  # entities not defined here are skipped, and told to the default handler
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError, AssertionError) as error:
        raise refusals.corrupt() from error


def local(name: str) -> str:
    return name.rpartition(":")[2]


def text(element: Element) -> str:
    """All the text inside, spaces as single spaces."""
    return " ".join("".join(element.itertext()).split())


def children(element: Element, *names: str) -> Iterator[Element]:
    """The direct children of these names."""
    return (child for child in element if child.tag in names)
