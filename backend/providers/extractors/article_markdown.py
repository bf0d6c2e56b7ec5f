"""What trafilatura found, as blocks of Markdown: headings, lists, tables, code and quotes keep their form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import Element, _Element

_BLOCKS = {"p", "head", "list", "table", "quote", "code", "ab"}
_WORD = re.compile(r"\w+")
_ITEM = re.compile(r"^(?:- |\d+\. |> |#+ )+")
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class Block:
    """One block of an article. `kind` is trafilatura's word for it: p, head, list, table, quote, code."""

    kind: str
    text: str
    words: tuple[str, ...]
    linked: int
    """How many of the words stand in lines that are nothing but a link."""


def blocks(body: _Element, links: Collection[str]) -> list[Block]:
    """The blocks of a body in their order, those without words left out; `links` are the texts of the page's links."""
    found: list[Block] = []
    for kind, element in _block_elements(body):
        text = _RENDER.get(kind, _paragraph)(element).strip("\n")
        words = tuple(_WORD.findall(text))
        if words:
            linked = sum(len(_WORD.findall(line)) for line in text.split("\n") if _ITEM.sub("", line).strip() in links)
            found.append(Block(kind, text, words, linked))
    return found


def _block_elements(element: _Element) -> Iterator[tuple[str, _Element]]:
    """The outermost blocks; loose text between them is a paragraph of its own."""
    loose = _loose(element.text)
    for child in element:
        if child.tag in _BLOCKS or not any(below.tag in _BLOCKS for below in child.iterdescendants()):
            if child.tag in _BLOCKS and not (child.tag == "code" and _is_inline(child)):
                if loose is not None:
                    yield "p", loose
                yield str(child.tag), child
                loose = _loose(child.tail)
            else:
                loose = _joined(loose, child)
        else:
            if loose is not None:
                yield "p", loose
            yield from _block_elements(child)
            loose = _loose(child.tail)
    if loose is not None:
        yield "p", loose


def _loose(text: str | None) -> _Element | None:
    if not text or not text.strip():
        return None
    made = Element("p")
    made.text = text
    return made


def _joined(loose: _Element | None, child: _Element) -> _Element:
    paragraph = Element("p") if loose is None else loose
    paragraph.append(deepcopy(child))
    return paragraph


def _is_inline(code: _Element) -> bool:
    return "\n" not in "".join(code.itertext()) and code.find(".//lb") is None


def _inline(element: _Element) -> str:
    """The words in it, a line break as such; emphasis and addresses of links are left to the original."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            parts.append("\n")
        elif child.tag == "code" and _is_inline(child):
            parts.append(f"`{''.join(child.itertext()).strip()}`")
        elif child.tag in _BLOCKS:
            parts.append(f"\n{_RENDER.get(str(child.tag), _paragraph)(child)}\n")
        else:
            parts.append(_inline(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _paragraph(element: _Element) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in _inline(element).split("\n"))
    return "\n".join(line for line in lines if line)


def _heading(element: _Element) -> str:
    level = element.get("rend", "h2")[-1:]
    text = " ".join(_inline(element).split())
    return f"{'#' * (int(level) if level in '123456' else 2)} {text}"


def _list(element: _Element) -> str:
    lines: list[str] = []
    for number, item in enumerate(element.iterchildren("item"), 1):
        mark = f"{number}." if element.get("rend") == "ol" else "-"
        first, *others = _paragraph(item).split("\n") or [""]
        if first:
            lines += [f"{mark} {first}", *(f"  {line}" for line in others)]
    return "\n".join(lines) or _paragraph(element)


def _table(element: _Element) -> str:
    rows = [[_cell(cell) for cell in row.iterchildren("cell")] for row in element.iter("row")]
    width = max((len(row) for row in rows), default=0)
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows if any(row)]
    return "\n".join([*lines[:1], f"|{' --- |' * width}", *lines[1:]]) if lines else ""


def _cell(element: _Element) -> str:
    return " ".join(_inline(element).split()).replace("|", "\\|")


def _code(element: _Element) -> str:
    text = _inline_code(element).strip("\n")
    fence = "````" if "```" in text else "```"
    return f"{fence}\n{text}\n{fence}"


def _inline_code(element: _Element) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += ["\n" if child.tag == "lb" else _inline_code(child), child.tail or ""]
    return "".join(parts)


def _quote(element: _Element) -> str:
    text = _code(element) if element.find("code") is not None and len(element) == 1 else _paragraph(element)
    return "\n".join(f"> {line}" for line in text.split("\n"))


_RENDER = {"head": _heading, "list": _list, "table": _table, "code": _code, "quote": _quote}
