"""What may be forgotten, and when."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

FORGET = {
    "idempotency_keys": "DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days'",
    "login_failures": "DELETE FROM login_failures WHERE last_failed_at < now() - interval '7 days'",
    "tokens": "DELETE FROM tokens WHERE coalesce(revoked_at, expires_at) < now() - interval '30 days'",
    "fetch_hosts": "DELETE FROM fetch_hosts WHERE next_at < now() - interval '1 day'",
    "fetch_turns": "DELETE FROM fetch_turns USING jobs WHERE jobs.id = job_id AND finished_at IS NOT NULL",
    # counted by the clock up to once a minute: nobody looks at those of yesterday
    "countings": "DELETE FROM jobs WHERE kind = 'refresh_analytics' AND state = 'SUCCESS'"
    " AND finished_at < now() - interval '1 day'",
    # a merge that is undone, or that nobody may undo any more, needs no account of what it changed
    "merge_changes": """DELETE FROM merge_changes USING merges WHERE merges.id = merge_id
        AND (merges.undone_at IS NOT NULL OR merges.at < now() - interval '31 days')""",
    "invitations": "DELETE FROM invitations WHERE expires_at < now() - interval '90 days'",
    "cluster_changes": "DELETE FROM cluster_changes WHERE at < now() - interval '180 days'",
}


def forget(session: Session) -> dict[str, int]:
    """Delete what is past its time; how many rows of each table."""
    return {name: len(session.execute(text(sql + " RETURNING 1")).all()) for name, sql in FORGET.items()}
