"""What people add to documents: tags, notes, highlights; and searches they keep."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0007_marks.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("What people and workers made since cannot be told before this: restore a backup instead.")
