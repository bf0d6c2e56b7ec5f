"""The exit codes of `syncboard`: stable, and written down in `docs/cli.md`."""

from __future__ import annotations

from backend.domain import errors

DONE = 0
NOT_ALL_WELL = 1
"""The command did what it could, but a job failed, a file was refused, or doctor found a problem."""
USAGE = 2
UNREACHABLE = 3
NOT_SIGNED_IN = 4
NOT_FOUND = 5
REFUSED = 6
SERVER_FAULT = 7
GAVE_UP_WAITING = 8
INTERRUPTED = 130


def of(error: errors.BoardError) -> int:
    """The exit code of a refusal."""
    if error.code == "unreachable":
        return UNREACHABLE
    if error.code == "gave_up_waiting":
        return GAVE_UP_WAITING
    by_class: tuple[tuple[type[errors.BoardError], int], ...] = (
        (errors.NotAuthenticated, NOT_SIGNED_IN),
        (errors.NotAllowed, NOT_SIGNED_IN),
        (errors.NotFound, NOT_FOUND),
        (errors.Unavailable, SERVER_FAULT),
        (errors.InvalidInput, REFUSED),
        (errors.Conflict, REFUSED),
        (errors.TooLarge, REFUSED),
        (errors.Unreadable, REFUSED),
        (errors.TooMany, REFUSED),
    )
    return next((code for kind, code in by_class if isinstance(error, kind)), SERVER_FAULT)
