"""Words as they are searched: for scripts without spaces, the pairs of neighbouring characters."""

from __future__ import annotations

import re
import unicodedata

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def spaced(text: str) -> str:
    """The text with runs of Chinese, Japanese or Thai characters as overlapping pairs between spaces.

    A full-text parser takes such a run for one word; as pairs any part of it of two characters or more is found.
    """
    return _UNSPACED.sub(lambda run: f" {' '.join(pairs(run[0]))} ", text)


def pairs(run: str) -> list[str]:
    """ "東京都" as 東京, 京都; a single character is itself."""
    return [run[index : index + 2] for index in range(len(run) - 1)] or [run]


def folded(text: str) -> str:
    """The form in which names are compared: compatibility characters, case and runs of space do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def count(text: str) -> int:
    """How many words a reader meets; in a script without spaces two characters are taken for one."""
    unspaced = sum(len(run) for run in _UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + (unspaced + 1) // 2
