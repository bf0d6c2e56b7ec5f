"""Waiting for jobs: asks the server until each has ended, and survives its restarts meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from backend.commands.client import Board
from backend.domain import errors

ENDED = frozenset({"SUCCESS", "FAILURE", "REVOKED"})
ROUND = 24
"""Jobs asked about in one round. Jobs end roughly in the order they were added, so the first of them matter most."""
PAUSE_SECONDS = 0.5
LONG_POLL_SECONDS = 20
OUTAGE_SECONDS = 120.0

Seen = Callable[[dict[str, Any]], None]

REASONS = {
    "behind_others": "waiting behind others",
    "no_worker": "waiting: no worker reads this queue",
    "backing_off": "waiting to try again",
    "broker_unreachable": "waiting: the broker cannot be reached",
    "paused": "waiting: the queue is paused",
}


def describe(job: dict[str, Any]) -> str:
    """What a job is doing, in a sentence."""
    meta = job.get("meta") or {}
    if job["state"] in {"PENDING", "RETRY"}:
        reason = REASONS.get(meta.get("waiting_reason") or "", "waiting")
        position = meta.get("position")
        return f"{reason} (number {position} in line)" if position else reason
    if job["state"] == "FAILURE":
        error = job.get("error") or {}
        return " ".join(part for part in (error.get("message"), error.get("hint")) if part)
    said = str(meta.get("message") or "")
    units, eta = meta.get("units") or {}, meta.get("eta_seconds") or {}
    if units.get("total"):
        said += f" {units['kind']} {units['done']} of {units['total']}"
    if eta.get("p50") is not None and job["state"] == "PROCESSING":
        said += f" (about {eta['p50']:.0f} s left)"
    return said


def follow(board: Board, job_ids: Sequence[str], seen: Seen, timeout: float | None = None) -> dict[str, dict[str, Any]]:
    """The last status of each job, once all have ended; `seen` hears every status on the way.

    Raises Unavailable with code `gave_up_waiting` after `timeout` seconds, and the server's own refusals.
    """
    deadline = time.monotonic() + timeout if timeout is not None else None
    waiting, ended = list(dict.fromkeys(job_ids)), {}
    tags: dict[str, str] = {}
    turn = 0
    while waiting:
        half = ROUND // 2
        batch = waiting[:half] + [
            waiting[half:][(turn + i) % len(waiting[half:])] for i in range(min(half, len(waiting) - half))
        ]
        turn += half
        for job_id in dict.fromkeys(batch):
            status = _ask(board, job_id, tags, _long_poll(deadline) if len(waiting) == 1 else 0)
            if status is None:
                continue
            seen(status)
            if status["state"] in ENDED:
                ended[job_id] = status
                waiting.remove(job_id)
        if waiting and deadline is not None and time.monotonic() >= deadline:
            raise errors.Unavailable(
                f"{len(waiting)} of {len(job_ids)} jobs had not ended after {timeout:g} seconds.",
                code="gave_up_waiting",
                hint="They go on without this command; `syncboard jobs` shows them.",
            )
        if waiting:
            time.sleep(PAUSE_SECONDS)
    return ended


def _long_poll(deadline: float | None) -> int:
    if deadline is None:
        return LONG_POLL_SECONDS
    return max(0, min(LONG_POLL_SECONDS, int(deadline - time.monotonic())))


def _ask(board: Board, job_id: str, tags: dict[str, str], wait: int) -> dict[str, Any] | None:
    """The job's status, or None when nothing has changed. Rides out an outage of the server of up to two minutes."""
    give_up = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            answer = board.send(
                "GET",
                f"/jobs/{job_id}/status",
                params={"wait": wait} if wait else {},
                headers={"If-None-Match": tags[job_id]} if job_id in tags else {},
            )
        except (errors.Unavailable, errors.TooMany) as error:
            if time.monotonic() > give_up:
                raise
            time.sleep(error.retry_after or 1.0)
            continue
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        if tag := answer.headers.get("ETag"):
            tags[job_id] = tag
        status: dict[str, Any] = answer.json()
        return status
