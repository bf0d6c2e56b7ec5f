"""Why two documents belong together, as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAMED = 3
"""Shared concepts that the sentence names."""
NEARLY_THE_SAME, NEAR = 0.85, 0.6


@dataclass(frozen=True)
class Ties:
    """What holds two documents together: the cosine of their vectors, concepts both show, and where both came from.

    `site` is the host both were fetched from; `together` whether both came in one archive or mail; `topic` the name of
    the cluster both are in.
    """

    similarity: float
    concepts: Sequence[str] = ()
    site: str | None = None
    together: bool = False
    topic: str | None = None


def reason(ties: Ties) -> str:
    """One sentence, the strongest reason first; nearness in meaning is told where it tells more than the rest."""
    reasons = []
    if ties.similarity >= NEARLY_THE_SAME:
        reasons.append("nearly the same in meaning")
    if ties.concepts:
        reasons.append(f"both are about {_listed(ties.concepts)}")
    if ties.together:
        reasons.append("both came in the same archive or mail")
    if ties.site:
        reasons.append(f"both are from {ties.site}")
    if not reasons:
        near = "near" if ties.similarity >= NEAR else "alike"
        topic = f", and both filed under {ties.topic}" if ties.topic else ", without a concept in common"
        reasons.append(f"{near} in meaning ({ties.similarity:.0%}){topic}")
    sentence = "; ".join(reasons)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    shown = list(names[:NAMED]) + ([f"{more} more"] if more > 0 else [])
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
