"""`jobs`, `status`, `cancel`, `retry`: looking at jobs and steering them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from backend.commands import client, exits, follow, output
from backend.commands.progress import Jobs

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The id of a job.")]
JobIds = Annotated[list[str] | None, typer.Argument(metavar="[JOB]...", help="Ids of jobs.")]
State = Annotated[
    str | None, typer.Option(help="PENDING, PROCESSING, RETRY, SUCCESS, FAILURE or REVOKED; several with commas.")
]
Kind = Annotated[str | None, typer.Option(help="A kind of job, such as process_file_upload.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it has ended; the exit code tells how.")]
Timeout = Annotated[float | None, typer.Option(min=0, help="Give up waiting after so many seconds.")]

ALL_OF = {"cancel": "waiting,running", "retry": "attention"}


def jobs(
    state: State = None,
    kind: Kind = None,
    queue: Annotated[str | None, typer.Option(help="uploads, analysis or low_priority.")] = None,
    query: Annotated[str | None, typer.Option("-q", "--query", help="Part of a file name or a job id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 25,
    as_json: output.AsJson = False,
) -> None:
    """List jobs, the newest first."""
    found = client.signed_in().items("/jobs", limit=limit, state=state, kind=kind, queue=queue, q=query)
    if as_json:
        output.print_json(found)
        return
    output.print_table(
        ("job", "state", "%", "queue", "file", "message"),
        [
            (
                job["job_id"],
                job["state"],
                f"{job['meta'].get('percent') or 0:.0f}",
                job["queue"],
                job.get("filename") or job["kind"],
                follow.describe(job),
            )
            for job in found["items"]
        ],
    )
    counts = found.get("counts") or {}
    if counts:
        output.note(", ".join(f"{number} {what}" for what, number in counts.items()))


def status(job: JobId, wait: Wait = False, timeout: Timeout = None, as_json: output.AsJson = False) -> None:
    """Show one job: where it is, what it waits for, what went wrong."""
    board = client.signed_in()
    found = board.get(f"/jobs/{job}/status")
    if wait and found["state"] not in follow.ENDED:
        with Jobs({job: job}, quiet=as_json) as seen:
            found = follow.follow(board, [job], seen, timeout)[job]
    if as_json:
        output.print_json(found)
    else:
        _show(found)
    if wait and found["state"] != "SUCCESS":
        raise typer.Exit(exits.NOT_ALL_WELL)


def cancel(
    jobs: JobIds = None,
    state: State = None,
    kind: Kind = None,
    everything: Annotated[bool, typer.Option("--all", help="Every job that has not ended.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Cancel jobs, by id or by what they have in common."""
    _steer("cancel", jobs, state, kind, everything, as_json)


def retry(
    jobs: JobIds = None,
    state: State = None,
    kind: Kind = None,
    everything: Annotated[bool, typer.Option("--all", help="Every job that failed and was not retried yet.")] = False,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: output.AsJson = False,
) -> None:
    """Try ended jobs again, each as a new job: what has ended never changes."""
    again = _steer("retry", jobs, state, kind, everything, as_json and not wait)
    if wait and again:
        with Jobs({job_id: job_id for job_id in again}, quiet=as_json) as seen:
            ended = follow.follow(client.signed_in(), again, seen, timeout)
        if as_json:
            output.print_json({"items": [ended[job_id] for job_id in again]})
        if any(job["state"] != "SUCCESS" for job in ended.values()):
            raise typer.Exit(exits.NOT_ALL_WELL)


def _steer(
    verb: str, jobs: Sequence[str] | None, state: str | None, kind: str | None, everything: bool, as_json: bool
) -> list[str]:
    """Cancel or retry, by ids or by filter; the ids that the answer names. Raises the refusal of a lone job."""
    if bool(jobs) == bool(state or kind or everything):
        raise typer.BadParameter("Name the jobs by id, or by --state, --kind or --all, not both.")
    board = client.signed_in()
    if jobs and len(jobs) == 1:
        one = board.post(f"/jobs/{jobs[0]}/{verb}")
        answer = {"done": [one["job_id"]], "refused": []}
    else:
        state = state or (ALL_OF[verb] if everything else None)
        chosen = {"ids": jobs, "state": state, "kind": kind}
        answer = board.post(f"/jobs/{verb}", {name: value for name, value in chosen.items() if value})
    if as_json:
        output.print_json(answer)
    else:
        word = {"cancel": "cancelled", "retry": "retried"}[verb]
        refused = [(_asked(refusal), _said(refusal)) for refusal in answer["refused"]]
        output.print_table(("job", "answer"), [*((job_id, word) for job_id in answer["done"]), *refused])
    if answer["refused"]:
        raise typer.Exit(exits.NOT_ALL_WELL)
    return [str(job_id) for job_id in answer["done"]]


def _asked(refusal: dict[str, Any]) -> str:
    return str(refusal.get("job_id") or "")


def _said(refusal: dict[str, Any]) -> str:
    return str((refusal.get("error") or refusal).get("message") or "refused")


def _show(job: dict[str, Any]) -> None:
    meta, result = job.get("meta") or {}, job.get("result") or {}
    output.say(
        f"{job['state']}  {meta.get('percent') or 0:.0f} %  {follow.describe(job)}",
        output.COLOURS.get(job["state"], ""),
    )
    facts = [
        ("job", job["job_id"]),
        ("kind", job["kind"]),
        ("queue", job["queue"]),
        ("stage", meta.get("stage")),
        ("attempt", f"{job.get('attempt')} of {job.get('max_attempts')}"),
        ("document", job.get("document_id")),
        ("cluster", result.get("cluster_name") or result.get("cluster_id")),
        ("concepts", ", ".join(str(concept) for concept in result.get("concepts") or [])),
        ("created", job.get("created_at")),
        ("finished", job.get("finished_at")),
    ]
    output.print_table(("", ""), [fact for fact in facts if fact[1] not in (None, "")])
    for warning in job.get("warnings") or []:
        output.note(f"warning: {warning.get('message') or warning}")
