# ruff: noqa: RUF001  apostrophes as people type them
"""Candidate phrases of a text: runs of words between stop words and punctuation, counted.

Phrases within longer phrases are weighed by C-value (Frantzi, Ananiadou, Mima 2000): what a phrase has beyond the
longer phrases it is part of. "League" counts for little where nearly every one is a "Champions League".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backend.domain.plain_words import LABELS, STOPPING

LONGEST = 3
"""Words of a phrase; a name written with capitals may have one more."""
ONCE, PART_ONCE = 0.5, 0.3
"""What a phrase met only once is worth, and a part of such a phrase: it has proved less than one that comes back."""
LONGEST_WORD = 40
OCCURRENCES = 20
"""Places remembered of a phrase: enough to find a good sentence for it."""
TABLE = 100_000
"""Phrases counted at once; what was met once is forgotten when a very long text has more."""

_WORD = re.compile(r"[^\W_]+(?:[’'.&/+-][^\W_]+)*[+#]*")
_POSSESSIVE = re.compile(r"[’']s?$")
_JOINS = re.compile(r"[ \t]?(?:\n[ \t]*(?=[^\W\d_A-Z]))?")  # a line that begins with a capital is not a continuation
_CAPITAL = re.compile(r"[’']?s? [A-Z]")
_RUBBISH = re.compile(r"(.)\1{3}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CJK_TERM = re.compile(r"[\u30a1-\u30fa\u30fc]{2,20}|[\u3400-\u9fff]{2,}")
_HAN_GLUE = re.compile(r"[的了是在和与及或对为不有我他她它们这那就也都而但被把从到等之以其中並并個个一]")
_HAN_WORD = 4
_NUMBER = re.compile(r"[\d.,/%-]+")
_NO_ADVERB = frozenset({"family", "supply", "italy", "assembly", "anomaly", "july", "reply", "monopoly", "butterfly"})
_IN_NAMES = frozenset({"new", "first", "two", "three"})
"""Stop words that names begin with."""


@dataclass(slots=True)
class Phrase:
    """`key` groups spellings (case, plural); `places` are (ordinal of chunk, start, end) with offsets in the text."""

    key: tuple[str, ...]
    count: int = 0
    surfaces: Counter[str] = field(default_factory=Counter)
    places: list[tuple[int, int, int]] = field(default_factory=list)
    value: float = 0.0

    @property
    def name(self) -> str:
        """The commonest spelling."""
        return self.surfaces.most_common(1)[0][0]


def candidates(
    pieces: Iterable[tuple[int, int, str]], stop_words: frozenset[str], *, capital_nouns: bool = False
) -> list[Phrase]:
    """Phrases of the pieces (ordinal, offset, text), the most telling by C-value first.

    `capital_nouns`: the language writes nouns with capitals, as German does, so a phrase is nouns after adjectives.
    """
    table: dict[tuple[str, ...], Phrase] = {}
    for ordinal, offset, text in pieces:
        for words in _runs(text, stop_words):
            for run in _noun_runs(words) if capital_nouns else (words,):
                _count(table, run, ordinal, offset, text)
        for start, end in _cjk_terms(text):
            _note(table, (text[start:end],), text[start:end], (ordinal, offset + start, offset + end))
        if len(table) > TABLE:
            table = _pruned(table)
    _weigh(table)
    return sorted(
        (phrase for phrase in table.values() if phrase.value > 0),
        key=lambda phrase: (-phrase.value, phrase.places[0][1]),
    )


def _pruned(table: dict[tuple[str, ...], Phrase]) -> dict[tuple[str, ...], Phrase]:
    """At most half a TABLE, without what was met least: then it takes a while until it is full again."""
    least = 1
    while len(table) > TABLE // 2:
        table = {key: phrase for key, phrase in table.items() if phrase.count > least}
        least += 1
    return table


def _runs(text: str, stop_words: frozenset[str]) -> Iterator[list[tuple[str, int, int]]]:
    """Words (surface, start, end) in runs that nothing interrupts."""
    run: list[tuple[str, int, int]] = []
    last = 0
    for match in _WORD.finditer(text):
        word = _POSSESSIVE.sub("", match[0])
        start, end = match.start(), match.start() + len(word)
        if run and _JOINS.match(text, last).end() != start:  # type: ignore[union-attr]  # it matches nothing too
            yield run
            run = []
        if _is_open(word, run, stop_words, titled=word[0].isupper() and bool(_CAPITAL.match(text, end))):
            run.append((word, start, end))
        elif run:
            yield run
            run = []
        last = end
    if run:
        yield run


def _noun_runs(words: list[tuple[str, int, int]]) -> Iterator[list[tuple[str, int, int]]]:
    """The run cut into small words followed by capital ones: what is small after a noun is a verb."""
    run: list[tuple[str, int, int]] = []
    for word in words:
        if run and run[-1][0][0].isupper() and word[0][0].islower():
            yield run
            run = []
        run.append(word)
    if run and run[-1][0][0].isupper():
        yield run


def _is_open(word: str, run: list[tuple[str, int, int]], stop_words: frozenset[str], *, titled: bool) -> bool:
    """Whether the word may be part of a phrase; `titled`: it and the next have capitals, as in "Time Warner"."""
    lower = word.lower().replace("’", "'")
    if lower in STOPPING or lower in _IN_NAMES:
        return titled
    if lower in stop_words or "'" in lower or _CJK.search(word) or _RUBBISH.search(word) or len(word) > LONGEST_WORD:
        return False
    if _NUMBER.fullmatch(word) or len(word) == 1:  # "Windows 11", "Vitamin C", but neither "11 players" nor "in 2004"
        return bool(run) and run[-1][0][0].isupper() and len(word) <= 2 and not word.islower()  # noqa: PLR2004
    return not (lower.endswith("ly") and len(lower) > 4 and lower not in _NO_ADVERB)  # noqa: PLR2004


def _count(
    table: dict[tuple[str, ...], Phrase], run: list[tuple[str, int, int]], ordinal: int, offset: int, text: str
) -> None:
    stems = [_stem(word) for word, _, _ in run]
    for first in range(len(run)):
        for last in range(first, min(first + LONGEST + 1, len(run))):
            if last - first == LONGEST and not all(word[0].isupper() for word, _, _ in run[first : last + 1]):
                break
            if run[last][0].endswith("ed"):  # "Home Office defended"
                continue
            if _is_fragment(run, first, last):
                continue
            start, end = run[first][1], run[last][2]
            surface = " ".join(text[start:end].split())
            if len(surface) > 2 and not _NUMBER.fullmatch(surface):  # noqa: PLR2004
                _note(table, tuple(stems[first : last + 1]), surface, (ordinal, offset + start, offset + end))


def _is_fragment(run: list[tuple[str, int, int]], first: int, last: int) -> bool:
    """Whether it is a part of a name with what stands beside it ("Warner profit", "thinks Yahoo"), or but labels."""
    words = [word for word, _, _ in run[first : last + 1]]
    before = first > 0 and run[first - 1][0][0].isupper() and words[0][0].isupper()
    after = last + 1 < len(run) and run[last + 1][0][0].isupper() and words[-1][0].isupper()
    mixed = any(word[0].islower() for word in words)
    verb_first = words[0].islower() and words[-1][0].isupper()
    return verb_first or (mixed and (before or after)) or all(word.lower() in LABELS for word in words)


def _note(
    table: dict[tuple[str, ...], Phrase], key: tuple[str, ...], surface: str, place: tuple[int, int, int]
) -> None:
    phrase = table.setdefault(key, Phrase(key))
    phrase.count += 1
    phrase.surfaces[surface] += 1
    if len(phrase.places) < OCCURRENCES:
        phrase.places.append(place)


def _cjk_terms(text: str) -> Iterator[tuple[int, int]]:
    """Katakana words and Han terms; a long Han run is cut at its particles, then into all its short n-grams."""
    for match in _CJK_TERM.finditer(text):
        start = match.start()
        for piece in _HAN_GLUE.split(match[0]):
            if 1 < len(piece) <= _HAN_WORD or _is_kana(piece):
                yield start, start + len(piece)
            else:
                for size in range(2, _HAN_WORD + 1):
                    for first in range(len(piece) - size + 1):
                        yield start + first, start + first + size
            start += len(piece) + 1


def _is_kana(piece: str) -> bool:
    return bool(piece) and piece[0] < "\u3400"


def _stem(word: str) -> str:
    """The grouping form: lower case without an English plural; never shown."""
    lower = word.lower()
    if len(lower) > 4 and lower.endswith("ies"):  # noqa: PLR2004
        return lower[:-3] + "y"
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return lower[:-1]
    return lower


def _weigh(table: dict[tuple[str, ...], Phrase]) -> None:
    """C-value of each phrase, with log2(words + 1) so that single words count too."""
    longer_count: Counter[tuple[str, ...]] = Counter()
    longer_kinds: Counter[tuple[str, ...]] = Counter()
    for key, phrase in table.items():
        for part in _parts(key):
            longer_count[part] += phrase.count
            longer_kinds[part] += 1
    for key, phrase in table.items():
        beginnings = (key[:size] for size in range(2, len(key)))
        if phrase.count == 1 and any(part in table and table[part].count > 1 for part in beginnings):
            continue  # "solar panels pay", where "solar panels" are spoken of all the time
        nested = longer_count[key] / longer_kinds[key] if longer_kinds[key] else 0.0
        beyond = phrase.count - nested if phrase.count > 1 else PART_ONCE if nested else ONCE
        phrase.value = math.log2(len(key) + 1) * beyond


def _parts(key: tuple[str, ...]) -> set[tuple[str, ...]]:
    if len(key) == 1:
        word = key[0]
        if not _CJK.match(word):
            return set()
        return {(word[a:b],) for a in range(len(word)) for b in range(a + 2, len(word) + 1) if b - a < len(word)}
    return {key[a:b] for a in range(len(key)) for b in range(a + 1, len(key) + 1) if b - a < len(key)}
