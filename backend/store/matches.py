"""Finding passages by their words: the GIN index chooses, BM25 ranks.

PostgreSQL's own ranking knows nothing of how rare a word is, so passages that the rarest words choose are scored with
BM25 from the positions that the index keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.search import TITLE, Counted, Query, Term, bm25, weight
from backend.store.fulltext import config

SCORED = 400
"""Passages whose words are counted; the rarest terms choose them."""
MATCHED = 4_000
"""Passages the rarest terms may match before commoner terms no longer choose, only score."""

LANGUAGES = text(
    "SELECT DISTINCT language FROM documents WHERE owner_id = :owner_id AND deleted_at IS NULL AND language IS NOT NULL"
)
LEXEMES = text(
    """SELECT word.ordinal, config, array(SELECT lexeme FROM unnest(to_tsvector(CAST(config AS regconfig), word.word)))
       FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS word (word, ordinal)
            CROSS JOIN unnest(CAST(:configs AS text[])) AS config ORDER BY word.ordinal"""
)
COUNT = text("SELECT count(*) FROM passage_words WHERE owner_id = :owner_id")


def terms(session: Session, owner_id: int, query: Query) -> list[Term]:
    """The words of the query in the forms the index has for the languages on this board.

    A stop word of any of them goes; between quotation marks it would stay.
    """
    configs = sorted({config(language) for language in session.scalars(LANGUAGES, {"owner_id": owner_id})})
    stemming = [config for config in configs if config != "simple"]
    wanted = list(query.words)
    rows = session.execute(LEXEMES, {"words": wanted, "configs": [*stemming, "simple"]}).all()
    found: list[Term] = []
    for ordinal, word in enumerate(wanted, start=1):
        by_config = {row.config: frozenset(row[2]) for row in rows if row.ordinal == ordinal}
        written = by_config["simple"]
        if written and all(by_config[config] for config in stemming):
            stems = frozenset[str]().union(*(by_config[config] for config in stemming)) or written
            typed = word == query.typing and ordinal == len(wanted) and len(word) > 1
            found.append(Term(stems, written, word.lower() if typed else None))
    return found


def ranked(
    session: Session,
    owner_id: int,
    wanted: Sequence[Term],
    condition: str,
    parameters: dict[str, Any],
    *,
    must: bool,
) -> list[int]:
    """Passage ids by BM25 over the terms; without terms, those that have the phrases (`must`)."""
    source = f"FROM passage_words p JOIN documents d ON d.id = p.document_id WHERE {condition}"
    if not wanted:
        plain = text(f"SELECT p.passage_id AS id {source} ORDER BY p.passage_id LIMIT :limit")
        return [row.id for row in session.execute(plain, parameters | {"limit": SCORED})] if must else []
    queries = [_tsquery(term) for term in wanted]
    frequencies = [_frequency(session, owner_id, query) for query in queries]
    in_all = session.scalar(COUNT, {"owner_id": owner_id}) or 0
    weights = [weight(frequency, in_all) for frequency in frequencies]
    if not must:  # a phrase chooses by itself, and the words only rank
        choosing = _choosing(queries, frequencies)
        source += " AND p.words @@ CAST(:choosing AS tsquery)" if choosing else " AND false"
        parameters = parameters | {"choosing": " | ".join(choosing)}
    chosen = _chosen(session, source, parameters, queries, weights)
    counts = _counts(session, [row.id for row in chosen], wanted)
    scores = bm25([Counted(row.length, counts[row.id]) for row in chosen], weights)
    best = sorted(zip(scores, chosen, strict=True), key=lambda scored: (-scored[0], scored[1].id))
    return [row.id for _, row in best]


def _chosen(
    session: Session,
    source: str,
    parameters: dict[str, Any],
    queries: Sequence[str],
    weights: Sequence[float],
) -> Sequence[Any]:
    """Ids and lengths of the passages that have most of the query, by the weight of its terms."""
    coverage = " + ".join(
        f"CASE WHEN p.words @@ CAST(:term{number} AS tsquery) THEN {term_weight:.6f} ELSE 0 END"
        for number, term_weight in enumerate(weights)
    )
    bound = {f"term{number}": query for number, query in enumerate(queries)}
    return session.execute(
        text(
            f"""SELECT p.passage_id AS id, p.length {source}
                ORDER BY {coverage} DESC, p.passage_id LIMIT :limit"""
        ),
        parameters | bound | {"limit": SCORED},
    ).all()


def _choosing(queries: Sequence[str], frequencies: Sequence[int]) -> list[str]:
    """The rarest terms that occur at all, as many as together match no more than MATCHED passages; one at least."""
    chosen: list[str] = []
    matched = 0
    for df, query in sorted(zip(frequencies, queries, strict=True)):
        if df == 0:
            continue
        if chosen and matched + df > MATCHED:
            break
        chosen.append(query)
        matched += df
    return chosen


def _frequency(session: Session, owner_id: int, query: str) -> int:
    """Passages of this owner that have the term, counted up to ten times MATCHED."""
    return (
        session.scalar(
            text(
                """SELECT count(*) FROM (SELECT 1 FROM passage_words WHERE owner_id = :owner_id
                   AND words @@ CAST(:query AS tsquery) LIMIT :limit) AS found"""
            ),
            {"owner_id": owner_id, "query": query, "limit": MATCHED * 10},
        )
        or 0
    )


def _counts(session: Session, passage_ids: Sequence[int], wanted: Sequence[Term]) -> dict[int, tuple[int, ...]]:
    """How often each passage has each term: stems by their A positions, words by their D, titles by B."""
    lexemes = sorted({lexeme for term in wanted for lexeme in term.stems | term.words})
    prefixes = [term.prefix for term in wanted if term.prefix]
    rows = session.execute(
        text(
            """SELECT p.passage_id AS id, u.lexeme, cardinality(array_positions(u.weights, 'A')) AS stems,
                      cardinality(array_positions(u.weights, 'D')) AS words,
                      cardinality(array_positions(u.weights, 'B')) AS title
               FROM passage_words p CROSS JOIN unnest(p.words) AS u
               WHERE p.passage_id = ANY(:ids) AND (u.lexeme = ANY(:lexemes) OR u.lexeme ^@ ANY(:prefixes))"""
        ),
        {"ids": list(passage_ids), "lexemes": lexemes, "prefixes": prefixes},
    ).all()
    counts = {passage_id: [0] * len(wanted) for passage_id in passage_ids}
    for row in rows:
        for number, term in enumerate(wanted):
            counted = _count(row, term)
            counts[row.id][number] = max(counts[row.id][number], counted)
    return {passage_id: tuple(numbers) for passage_id, numbers in counts.items()}


def _count(row: Any, term: Term) -> int:
    is_word = row.lexeme in term.words or (term.prefix is not None and row.lexeme.startswith(term.prefix))
    stems = row.stems if row.lexeme in term.stems else 0
    words = row.words if is_word else 0
    title = TITLE if row.title and (is_word or row.lexeme in term.stems) else 0
    return int(max(stems, words)) + title


def _tsquery(term: Term) -> str:
    """The term as a tsquery that looks for stems among stems and for words among words."""
    alternatives = [f"{_quoted(stem)}:AB" for stem in sorted(term.stems)]
    alternatives += [f"{_quoted(word)}:BD" for word in sorted(term.words)]
    if term.prefix:
        alternatives.append(f"{_quoted(term.prefix)}:*BD")
    return f"({' | '.join(alternatives)})"


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
