"""Concepts that are one under several spellings."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from backend.domain import spellings

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 5_000


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0003_concepts.sql").read_text(encoding="utf-8"))
    _spell()


def _spell() -> None:
    """Give the concepts that are there the key under which their other spellings will find them."""
    connection = op.get_bind()
    connection.execute(sa.text("SELECT set_config('syncboard.principal', '*', true)"))
    last = 0
    while rows := connection.execute(
        sa.text("SELECT id, name FROM concepts WHERE id > :last ORDER BY id LIMIT :limit"),
        {"last": last, "limit": BATCH},
    ).all():
        last = rows[-1].id
        connection.execute(
            sa.text(
                """UPDATE concepts SET spelling = found.spelling
                   FROM unnest(CAST(:ids AS bigint[]), CAST(:spellings AS text[])) AS found (id, spelling)
                   WHERE concepts.id = found.id"""
            ),
            {"ids": [row.id for row in rows], "spellings": [spellings.spelling(row.name) for row in rows]},
        )


def downgrade() -> None:
    raise RuntimeError("What people and workers made since cannot be told before this: restore a backup instead.")
