"""The states of a job, and the moves between them; `docs/jobs.md` draws them."""

from __future__ import annotations

PENDING, PROCESSING, RETRY = "PENDING", "PROCESSING", "RETRY"
SUCCESS, FAILURE, REVOKED = "SUCCESS", "FAILURE", "REVOKED"

OPEN = (PENDING, PROCESSING, RETRY)
FINISHED = (SUCCESS, FAILURE, REVOKED)

MOVES: dict[str, tuple[str, ...]] = {
    PENDING: (PROCESSING, REVOKED),
    PROCESSING: (SUCCESS, FAILURE, REVOKED, RETRY, PENDING),  # PENDING: the next step waits, or the lease ran out
    RETRY: (PROCESSING, REVOKED),
    SUCCESS: (),
    FAILURE: (),
    REVOKED: (),
}

RETRY_SECONDS = (5.0, 15.0, 60.0, 300.0)
"""How long a job waits after its n-th failed try; the last value repeats."""


def retry_delay(attempt: int) -> float:
    """Seconds to wait after try number `attempt` (from 1)."""
    return RETRY_SECONDS[min(max(attempt, 1), len(RETRY_SECONDS)) - 1]
