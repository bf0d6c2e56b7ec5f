"""How many passages have a word: counted where they are few, and as the planner's own statistics say where many.

Counting a word that a tenth of a large board has takes longer than the whole search; ANALYZE knows its share already,
and the weight of a common word needs no more than that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

COUNTED = 1_000
"""Passages of one word that are counted."""
BOARD_COUNTED = 20_000
"""Passages of a board that are counted."""

SIZE = text(
    """SELECT least(count(*), :limit) AS counted, coalesce((
           SELECT share * (SELECT reltuples FROM pg_class WHERE oid = 'passage_words'::regclass)
           FROM pg_stats, unnest(most_common_vals::text::bigint[], most_common_freqs) AS common (owner_id, share)
           WHERE schemaname = current_schema() AND tablename = 'passage_words' AND attname = 'owner_id'
             AND common.owner_id = :owner_id), 0)::bigint AS estimated
       FROM (SELECT 1 FROM passage_words WHERE owner_id = :owner_id LIMIT :limit) AS mine"""
)
SHARES = text(
    """SELECT wanted.number, max(common.share) AS share
       FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)
            JOIN jsonb_to_recordset(CAST(:wanted AS jsonb)) AS wanted (number integer, words text[], prefix text)
                ON common.word = ANY(wanted.words) OR common.word ^@ wanted.prefix
       WHERE schemaname = current_schema() AND tablename = 'passage_words' AND attname = 'words'
       GROUP BY wanted.number"""
)
COUNTS = text(
    """SELECT wanted.number, found.passages
       FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS wanted (query, number)
       CROSS JOIN LATERAL (SELECT count(*) AS passages FROM (
           SELECT 1 FROM passage_words WHERE owner_id = :owner_id AND words @@ CAST(wanted.query AS tsquery)
           LIMIT :limit) AS hits) AS found"""
)


class Forms(NamedTuple):
    """The forms in which the index has a term: words, and what a word may begin with."""

    words: frozenset[str]
    prefix: str | None


def of_board(session: Session, owner_id: int) -> int:
    """How many passages a person has."""
    row = session.execute(SIZE, {"owner_id": owner_id, "limit": BOARD_COUNTED}).one()
    return int(row.counted if row.counted < BOARD_COUNTED else max(row.counted, row.estimated))


def of_terms(session: Session, owner_id: int, queries: Sequence[str], forms: Sequence[Forms], in_all: int) -> list[int]:
    """Passages of this person that each tsquery finds; beyond COUNTED it is an estimate, and at least that."""
    common = _common(session, forms, in_all) if in_all > COUNTED else {}
    rare = [number for number in range(len(queries)) if number not in common]
    values = {"owner_id": owner_id, "queries": [queries[number] for number in rare], "limit": COUNTED}
    counted = {rare[row.number - 1]: row.passages for row in session.execute(COUNTS, values)} if rare else {}
    return [common.get(number, counted.get(number, 0)) for number in range(len(queries))]


def _common(session: Session, forms: Sequence[Forms], in_all: int) -> dict[int, int]:
    """By number of the term, how many have those words that more than COUNTED of `in_all` have, by their share."""
    wanted = [
        {"number": number, "words": sorted(form.words), "prefix": form.prefix} for number, form in enumerate(forms)
    ]
    rows = session.execute(SHARES, {"wanted": json.dumps(wanted)})
    found = {row.number: int(row.share * in_all) for row in rows}
    return {number: many for number, many in found.items() if many > COUNTED}
