"""Waiting for jobs: asks the server until each has ended, and survives its restarts meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from backend.commands.client import Board
from backend.domain import errors

ENDED = frozenset({"SUCCESS", "FAILURE", "REVOKED"})
ROUND = 100
"""Jobs asked about in one request. They end roughly in the order they were added, so the first of them matter most."""
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
    waiting: list[str] = list(dict.fromkeys(job_ids))
    ended: dict[str, dict[str, Any]] = {}
    tag, turn = "", 0
    while waiting:
        if len(waiting) == 1:
            tag, heard = _one(board, waiting[0], tag, _long_poll(deadline))
        else:
            heard = _many(board, _batch(waiting, turn))
            turn += 1
        for status in heard:
            seen(status)
            if status["state"] in ENDED and status["job_id"] in waiting:
                ended[status["job_id"]] = status
                waiting.remove(status["job_id"])
        if waiting and deadline is not None and time.monotonic() >= deadline:
            raise errors.Unavailable(
                f"{len(waiting)} of {len(ended) + len(waiting)} jobs had not ended after {timeout:g} seconds.",
                code="gave_up_waiting",
                hint="They go on without this command; `syncboard jobs` shows them.",
            )
        if waiting:
            time.sleep(PAUSE_SECONDS)
    return ended


def _batch(waiting: Sequence[str], turn: int) -> Sequence[str]:
    """The first half of a round from the front of the line, the other half from further back, another each time."""
    half = ROUND // 2
    rest = waiting[half:]
    start = turn * half % max(len(rest), 1)
    return [*waiting[:half], *rest[start : start + half]]


def _long_poll(deadline: float | None) -> int:
    if deadline is None:
        return LONG_POLL_SECONDS
    return max(0, min(LONG_POLL_SECONDS, int(deadline - time.monotonic())))


def _one(board: Board, job_id: str, tag: str, wait: int) -> tuple[str, list[dict[str, Any]]]:
    """Its tag and its status, or no status when nothing has changed since `tag`."""
    headers = {"If-None-Match": tag} if tag else {}
    answer = _patiently(board, f"/jobs/{job_id}/status", {"wait": wait}, headers)
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return tag, []
    return answer.headers.get("ETag", ""), [answer.json()]


def _many(board: Board, job_ids: Sequence[str]) -> list[dict[str, Any]]:
    answer = _patiently(board, "/jobs", {"ids": ",".join(job_ids), "limit": len(job_ids)}, {})
    return list(answer.json()["items"])


def _patiently(board: Board, path: str, params: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
    """An answer, riding out two minutes in which the server restarts or asks for less."""
    give_up = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return board.send("GET", path, params=params, headers=headers)
        except (errors.Unavailable, errors.TooMany) as error:
            if time.monotonic() > give_up:
                raise
            time.sleep(error.retry_after or 1.0)
