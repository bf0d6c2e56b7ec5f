"""The words of names (of documents, concepts, clusters, tags and saved searches), found by how they begin.

Triggers keep the table, so no way of giving a name can forget it. Its order is that of the bytes, in which a beginning
is a range of the index; the operator is a leakproof one, so row-level security leaves the index its use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.domain.suggestions import Suggestion
from backend.store.database import Base

LOOKED_AT = 100
"""Names of each kind that are looked at: one letter may begin those of half the board."""
COUNTED = 1_000
"""Names from which the board's own words are taken."""

NAMED = """s.owner_id = :owner_id AND s.word ^@ :last AND NOT EXISTS (
               SELECT FROM unnest(CAST(:others AS text[])) AS other WHERE NOT EXISTS (
                   SELECT FROM suggestion_words o WHERE o.owner_id = s.owner_id AND o.kind = s.kind
                       AND o.item_id = s.item_id AND o.word = other))"""
FOUND = f"""found AS MATERIALIZED (
    SELECT DISTINCT kinds.kind, s.item_id AS id FROM unnest(CAST(:kinds AS text[])) AS kinds (kind) CROSS JOIN LATERAL (
        SELECT s.item_id FROM suggestion_words s WHERE s.kind = kinds.kind AND {NAMED} ORDER BY s.word LIMIT :looked_at
    ) AS s)"""
SUGGEST = text(
    f"""WITH {FOUND}
    SELECT f.kind, d.id, d.title AS text, d.filename AS detail, 1 AS documents FROM found f JOIN documents d USING (id)
        WHERE f.kind = 'document' AND d.owner_id = :owner_id AND d.deleted_at IS NULL
    UNION ALL
    SELECT 'concept', c.id, c.name, c.category, used.documents FROM (
            SELECT DISTINCT coalesce(c.merged_into, c.id) AS id FROM found JOIN concepts c USING (id)
            WHERE kind = 'concept') AS shown
        JOIN concepts c USING (id) CROSS JOIN LATERAL (
            SELECT count(*) AS documents FROM shown_concepts s JOIN documents d ON d.id = s.document_id
            WHERE s.concept_id = c.id AND s.owner_id = :owner_id AND d.deleted_at IS NULL) AS used
        WHERE c.owner_id = :owner_id AND used.documents > 0
    UNION ALL
    SELECT kind, id, c.name, '', c.document_count FROM found JOIN clusters c USING (id)
        WHERE kind = 'cluster' AND c.owner_id = :owner_id
    UNION ALL
    SELECT kind, id, t.name, '', (SELECT count(*) FROM document_tags l WHERE l.tag_id = t.id)
        FROM found JOIN tags t USING (id) WHERE kind = 'tag' AND t.owner_id = :owner_id
    UNION ALL
    SELECT kind, id, q.name, q.q, 1 FROM found JOIN saved_searches q USING (id)
        WHERE kind = 'saved_search' AND q.owner_id = :owner_id
    UNION ALL
    (SELECT 'word', NULL, :before || word, '', count(*) FROM (
        SELECT s.word FROM suggestion_words s
        WHERE s.owner_id = :owner_id AND s.kind IN ('concept', 'document') AND s.word ^@ :last AND length(s.word) > 2
        LIMIT :counted) AS words
        GROUP BY word ORDER BY count(*) DESC, word LIMIT :looked_at)"""
)


class SuggestionWord(Base):
    """One word of one name."""

    __tablename__ = "suggestion_words"

    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


def find(session: Session, owner_id: int, words: Sequence[str], kinds: Sequence[str]) -> list[Suggestion]:
    """Names that have all of `words`, the last as the beginning of one; and the board's own words, under "word".

    These follow what was typed before them, and their `detail` is empty, as is that of clusters and tags.
    """
    *others, last = words
    values: dict[str, Any] = {"owner_id": owner_id, "kinds": list(kinds), "last": last, "others": others}
    before = "".join(f"{word} " for word in others)
    rows = session.execute(SUGGEST, values | {"before": before, "looked_at": LOOKED_AT, "counted": COUNTED})
    return [Suggestion(row.kind, row.id, row.text, row.detail, row.documents) for row in rows]
