"""Finding passages by their words: the GIN index chooses, BM25 ranks.

PostgreSQL's own ranking knows nothing of how rare a word is, so passages that the rarest words choose are scored with
BM25 from the positions that the index keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain.search import TITLE, Counted, Query, Term, bm25, weight
from backend.store import frequencies
from backend.store.fulltext import config

SCORED = 200
"""Passages whose words are counted: those with most of the query."""
MATCHED = 4_000
"""Passages that one term may choose; the rarest terms choose, and commoner ones only add to what those have chosen."""
SHORTEST_PREFIX = 3

# from one language to the next by index: a board may have very many documents, and has few languages
LANGUAGES = text(
    """WITH RECURSIVE spoken AS (
           (SELECT language FROM documents WHERE owner_id = :owner_id AND deleted_at IS NULL AND language IS NOT NULL
            ORDER BY language LIMIT 1)
           UNION ALL
           SELECT (SELECT d.language FROM documents d WHERE d.owner_id = :owner_id AND d.deleted_at IS NULL
                       AND d.language > spoken.language ORDER BY d.language LIMIT 1)
           FROM spoken WHERE spoken.language IS NOT NULL)
       SELECT language FROM spoken WHERE language IS NOT NULL"""
)
LEXEMES = text(
    """SELECT word.ordinal, config, array(SELECT lexeme FROM unnest(to_tsvector(CAST(config AS regconfig), word.word)))
       FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS word (word, ordinal)
            CROSS JOIN unnest(CAST(:configs AS text[])) AS config ORDER BY word.ordinal"""
)

# to look at a passage's words is to unpack two kilobytes, which the planner takes for nothing, so it would rather scan
ASK_THE_INDEX = text(
    """SELECT set_config('enable_seqscan', 'off', true), set_config('random_page_cost', '1.1', true),
              set_config('cpu_operator_cost', '0.01', true)"""
)


class Found(NamedTuple):
    """A passage that has words of the query, and its score by BM25."""

    id: int
    document_id: int
    score: float


class Selection(NamedTuple):
    """A tsquery that chooses passages (None: what they must have anyway), and what it adds to those it finds."""

    query: str | None
    weight: float


@dataclass(frozen=True)
class Narrowed:
    """What a passage `p` (of passage_words) and its document `d` must fulfil, as SQL with parameters.

    Both name the owner. `is_narrow` where a filter or a phrase may leave only few of the passages that have the words.
    """

    passages: str
    documents: str
    parameters: dict[str, Any]
    is_narrow: bool


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
    narrowed: Narrowed,
    in_all: int,
    *,
    must: bool,
    also: Sequence[int] = (),
) -> list[Found]:
    """Passages by BM25 over the terms, the best first; without terms, those that have the phrases (`must`).

    A common word does not choose passages where a rarer one can: it only adds to those that have this one. `also` are
    passages found otherwise, which get their score here too, were it 0; `in_all` is how many the board has.
    """
    session.execute(ASK_THE_INDEX)
    if not wanted:
        return _any(session, narrowed) if must else []
    terms = [_without_short_prefix(term) if in_all > frequencies.BOARD_COUNTED else term for term in wanted]
    queries = [_tsquery(term) for term in terms]
    forms = [frequencies.Forms(term.stems | term.words, term.prefix) for term in terms]
    found = frequencies.of_terms(session, owner_id, queries, forms, in_all)
    weights = [weight(frequency, in_all) for frequency in found]
    selections = _selections(queries, found, weights, must=must)
    chosen = _chosen(session, selections, narrowed, also)
    counts = _counts(session, [row.id for row in chosen], terms)
    scores = bm25([Counted(row.length, counts[row.id]) for row in chosen], weights)
    best = sorted(zip(scores, chosen, strict=True), key=lambda scored: (-scored[0], scored[1].id))
    keep = set(also)
    return [Found(row.id, row.document_id, score) for score, row in best if score > 0 or must or row.id in keep]


def _any(session: Session, narrowed: Narrowed) -> list[Found]:
    plain = text(
        f"""SELECT p.passage_id AS id, p.document_id FROM passage_words p JOIN documents d ON d.id = p.document_id
            WHERE {narrowed.passages} AND {narrowed.documents} ORDER BY p.passage_id LIMIT :limit"""
    )
    rows = session.execute(plain, narrowed.parameters | {"limit": SCORED})
    return [Found(row.id, row.document_id, 0.0) for row in rows]


def _choosing(queries: Sequence[str], found: Sequence[int]) -> list[str]:
    """The rarest terms that occur at all, as many as together match no more than MATCHED passages; one at least."""
    chosen: list[str] = []
    matched = 0
    for df, query in sorted(zip(found, queries, strict=True)):
        if df == 0:
            continue
        if chosen and matched + df > MATCHED:
            break
        chosen.append(query)
        matched += df
    return chosen


def _selections(
    queries: Sequence[str], found: Sequence[int], weights: Sequence[float], *, must: bool
) -> list[Selection]:
    """What passages are chosen by, none of it very many; the weights of all that find a passage add up.

    Where even the rarest term is common, everything that is chosen has it, so it weighs nothing, and the passages that
    have the whole query are asked for by themselves.
    """
    each = list(zip(queries, weights, strict=True))
    if must:  # a phrase chooses by itself, and the words only rank
        return [Selection(None, 0.0), *(Selection(query, weight) for query, weight in each)]
    choosing = _choosing(queries, found)
    if not choosing:
        return []
    among = f"({' | '.join(choosing)})"
    present = [(query, weight) for (query, weight), df in zip(each, found, strict=True) if df]
    selections = [
        Selection(query, weight) if query in choosing else Selection(f"{among} & {query}", weight)
        for query, weight in present
    ]
    if len(choosing) == 1 and len(present) > 1:
        selections = [s._replace(weight=0.0) if s.query == choosing[0] else s for s in selections]
        whole = " & ".join(query for query, _ in present)
        selections.append(Selection(whole, sum(weight for _, weight in present)))
    return selections


def _chosen(
    session: Session, selections: Sequence[Selection], narrowed: Narrowed, also: Sequence[int]
) -> Sequence[Any]:
    """Ids, documents and lengths of the passages with most of the query, by the weight of its terms; and `also`."""
    inside = f"AND EXISTS (SELECT 1 FROM documents d WHERE d.id = p.document_id AND {narrowed.documents})"
    columns = "p.passage_id AS id, p.document_id, p.length"
    parts = [f"(SELECT {columns}, 0.0 AS weight FROM passage_words p WHERE false)"]
    bound: dict[str, Any] = {"limit": SCORED, "matched": MATCHED, "also": list(also)}
    for number, (query, gain) in enumerate(selections):
        words = f"AND p.words @@ CAST(:query{number} AS tsquery)" if query else ""
        parts.append(
            f"""(SELECT {columns}, {gain:.6f} AS weight FROM passage_words p
                 WHERE {narrowed.passages} {words} {inside if narrowed.is_narrow else ""} LIMIT :matched)"""
        )
        bound |= {f"query{number}": query} if query else {}
    statement = f"""WITH found AS ({" UNION ALL ".join(parts)}), covered AS (
                SELECT id, min(document_id) AS document_id, min(length) AS length, sum(weight) AS coverage
                FROM found GROUP BY id)
            (SELECT p.id, p.document_id, p.length FROM covered p JOIN documents d ON d.id = p.document_id
             WHERE {narrowed.documents} ORDER BY p.coverage DESC, p.id LIMIT :limit)
            UNION
            SELECT {columns} FROM passage_words p WHERE p.passage_id = ANY(:also) AND p.owner_id = :owner_id"""
    return session.execute(text(statement), narrowed.parameters | bound).all()


def _without_short_prefix(term: Term) -> Term:
    """Two letters begin a tenth of all words: on a large board a word is completed from three on."""
    return replace(term, prefix=None) if term.prefix and len(term.prefix) < SHORTEST_PREFIX else term


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
    """The term as a tsquery. It has no weights: with them each passage would have to be read to be chosen."""
    alternatives = [_quoted(word) for word in sorted(term.stems | term.words)]
    if term.prefix:
        alternatives.append(f"{_quoted(term.prefix)}:*")
    return f"({' | '.join(alternatives)})"


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
