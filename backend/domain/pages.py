"""Printed pages back into running text: furniture, broken words, broken lines, lines written from the right."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence

_EDGE = 2
_SEEN_AT_LEAST = 3
_SEEN_ON_SHARE = 0.4
_LINES_OF_A_PAGE = 3 * _EDGE
_MOST = 0.7

_BREAK_MARK = re.compile("[\x02\ufffe]\n?")
_HYPHENS = "-\u2010\u00ad"
_BROKEN_WORD = re.compile(rf"(?<![^\W\d_])([^\W\d_]++)[{_HYPHENS}] *+\n *+([^\W\d_]++)(\S*+) ?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEFT_ALONE, _RIGHT_ALONE = 3, 4

_ITEM = re.compile(r"\s*([-*+\u2022\u25cf\u25aa\u2013\u2014>|]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_CLOSED = tuple('.!?:;\u2026\u3002\uff01\uff1f"\u201d\u00bb)')
_NEIGHBOURS = 6
_FULL_LINE, _LONG_LINE = 0.72, 0.45

_NO_HEADING = re.compile(r"[.,;:]$|^[a-z]")
_HEADING_CHARS = 120
_REAL_WORD = re.compile(r"[^\W\d_]{3}|[\u2e80-\u9fff\uac00-\ud7af]{2}")

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FROM_LEFT = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f]")
_STOP = ".,:;\u060c\u061b"


def with_lines(page: str) -> str:
    """The page with plain line ends. Where PDFium met a word broken by a hyphen, it gives one mark for both."""
    return _BREAK_MARK.sub("-\n", page.replace("\r\n", "\n").replace("\r", "\n"))


def drop_furniture(pages: Sequence[str]) -> list[str]:
    """The pages without running headers, footers and page numbers.

    A line goes when, numbers aside, it stands among the first or last two lines of at least three pages and of two in
    five. What stands in the middle of a page, or only now and then, is never touched; nor is a page of a few lines;
    and when this would take a good part of the text, it was no furniture and all of it stays.
    """
    lines = [page.split("\n") for page in pages]
    counts: Counter[str] = Counter()
    for page in lines:
        counts.update({_pattern(page[at]) for at in _edges(page)})
    enough = max(_SEEN_AT_LEAST, _SEEN_ON_SHARE * len(pages))
    kept = []
    for page in lines:
        furniture = {at for at in _edges(page) if counts[_pattern(page[at])] >= enough}
        kept.append("\n".join(line for at, line in enumerate(page) if at not in furniture))
    return kept if sum(map(len, kept)) >= _MOST * sum(map(len, pages)) else list(pages)


def _edges(page: Sequence[str]) -> list[int]:
    filled = [at for at, line in enumerate(page) if line.strip()]
    return sorted({*filled[:_EDGE], *filled[-_EDGE:]}) if len(filled) >= _LINES_OF_A_PAGE else []


def _pattern(line: str) -> str:
    return re.sub(r"\d+|\b[ivxl]+\b", "#", " ".join(line.split()).casefold())


def mend_hyphens(page: str, words: Mapping[str, int]) -> str:
    """Join words broken at line ends, unless the hyphen belongs there: "state-of-" + "the-art", "chat-" + "based".

    `words` counts the words of the whole document. The rest of the line stays where it is, so that lines keep their
    length for `unwrap`.
    """

    def join(match: re.Match[str]) -> str:
        left, right, rest = match[1], match[2], match[3]
        compound = match.start() > 0 and page[match.start() - 1] == "-"
        joined, hyphened = words.get(left + right, 0), words.get(f"{left}-{right}", 0)
        both_known = min(words.get(left, 0), words.get(right, 0)) > 1
        both_words = both_known and len(left) >= _LEFT_ALONE and len(right) >= _RIGHT_ALONE
        belongs = compound or not right[0].islower() or hyphened > joined or (both_words and not joined)
        return f"{left}{'-' if belongs else ''}{right}{rest}\n"

    return _BROKEN_WORD.sub(join, page)


def count_words(pages: Sequence[str]) -> Counter[str]:
    """How often each word stands whole on the pages, compounds as one."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update(_WORD.findall(page))
    return counts


def unwrap(page: str, headings: Mapping[str, str] | None = None) -> str:
    """Put the lines of printed columns back into paragraphs, and mark headings.

    A line that nearly fills its column, or breaks off before a small letter, goes on in the next one, unless that
    begins a list item; a shorter one ends its paragraph. `headings` gives the Markdown marks for lines that are taken
    for headings, keyed by `squeeze`; such a line in the midst of a sentence is none.
    """
    lines = [line.strip() for line in page.split("\n")]
    lines = [line for line, after in itertools.pairwise([*lines, ""]) if line or after]
    out = ""
    before, heading_before, width = "", False, 0
    for at, line in enumerate(lines):
        goes_on = bool(before) and not heading_before and bool(line) and _goes_on(before, line, width)
        marks = "" if goes_on else (headings or {}).get(squeeze(line), "")
        is_heading = bool(marks) and could_be_heading(line)
        if is_heading:
            out = out.rstrip("\n") + f"\n\n{marks} {line}\n"
        elif goes_on:
            out += f" {line}"
        else:
            closed = before.endswith(_CLOSED) and bool(line) and not _ITEM.match(line)
            out += ("\n\n" if closed else "\n") + line
        before, heading_before = line, is_heading
        width = max(map(len, lines[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]))
    return out.strip("\n")


def _goes_on(before: str, line: str, width: int) -> bool:
    if _ITEM.match(line):
        return False
    broken_off = not before.endswith(_CLOSED) and line[0].islower() and len(before) >= _LONG_LINE * width
    return broken_off or len(before) >= _FULL_LINE * width


def squeeze(line: str) -> str:
    """Letters and digits only: how a line is recognised again in another rendering."""
    return re.sub(r"\W+", "", line).casefold()


def could_be_heading(line: str) -> bool:
    """Whether it has a real word and is neither too long, nor the end, nor the midst of a sentence."""
    return len(line) <= _HEADING_CHARS and not _NO_HEADING.search(line) and bool(_REAL_WORD.search(line))


def in_reading_order(pages: Sequence[str]) -> list[str]:
    """Arabic, Hebrew and Persian lines in reading order, where the file gives their words from left to right.

    Told by the stops: words that begin with one ("،وعليه") outnumber words that end with one.
    """
    tokens = [token for page in pages for token in page.split() if _FROM_RIGHT.search(token)]
    begin = sum(token[0] in _STOP for token in tokens)
    end = sum(token[-1] in _STOP for token in tokens)
    if begin <= end:
        return list(pages)
    return ["\n".join(map(_turned, page.split("\n"))) for page in pages]


def _turned(line: str) -> str:
    if len(_FROM_RIGHT.findall(line)) <= len(_FROM_LEFT.findall(line)):
        return line
    words: list[str] = []
    for from_right, group in itertools.groupby(reversed(line.split()), lambda word: bool(_FROM_RIGHT.search(word))):
        run = list(group)
        words += run if from_right else reversed(run)
    return " ".join(word.lstrip(_STOP) + word[: len(word) - len(word.lstrip(_STOP))] for word in words)
