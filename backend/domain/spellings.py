"""Two names of one thing: the same letters, an acronym and what it stands for, or words that mean the same.

Acronyms are found where a text explains them, "World Health Organization (WHO)", by the matching of Schwartz and
Hearst (2003, "A simple algorithm for identifying abbreviation definitions in biomedical text").
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SPELLING, ACRONYM, MEANING, PERSON = "spelling", "acronym", "meaning", "person"
"""How two concepts came to be one."""

SAME_MEANING = {"minilm-l6-v2-int8/384/1": 0.9}
"""The cosine of two names from which they mean the same, for each model for which it was chosen
(tests/quality/synonyms.py). No other model merges by meaning: what is strict for one is loose for the next."""

MOST_ACRONYMS = 50
"""Remembered of one document."""
SHORTEST, LONGEST = 2, 10

_WORD = re.compile(r"[^\W_]+[+#]*")
_DEFINED = re.compile(r"\(([^()\n]{2,60})\)")
_SHORT = re.compile(r"[A-Z][A-Za-z0-9&./-]{1,9}")
_AMERICAN = (
    (re.compile(r"(?<=..)is(?=(?:ation|ations|e|ed|er|ing)$)"), "iz"),
    (re.compile(r"(?<=...)our(?=(?:s|ed|ing|ite|ful)?$)"), "or"),
    (re.compile(r"(?<=...)tre$"), "ter"),
)
_PAIRS = (
    "left right, north south, east west, upper lower, first second, first last, old new, men women, man woman, "
    "male female, boys girls, import export, imports exports, high low, higher lower, buyer seller, input output, "
    "public private, minimum maximum, rise fall, rise cut, increase decrease, growth decline, supply demand, "
    "internal external, inner outer, positive negative, before after, inside outside, pre post, primary secondary, "
    "major minor, young old, war peace, profit loss, income expenditure, assets liabilities, direct indirect, "
    "northern southern, eastern western, top bottom, front rear, front back, up down, hot cold, warm cold, "
    "summer winter, day night, micro macro, domestic foreign, home away, senior junior, bacterial viral"
)
_OPPOSITES: dict[str, set[str]] = {}
for _pair in _PAIRS.split(", "):
    _one, _other = _pair.split()
    _OPPOSITES.setdefault(_one, set()).add(_other)
    _OPPOSITES.setdefault(_other, set()).add(_one)
_KEEPS_MARKS = frozenset({"ё", "Ё"})
_CAPITALS = re.compile(r"\b[A-Z]{3,6}\b")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Acronym:
    """What a text says that an acronym stands for; `spelling` is that of the long form."""

    short: str
    long: str

    @property
    def spelling(self) -> str:
        return spelling(self.long)


@dataclass(frozen=True)
class Evidence:
    """What a document has to say about which names are one: vectors of names under `model`, acronyms it explains."""

    model: str = ""
    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    acronyms: Sequence[Acronym] = ()

    @property
    def strict(self) -> float | None:
        """The cosine from which two names mean the same, or None where the model is not known well enough."""
        return SAME_MEANING.get(self.model)


def spelling(name: str) -> str:
    """The key that all spellings of a name share: no case, accents, hyphens, spaces, plural or British endings."""
    found = [_plain(word) for word in _WORD.findall(_unmarked(unicodedata.normalize("NFKC", name)).casefold())]
    return "".join(found) or " ".join(name.casefold().split())


def singular(word: str) -> str:
    """A word in small letters without an English plural."""
    if len(word) > 4 and word.endswith("ies"):  # noqa: PLR2004
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return word[:-1]
    return word


def _plain(word: str) -> str:
    for pattern, american in _AMERICAN:
        word = pattern.sub(american, word)
    return singular(word)


def _unmarked(text: str) -> str:
    """Latin, Greek and `ё` without their accents; in other scripts such a mark is a letter of its own."""
    shown = []
    for char in text:
        if ord(char) < 0x400 or char in _KEEPS_MARKS:  # noqa: PLR2004
            shown.append("".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)))
        else:
            shown.append(char)
    return "".join(shown)


def acronyms(text: str) -> list[Acronym]:
    """The acronyms that a text explains, each once, in order."""
    found: dict[tuple[str, str], Acronym] = {}
    for acronym in _defined(text):
        found.setdefault((acronym.short, acronym.spelling), acronym)
        if len(found) == MOST_ACRONYMS:
            break
    return list(found.values())


def _defined(text: str) -> Iterator[Acronym]:
    for match in _DEFINED.finditer(text):
        inside = match[1].split(",")[0].split(";")[0].strip()
        before = text[max(0, match.start() - 120) : match.start()].rpartition("\n")[2].rstrip()
        if is_acronym(inside):  # World Health Organization (WHO)
            words = before.split()[-min(len(inside) + 5, 2 * len(inside)) :]
            long = _stands_for(inside, " ".join(words))
            if long is not None:
                yield Acronym(inside, long)
            continue
        short = (before.split() or [""])[-1].strip("\"'“”")
        if is_acronym(short) and _stands_for(short, inside) == inside:  # WHO (World Health Organization)
            yield Acronym(short, inside)


def is_acronym(word: str) -> bool:
    """Two to ten characters, most of the letters capitals: WHO, mRNA is not, PCs and B2B are."""
    letters = [char for char in word if char.isalpha()]
    return (
        SHORTEST <= len(word) <= LONGEST
        and _SHORT.fullmatch(word) is not None
        and len(letters) > 1
        and sum(char.isupper() for char in letters) * 2 > len(letters)
    )


def _stands_for(short: str, text: str) -> str | None:
    """The end of `text` whose letters spell the acronym, the first of them at the start of a word; else None."""
    letters = [char.lower() for char in short.removesuffix("s") if char.isalnum()]
    at = len(text)
    for index in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (text[at].lower() != letters[index] or (index == 0 and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    long = text[at:].strip(" \"'“”,")
    if len(long.split()) < 2 or len(long) <= len(short) or short in long.split():  # noqa: PLR2004
        return None
    return long


def initials(text: str, names: Sequence[str], known: Sequence[Acronym]) -> list[Acronym]:
    """Acronyms that the text uses more than once without explaining them, for names in it that they abbreviate.

    Only those that fit a single name, and none that is `known` already.
    """
    used = Counter(_CAPITALS.findall(text))
    explained = {acronym.short for acronym in known}
    found = []
    for short, count in used.items():
        fitting = {spelling(name): name for name in names if is_initials(short, name)}
        if count > 1 and short not in explained and len(fitting) == 1:
            found.append(Acronym(short, *fitting.values()))
    return found


def is_initials(short: str, name: str) -> bool:
    """Whether the capitals of `name` are the acronym, three letters or more: "European Central Bank" and ECB."""
    capitals = "".join(word[0] for word in name.split() if word[0].isupper())
    return len(short) > SHORTEST and is_acronym(short) and len(name.split()) > SHORTEST and capitals == short


def may_mean_the_same(a: str, b: str) -> bool:
    """Whether two names near in meaning may be one.

    Not where they differ in a number or by opposite words, which a model finds very much alike, nor for an acronym.
    """
    if _NUMBERS.findall(a) != _NUMBERS.findall(b):
        return False
    mine, theirs = (set(_WORD.findall(name.casefold())) for name in (a, b))
    if any(_OPPOSITES.get(word, frozenset()) & (theirs - mine) for word in mine - theirs):
        return False
    return not (is_acronym(a) or is_acronym(b))
