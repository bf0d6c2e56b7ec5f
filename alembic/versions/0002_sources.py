"""Every source: addresses, pages of scans, resumable uploads, batches that can be paused."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_name("0002_sources.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise RuntimeError("Documents without bytes of their own cannot be told before this: restore a backup instead.")
