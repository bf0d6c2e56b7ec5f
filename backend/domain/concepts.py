"""Concepts without a language model: a document's phrases, ranked by meaning and statistics, made various.

Each phrase is likened to the whole document and to the passages it stands in (KeyBERT's idea), its C-value is
added, and maximal marginal relevance (Carbonell, Goldstein 1998) keeps the list from saying one thing twelve times.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain import categories, fields, languages, phrases, plain_words, sentences
from backend.domain.chunks import Chunk
from backend.domain.fields import Fields
from backend.domain.spellings import spelling

FEWEST, MOST = 5, 12
CONSIDERED = 160
"""Candidates that are embedded: a tenth of a second for the packaged model."""
WORDS_PER_CONCEPT = 8
"""A text of few words has few concepts; from 40 words on it has FEWEST."""
WORDS_FOR_MOST = 2_000
VARIETY = 0.35
"""What likeness to a concept already taken costs, against likeness to the document."""
STATISTICS = {"en": 0.12}
STATISTICS_ELSEWHERE = 0.4
"""What C-value counts beside likeness; more in languages of which an English embedding model understands little."""
WEAKEST = 0.12
"""A phrase less like its document than this is noise of the text, not a concept."""
QUOTE_CHARS = 400
QUOTED, SENTENCES = 25, 16
"""Characters of the shortest sentence that proves a field, and how many of a passage are looked at."""
BEFORE = 40
"""Characters in front of a phrase that are looked at: a title, the end of a sentence."""
LENGTH = 0.03
"""Taken off for each word after the second: more words are always more like the whole text."""

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class FoundConcept:
    """A concept with its proof: `quote` is the text from `start` to `end`, in the passage `ordinal`.

    `confidence` (0 to 1) says how near the phrase is to the document in meaning, weighed with how often it is said. It
    orders concepts; it is not a probability.
    """

    name: str
    category: str
    confidence: float
    quote: str
    start: int
    end: int
    ordinal: int


def find(
    chunks: Sequence[Chunk],
    chunk_vectors: Vectors,
    embed: Embed,
    *,
    language: str | None,
    known_fields: Fields | None = None,
) -> list[FoundConcept]:
    """At most twelve concepts of the whole document, the strongest first; fewer for a short text, none for no words.

    An English text that clearly belongs to one of `known_fields` shows that too, in place of its weakest phrase.
    """
    pieces = ((chunk.ordinal, chunk.start, chunk.text) for chunk in chunks)
    found = phrases.candidates(pieces, languages.stop_words(language), capital_nouns=language in {"de", "lb"})
    if language in {None, "en"}:
        found = [phrase for phrase in found if not plain_words.ends_in_adjective(phrase.name)]
    found = found[:CONSIDERED]
    if not found:
        return []
    vectors = embed([phrase.name for phrase in found])
    statistics = STATISTICS.get(language or "en", STATISTICS_ELSEWHERE)
    document = _mean(chunk_vectors)
    scores = _scores(found, vectors, document, chunk_vectors, statistics)
    count = how_many(chunks)
    taken = _various(found, vectors, scores, count)
    concepts = [_proved(found[index], float(scores[index]), chunks) for index in taken]
    if known_fields is None or language != "en" or count < FEWEST:
        return concepts
    broader = _broader(chunks, chunk_vectors, document, embed, known_fields)
    return sorted([*_without(concepts, broader)[: count - len(broader)], *broader], key=lambda one: -one.confidence)


def _broader(
    chunks: Sequence[Chunk], chunk_vectors: Vectors, document: Vectors, embed: Embed, known: Fields
) -> list[FoundConcept]:
    """The fields the document belongs to, each with the sentence nearest to it, from the passage nearest to it."""
    found = []
    for name, likeness, vector in fields.of(document, known):
        chunk = chunks[int(np.argmax(chunk_vectors @ vector))]
        spans = [span for span in sentences.spans(chunk.text) if QUOTED <= span[1] - span[0] <= QUOTE_CHARS][:SENTENCES]
        near = embed([chunk.text[start:end] for start, end in spans]) @ vector if spans else np.zeros(1)
        if float(near.max()) < fields.PROVED:
            continue
        start, end = spans[int(np.argmax(near))]
        place = (chunk.text[start:end], chunk.start + start, chunk.start + end, chunk.ordinal)
        found.append(FoundConcept(name, categories.FIELD, round(min(1.0, likeness), 3), *place))
    return found


def _without(concepts: Sequence[FoundConcept], others: Sequence[FoundConcept]) -> list[FoundConcept]:
    names = {spelling(other.name) for other in others}
    return [concept for concept in concepts if spelling(concept.name) not in names]


def _mean(chunk_vectors: Vectors) -> Vectors:
    document = chunk_vectors.mean(axis=0)
    return np.asarray(document / max(float(np.linalg.norm(document)), 1e-12), dtype=np.float32)


def _scores(
    found: Sequence[phrases.Phrase], vectors: Vectors, document: Vectors, chunk_vectors: Vectors, statistics: float
) -> NDArray[np.float64]:
    whole = vectors @ document
    near = np.array(
        [
            float((chunk_vectors[sorted({place[0] for place in phrase.places})] @ vector).mean())
            for phrase, vector in zip(found, vectors, strict=True)
        ]
    )
    strongest = max(phrase.value for phrase in found)
    said = np.array([math.log1p(phrase.value) / math.log1p(strongest) for phrase in found])
    length = np.array([max(0, len(phrase.key) - 2) for phrase in found])
    return np.asarray(0.6 * whole + 0.4 * near + statistics * said - LENGTH * length, dtype=np.float64)


def _various(found: Sequence[phrases.Phrase], vectors: Vectors, scores: NDArray[np.float64], count: int) -> list[int]:
    """Indices by maximal marginal relevance, none of them part of another."""
    taken: list[int] = []
    likeness = np.zeros(len(found))
    open_ = scores >= WEAKEST
    while len(taken) < count and open_.any():
        best = int(np.argmax(np.where(open_, scores - VARIETY * likeness, -np.inf)))
        open_[best] = False
        if any(_overlap(found[best].key, found[other].key) for other in taken):
            continue
        taken.append(best)
        likeness = np.maximum(likeness, vectors @ vectors[best])
    return sorted(taken, key=lambda index: -scores[index])


def _overlap(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """One holds all words of the other, or they share more than half of them."""
    if len(a) == len(b) == 1:
        return a[0] in b[0] or b[0] in a[0]
    shared = len(set(a) & set(b))
    return shared >= min(len(set(a)), len(set(b))) or shared * 2 > max(len(a), len(b))


def how_many(chunks: Sequence[Chunk]) -> int:
    """The concepts a text of this length has."""
    words = sum(len(chunk.text.split()) + _wide(chunk.text) // 2 for chunk in chunks)
    if words < FEWEST * WORDS_PER_CONCEPT:
        return max(1, words // WORDS_PER_CONCEPT)
    return round(FEWEST + (MOST - FEWEST) * min(1.0, math.sqrt(words / WORDS_FOR_MOST)))


def _wide(text: str) -> int:
    """Characters of scripts without spaces, two of which make about a word."""
    return sum(1 for char in text if "\u3040" <= char <= "\u9fff")


def _proved(phrase: phrases.Phrase, score: float, chunks: Sequence[Chunk]) -> FoundConcept:
    ordinal, at, until = _best_place(phrase, chunks)
    chunk = chunks[ordinal]
    start, end = _sentence(chunk.text, at - chunk.start, until - chunk.start)
    before = chunk.text[max(0, at - chunk.start - BEFORE) : at - chunk.start]
    proper = phrase.name[0].isupper() and not _starts_sentence(before)
    category = categories.category(phrase.name, before, proper=proper)
    return FoundConcept(
        name=phrase.name,
        category=category,
        confidence=round(min(1.0, max(0.0, score)), 3),
        quote=chunk.text[start:end],
        start=chunk.start + start,
        end=chunk.start + end,
        ordinal=ordinal,
    )


def _best_place(phrase: phrases.Phrase, chunks: Sequence[Chunk]) -> tuple[int, int, int]:
    """Where it is spelled as it is shown, rather in the middle of a sentence, where a capital letter means a name."""
    spelled = [place for place in phrase.places if _surface(place, chunks) == phrase.name] or phrase.places
    for ordinal, start, end in spelled:
        chunk = chunks[ordinal]
        if not _starts_sentence(chunk.text[max(0, start - chunk.start - BEFORE) : start - chunk.start]):
            return ordinal, start, end
    return spelled[0]


def _surface(place: tuple[int, int, int], chunks: Sequence[Chunk]) -> str:
    ordinal, start, end = place
    chunk = chunks[ordinal]
    return " ".join(chunk.text[start - chunk.start : end - chunk.start].split())


def _starts_sentence(before: str) -> bool:
    stripped = before.rstrip(" \t\"'“„«([*_")
    return not stripped or stripped[-1] in ".!?\n:|#>-•。！？"  # noqa: RUF001


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around [start, end), cut to QUOTE_CHARS at spaces around the phrase where it is longer."""
    first, last = next(((a, b) for a, b in sentences.spans(text) if a <= start < b), (start, end))
    last = max(last, end)
    if last - first <= QUOTE_CHARS:
        return first, last
    room = (QUOTE_CHARS - (end - start)) // 2
    left, right = max(first, start - room), min(last, end + room)
    if left > first:
        space = text.find(" ", left, start)
        left = space + 1 if space >= 0 else left
    if right < last:
        space = text.rfind(" ", end, right)
        right = space if space > 0 else right
    return left, right
