"""What a merge changed, row by row, so that it can be taken back without touching what people did since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Text, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.store.database import Base

Row = dict[str, Any]


class MergeChange(Base):
    """One changed row: its key, and the changed columns before and after, as JSON. An added row has no `before`."""

    __tablename__ = "merge_changes"

    merge_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("merges.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    row_table: Mapped[str] = mapped_column(Text)
    row_key: Mapped[Row] = mapped_column(JSONB)
    before: Mapped[Row | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Row] = mapped_column(JSONB)


class Snapshot:
    """Rows of one table as they are now, to be told later what became of them.

    `table`, `key` and the columns of `where` are names in the code, never what somebody sent.
    """

    def __init__(self, session: Session, owner_id: int, table: str, key: Sequence[str]) -> None:
        self.session, self.owner_id, self.table, self.key = session, owner_id, table, tuple(key)
        self.rows: dict[str, Row] = {}

    def take(self, column: str, values: Sequence[Any]) -> list[Row]:
        """Remember the rows with one of these values in `column`; returns them as JSON."""
        taken = rows(self.session, self.owner_id, self.table, column, values)
        self.rows |= {_name(row, self.key): row for row in taken}
        return taken

    def changes(self, column: str, values: Sequence[Any]) -> list[Row]:
        """What became of them, and what was added, among the rows that have one of these values in `column` now."""
        found = []
        for after in rows(self.session, self.owner_id, self.table, column, values):
            before = self.rows.get(_name(after, self.key))
            changed = [name for name in after if before is None or before[name] != after[name]]
            if changed:
                found.append(
                    {
                        "row_table": self.table,
                        "row_key": {name: after[name] for name in self.key},
                        "before": None if before is None else {name: before[name] for name in changed},
                        "after": {name: after[name] for name in changed},
                    }
                )
        return found

    def remember(self, change: Row, columns: Sequence[str]) -> None:
        """Add what these columns held before to a change of a row that was there, whether they changed or not."""
        before = self.rows.get(_name(change["row_key"], self.key))
        if before is not None:
            change["before"] |= {name: before[name] for name in columns}


def _name(row: Row, key: Sequence[str]) -> str:
    return json.dumps([row[name] for name in key])


def rows(session: Session, owner_id: int, table: str, column: str, values: Sequence[Any]) -> list[Row]:
    """The rows of a person with one of these values in a column, whole, as JSON."""
    statement = text(
        f"SELECT to_jsonb(t) FROM {table} t WHERE owner_id = :owner_id AND {column} = ANY(:values) ORDER BY 1"
    )
    return list(session.scalars(statement, {"owner_id": owner_id, "values": list(values)}))


def keep(session: Session, owner_id: int, merge_id: int, changed: Sequence[Row]) -> None:
    """Write down what a merge changed, in this order."""
    if changed:
        named = [{"merge_id": merge_id, "owner_id": owner_id, "ordinal": at, **row} for at, row in enumerate(changed)]
        session.execute(insert(MergeChange), named)


def of_merge(session: Session, owner_id: int, merge_id: int) -> list[MergeChange]:
    """What a merge changed, the last change first."""
    query = select(MergeChange).where(MergeChange.merge_id == merge_id, MergeChange.owner_id == owner_id)
    return list(session.scalars(query.order_by(MergeChange.ordinal.desc())))


def take_back(
    session: Session,
    change: MergeChange,
    *,
    always: Sequence[str] = (),
    leave: Sequence[str] = (),
    added_by: Sequence[str] | None = None,
) -> bool:
    """Undo one change as far as nobody changed the row since; whether there was anything to undo.

    A column goes back to what it was if it is still as the merge left it; those of `always` in any case, those of
    `leave` never. A row that the merge added goes if it is still as it was added, as far as `added_by` looks at it.
    """
    now = _now(session, change)
    if now is None:
        return False
    if change.before is None:
        if any(now[name] != change.after[name] for name in added_by or change.after):
            return False
        session.execute(_sql("DELETE FROM {table} t WHERE {key}", change), _values(change))
        return True
    back = {
        name: value
        for name, value in change.before.items()
        if name not in leave and (name in always or (name in change.after and now[name] == change.after[name]))
    }
    if back:
        put(session, change, back)
    return bool(back)


def put(session: Session, change: MergeChange, back: Mapping[str, Any]) -> None:
    """Set columns of the row of a change, from JSON."""
    assigned = ", ".join(f'"{name}" = r."{name}"' for name in back)
    statement = _sql(
        "UPDATE {table} t SET " + assigned + " FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb)) r"
        " WHERE {key}",
        change,
    )
    session.execute(statement, {**_values(change), "row": json.dumps(dict(back))})


def put_whole(session: Session, table: str, row: Row) -> None:
    """Insert a row as it was, its generated id included, from JSON."""
    session.execute(
        text(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
            f" SELECT * FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
        ),
        {"row": json.dumps(row)},
    )


def _now(session: Session, change: MergeChange) -> Row | None:
    found: Row | None = session.scalar(
        _sql("SELECT to_jsonb(t) FROM {table} t WHERE {key} FOR UPDATE", change), _values(change)
    )
    return found


def _sql(pattern: str, change: MergeChange) -> Any:
    key = " AND ".join(f't."{name}" = k."{name}"' for name in change.row_key)
    picked = f"(SELECT 1 FROM jsonb_populate_record(NULL::{change.row_table}, CAST(:key AS jsonb)) k WHERE {key})"
    return text(pattern.format(table=change.row_table, key=f"t.owner_id = :owner_id AND EXISTS {picked}"))


def _values(change: MergeChange) -> dict[str, Any]:
    return {"owner_id": change.owner_id, "key": json.dumps(change.row_key)}
