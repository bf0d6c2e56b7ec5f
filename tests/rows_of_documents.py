"""Every row of the database that belongs to some documents, found in the catalogue, so that no new table is missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

COLUMNS = text(
    """SELECT k.conrelid::regclass::text AS table, a.attname AS column
       FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
       WHERE k.contype = 'f' AND k.confrelid = 'documents'::regclass AND k.connamespace = 'public'::regnamespace
       UNION
       SELECT c.table_name, c.column_name FROM information_schema.columns c
       WHERE c.table_schema = 'public' AND c.column_name = 'document_id'
       UNION SELECT 'documents', 'id'
       ORDER BY 1, 2"""
)
OF_PASSAGES = ("passage_vectors",)
"""Tables whose rows belong to a document through its passages."""


def columns(session: Session) -> list[tuple[str, str]]:
    """Each (table, column) that names a document."""
    return [(row.table, row.column) for row in session.execute(COLUMNS)]


def rows(session: Session, document_ids: Sequence[int], *, besides: Sequence[str] = ()) -> dict[str, list[Any]]:
    """All fields of all rows that name one of these documents, by table and column, in a fixed order.

    The session has to see them all; tables in `besides` are left out.
    """
    found = {}
    for table, column in columns(session):
        if table not in besides:
            query = f'SELECT to_jsonb(t) FROM {table} t WHERE t."{column}" = ANY(:ids) ORDER BY to_jsonb(t)::text'
            found[f"{table}.{column}"] = list(session.scalars(text(query), {"ids": list(document_ids)}))
    for table in OF_PASSAGES:
        query = (
            f"SELECT to_jsonb(t) FROM {table} t JOIN passages p ON p.id = t.passage_id"
            " WHERE p.document_id = ANY(:ids) ORDER BY to_jsonb(t)::text"
        )
        found[table] = list(session.scalars(text(query), {"ids": list(document_ids)}))
    return found
