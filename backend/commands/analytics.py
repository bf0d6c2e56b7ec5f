"""`analytics`: the numbers of the board."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from backend.commands import client, output

LISTED = 5


def analytics(
    refresh: Annotated[bool, typer.Option("--refresh", help="Have them counted anew by a worker, and go on.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Show how much is on the board, what failed, and how long work waits."""
    board = client.signed_in()
    if refresh:
        output.note(f"Counting anew: job {board.post('/analytics/refresh')['job_id']}")
    numbers = board.get("/analytics")
    if as_json:
        output.print_json(numbers)
        return
    totals = numbers["totals"]
    shown = {**totals, "bytes": output.human_bytes(totals["bytes"])}
    output.print_table(("what", "how much"), [(name.replace("_", " "), value) for name, value in shown.items()])
    for name in ("by_type", "by_cluster", "by_concept", "by_tag", "by_language", "by_source"):
        _section(name.replace("_", " "), ("documents", "name"), numbers[name][:LISTED])
    _section("failures", ("count", "code", "message"), numbers["failures"])
    _section("queues", ("queue", "jobs", "wait_p50", "wait_p95", "run_p50", "run_p95"), numbers["queues"])
    output.note(f"Counted {numbers['age_seconds']:.0f} s ago" + (", and changed since." if numbers["stale"] else "."))


def _section(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if rows:
        output.say(f"\n{title}" if output.out.is_terminal else title, "bold")
        output.print_table(columns, [[row[column] for column in columns] for row in rows])
