"""How a run in the sandbox ended, as a value or as an error a person understands."""

from __future__ import annotations

import json
import logging
import os
import signal
from typing import Any

from backend.domain.errors import Unavailable, Unreadable
from backend.providers.child import EXIT_OUT_OF_MEMORY

_log = logging.getLogger(__name__)

_MEMORY_WORDS = ("memory allocation of", "out of memory", "bad_alloc", "Cannot allocate memory", "MemoryError")
_NEAR_LIMIT = 0.6
"""RLIMIT_AS counts reserved address space; a parser that dies with this share of it resident ran out of memory."""


def value(data: bytes, ended: dict[str, Any], memory_bytes: int) -> dict[str, Any]:
    """What the target returned. Raises Unreadable for what it raised, or for how the child died."""
    status, stderr = ended["status"], ended["stderr"]
    if ended["stopped"]:
        raise _stopped(ended["stopped"])
    if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) != 0:
        raise _death(status, stderr, ended["max_rss"] > _NEAR_LIMIT * memory_bytes)
    outcome = json.loads(data)
    if "value" in outcome:
        result: dict[str, Any] = outcome["value"]
        return result
    if "error" in outcome:
        error = outcome["error"]
        raise Unreadable(error["message"], code=error["code"], hint=error["hint"], retryable=error["retryable"])
    _log.error("The reader raised %s at %s", outcome["unexpected"], " < ".join(reversed(outcome["where"])))
    raise crashed()


def _stopped(objection: str) -> Unreadable:
    known = {"too_large": too_large, "out_of_memory": out_of_memory}
    return known.get(objection, crashed)()


def _death(status: int, stderr: str, memory_was_full: bool) -> Unreadable:
    killer = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    if killer == signal.SIGXCPU:
        return timed_out(None)
    ran_out = memory_was_full or any(words in stderr for words in _MEMORY_WORDS)
    # Nobody here sends SIGKILL without having decided to stop: it is the kernel's answer to a full machine.
    if os.WEXITSTATUS(status) == EXIT_OUT_OF_MEMORY or killer == signal.SIGKILL or ran_out:
        return out_of_memory()
    _log.warning("The reader died of %s", signal.Signals(killer).name if killer else f"exit {os.WEXITSTATUS(status)}")
    return crashed()


def crashed() -> Unreadable:
    return Unreadable(
        "The program that reads this kind of file crashed on it.",
        code="crashed",
        hint="The file may be damaged. Open it in the program it comes from, save it again, and add that copy.",
    )


def zygote_gone() -> Unavailable:
    return Unavailable(
        "The reading process was stopped from outside, twice.",
        code="reader_unavailable",
        hint="The server may be out of memory; the job is tried again.",
    )


def out_of_memory() -> Unreadable:
    return Unreadable(
        "Reading this file needs more memory than one file may use.",
        code="out_of_memory",
        hint="Split the file into smaller ones, or raise EXTRACT_MEMORY_BYTES on the server.",
    )


def timed_out(seconds: float | None) -> Unreadable:
    limit = f"the {seconds:g} seconds" if seconds else "the time"
    return Unreadable(
        f"Reading this file took longer than {limit} one file may take.",
        code="timed_out",
        hint="Split the file into smaller ones, or raise EXTRACT_TIMEOUT_SECONDS on the server.",
    )


def too_large() -> Unreadable:
    return Unreadable(
        "The text of this file is too long to keep.", code="too_large", hint="Split the file into smaller ones."
    )


def cancelled() -> Unreadable:
    return Unreadable("Reading was stopped.", code="cancelled")
