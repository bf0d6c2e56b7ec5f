"""`monitor`: what the queues and workers do, in the three views of seed 004's `celery_monitor`."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer
from rich.console import Console

from backend.commands import client, follow, output

LIMIT = 100


def monitor(
    active: Annotated[bool, typer.Option("--active", help="Jobs being worked on now.")] = False,
    stats: Annotated[bool, typer.Option("--stats", help="Queues: alive, waiting, running, paused.")] = False,
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="Jobs waiting for their time to be tried again.")
    ] = False,
    watch: Annotated[float | None, typer.Option(min=0.5, help="Repeat every so many seconds, until Ctrl-C.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Show active jobs, queue statistics and scheduled retries; all three when none is named."""
    board = client.signed_in()
    wanted = {"active": active, "stats": stats, "scheduled": scheduled}
    if not any(wanted.values()):
        wanted = dict.fromkeys(wanted, True)
    while True:
        facts = {view: VIEWS[view](board) for view, shown in wanted.items() if shown}
        if as_json:
            output.print_json(facts)
        else:
            _draw(facts, clear=watch is not None, console=output.out)
        if watch is None:
            return
        time.sleep(watch)


def _active(board: client.Board) -> list[dict[str, Any]]:
    return list(board.items("/jobs", limit=LIMIT, state="PROCESSING")["items"])


def _scheduled(board: client.Board) -> list[dict[str, Any]]:
    waiting = board.items("/jobs", limit=LIMIT, state="RETRY,PENDING")["items"]
    return [job for job in waiting if job["state"] == "RETRY" or job["meta"].get("waiting_reason") == "backing_off"]


def _stats(board: client.Board) -> dict[str, Any]:
    return dict(board.get("/admin/queues"))


VIEWS = {"active": _active, "stats": _stats, "scheduled": _scheduled}


def _draw(facts: dict[str, Any], *, clear: bool, console: Console) -> None:
    if clear and console.is_terminal:
        console.clear()
    if "stats" in facts:
        output.say("Queues", "bold")
        columns = ("queue", "alive", "waiting", "running", "paused", "last canary")
        output.print_table(columns, [_queue(queue) for queue in facts["stats"]["items"]])
    for view, title in (("active", "Active jobs"), ("scheduled", "Scheduled retries")):
        if view in facts:
            output.say(f"{title}: {len(facts[view])}", "bold")
            rows = [
                (job["job_id"], job["state"], job.get("filename") or job["kind"], follow.describe(job))
                for job in facts[view]
            ]
            output.print_table(("job", "state", "file", "message"), rows)


def _queue(queue: dict[str, Any]) -> tuple[object, ...]:
    canary = queue.get("last_canary_seconds")
    return (
        queue["name"],
        "yes" if queue["alive"] else "no",
        queue["waiting"],
        queue["running"],
        "yes" if queue["paused"] else "no",
        f"{canary:.0f} s ago" if canary is not None else "never",
    )
