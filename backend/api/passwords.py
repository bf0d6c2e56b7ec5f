"""Argon2id, a few at a time: each costs 64 MiB and a core, and strangers decide how many are asked for."""

from __future__ import annotations

import os
import threading

from pwdlib import PasswordHash

from backend.domain.errors import Unavailable

_hasher = PasswordHash.recommended()
_AT_ONCE = max(2, os.cpu_count() or 2)
_turns = threading.BoundedSemaphore(_AT_ONCE)
# whoever waits here holds a thread that every other route needs, too: only a few may, and not for long
_line = threading.BoundedSemaphore(_AT_ONCE + 14)
_PATIENCE_SECONDS = 15.0
_nobody: list[str] = []


def hash_of(password: str) -> str:
    """The hash to store. Raises Unavailable (`busy`)."""
    with _Turn():
        return _hasher.hash(password)


def check(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash where the stored one is out of date. Raises Unavailable (`busy`).

    `stored` None (no such user) costs the same work and is never right.
    """
    if stored is None and not _nobody:
        _nobody.append(hash_of(os.urandom(32).hex()))
    with _Turn():
        right, newer = _hasher.verify_and_update(password[:4096], stored or _nobody[0])
    return right and stored is not None, newer


class _Turn:
    def __enter__(self) -> None:
        if _line.acquire(blocking=False):
            if _turns.acquire(timeout=_PATIENCE_SECONDS):
                return
            _line.release()
        raise Unavailable("Too many people are signing in.", code="busy", hint="Try again.", retry_after=2)

    def __exit__(self, *error: object) -> None:
        _turns.release()
        _line.release()
