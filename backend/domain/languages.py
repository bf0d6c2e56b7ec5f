"""Which language a text is in, told by its script and its commonest words."""

from __future__ import annotations

import re
from collections import Counter

from backend.domain.stopwords import STOP_WORDS

SAMPLE_CHARS = 20_000
FEWEST_WORDS = 4
"""Stop words that must be met before a language is named: two words do not tell English from Dutch."""
SMALLEST_SHARE = 0.2
"""Of all words; running text has 30-50 %, a table, a program or a language not listed a good deal less."""

_WORD = re.compile(r"[^\W\d_]{2,}")  # single letters are words of too many languages
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_LETTERS = re.compile(r"[^\W\d_]")


def guess(text: str) -> str | None:
    """The ISO 639-1 code, or None when the text does not tell."""
    sample = _sample(text)
    return _by_script(sample) or _by_words(sample)


def stop_words(language: str | None) -> frozenset[str]:
    """The stop words of a language; of English when it is not known, because names and terms are often English."""
    return STOP_WORDS.get(language or "en", STOP_WORDS["en"])


def _sample(text: str) -> str:
    """The beginning, the middle and the end: a foreign abstract or licence must not decide."""
    if len(text) <= SAMPLE_CHARS:
        return text
    third = SAMPLE_CHARS // 3
    middle = len(text) // 2
    return f"{text[:third]} {text[middle : middle + third]} {text[-third:]}"


def _by_script(sample: str) -> str | None:
    letters = len(_LETTERS.findall(sample))
    kana, han = len(_KANA.findall(sample)), len(_HAN.findall(sample))
    hangul, thai = len(_HANGUL.findall(sample)), len(_THAI.findall(sample))
    half = letters / 2
    if letters == 0:
        return None
    if hangul > half:
        return "ko"
    if thai > half:
        return "th"
    if kana + han > half:
        return "ja" if kana > han / 10 else "zh"
    return None


def _by_words(sample: str) -> str | None:
    counts = Counter(_WORD.findall(sample.lower()))
    total = counts.total()
    scores = {
        language: sum(count for word, count in counts.items() if word in words)
        for language, words in STOP_WORDS.items()
    }
    best = max(scores, key=scores.__getitem__)
    if scores[best] < FEWEST_WORDS or scores[best] < SMALLEST_SHARE * total:
        return None
    return best
