# ruff: noqa: RUF001  marks of many scripts look alike
"""Where sentences begin and end, in any script, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

# every run of marks is entered at its first character only, so a megabyte of dots stays linear
_BREAK = re.compile(
    r"""
      (?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s)         # a sentence ends
    | (?<![。！？｡])[。！？｡]++[”’」』）]*+            # the same where no space follows
    | (?<!\n)\n(?=[ \t]*+\n)                        # a paragraph ends
    | \n(?=[ \t]*+(?:[-*•|>#]|\d{1,3}[.)][ \t]))    # a list item, table row, quotation or heading begins
    | (?:(?<=\n)|\A)\#{1,6}[ \t][^\n]*+             # a heading is a sentence of its own
    """,
    re.VERBOSE,
)
_ABBREVIATION_LIST = (
    "al approx bzw ca cf co corp dept dr ed eds e.g eg etc fig figs i.e ie inc jr ltd mr mrs ms nr no op p pp prof rev "
    "sr st vol vs z.b sig sra dra mme mlle"
)
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
_LONGEST_ABBREVIATION = 6


def spans(text: str) -> list[Span]:
    """The sentences as (start, end), in order, without surrounding space; together they hold all but white space."""
    found: list[Span] = []
    start = 0
    for end in _ends(text):
        _add(found, text, start, end)
        start = end
    _add(found, text, start, len(text))
    return found


def _ends(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        if text[match.start()] == "." and not _is_full_stop(text, match.start(), match.end()):
            continue
        yield match.end()


def _is_full_stop(text: str, dot: int, after: int) -> bool:
    """False for the dot of an abbreviation, an initial, or one followed by a small letter."""
    head = text[max(0, dot - _LONGEST_ABBREVIATION - 1) : dot]
    words = head.split()
    word = words[-1].lstrip("(\"'“„«[") if words and not head[-1].isspace() else ""
    if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()):
        return False
    following = text[after : after + 4].lstrip()
    return not following[:1].islower()


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        found.append((first, first + len(stripped)))
