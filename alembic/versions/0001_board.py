"""The first board: accounts, documents, passages, concepts, clusters and the job engine."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0001_board.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("The first migration has no way back: drop the database instead.")
