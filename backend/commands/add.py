"""`add`: sends files, folders and addresses to the board, and follows what becomes of them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.commands import client, exits, follow, links, output, sending, sources
from backend.commands.jobs import Timeout, Wait
from backend.commands.progress import Bytes, Jobs
from backend.commands.sending import Journey, Note
from backend.commands.sources import Found, Source
from backend.domain import errors
from backend.domain.members import counted

Password = Annotated[str | None, typer.Option(help="Opens encrypted files.", envvar="SYNCBOARD_FILE_PASSWORD")]
REASONS = {
    sources.HIDDEN: "hidden",
    sources.JUNK: "system or unfinished files",
    sources.LINK: "symbolic links",
    sources.EMPTY: "empty",
    sources.SPECIAL: "no ordinary files",
    sources.UNREADABLE: "could not be opened",
}


def add(
    things: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|DIR|URL|-]...", help="Files, folders, links, - for stdin.")
    ] = None,
    urls: Annotated[str | None, typer.Option("--urls", metavar="FILE", help="A file of links, one a line.")] = None,
    name: Annotated[str, typer.Option(help="The file name of what comes from standard input.")] = "stdin.txt",
    password: Password = None,
    description: Annotated[
        str | None, typer.Option(help="What is to be seen; kept with files, images above all.")
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Files sent at the same time.")] = 4,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: output.AsJson = False,
) -> None:
    """Add files, folders and links to the board. With --wait, stay until each is read, understood and filed."""
    given = things or []
    if not given and urls is None:
        raise typer.BadParameter("Name at least one file, folder or link.")
    if "-" in given and urls == "-":
        raise typer.BadParameter("Standard input can be a file or a list of links, not both.")
    board = client.signed_in()
    with _standard_input(name if "-" in given else None) as piped:
        found = sources.find(given, piped)
        found.urls += links.listed(urls) if urls else []
        records = _send_all(board, found, Note(password, description), parallel, quiet=as_json)
    if wait:
        _follow(board, records, timeout, quiet=as_json)
    _report(records, found, as_json)
    if any(record.get("error") or record.get("state", "SUCCESS") != "SUCCESS" for record in records):
        raise typer.Exit(exits.NOT_ALL_WELL)


@contextmanager
def _standard_input(name: str | None) -> Iterator[Source | None]:
    """Standard input as a file: it can be sent again after a lost connection, and its length is known."""
    if name is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(prefix="syncboard-") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Source(Path(file.name), name, file.tell(), name)


def _send_all(board: client.Board, found: Found, note: Note, parallel: int, *, quiet: bool) -> list[dict[str, Any]]:
    """A record for each thing. What was the only one has its refusal raised."""
    alone = len(found.files) + len(found.urls) == 1
    records: list[dict[str, Any]] = []
    if alone and found.urls:
        records = [links.send_one(board, found.urls[0])]
    elif found.urls:
        records = links.send(board, found.urls)
    return [*_send_files(board, found.files, note, parallel, alone=alone, quiet=quiet), *records]


def _send_files(
    board: client.Board, files: Sequence[Source], note: Note, parallel: int, *, alone: bool, quiet: bool
) -> list[dict[str, Any]]:
    if not files:
        return []
    with Bytes(sum(file.size for file in files), len(files), quiet=quiet) as bar:
        journey, pool = Journey(bar.moved), ThreadPoolExecutor(parallel)
        try:
            return list(pool.map(lambda file: _send(board, file, note, journey, alone=alone), files))
        finally:
            # after an error or Ctrl-C nothing is begun any more, and what is under way breaks off
            journey.stopped.set()
            pool.shutdown(cancel_futures=True)


def _send(board: client.Board, file: Source, note: Note, journey: Journey, *, alone: bool) -> dict[str, Any]:
    """The server's answer for one file, or its refusal; one that all others would meet as well is raised."""
    named = {"file": file.name, "path": file.shown}
    try:
        return {**named, **sending.send(board, file, note, journey)}
    except errors.BoardError as error:
        shared = isinstance(error, errors.NotAuthenticated | errors.NotAllowed) or error.code == "unreachable"
        if alone or shared:
            raise
        return {**named, "error": error.as_json()}
    except OSError as error:
        unread = errors.InvalidInput(f"{file.shown} cannot be read: {error.strerror}.", code="unreadable_file")
        if alone:
            raise unread from error
        return {**named, "error": unread.as_json()}


def _follow(board: client.Board, records: list[dict[str, Any]], timeout: float | None, *, quiet: bool) -> None:
    names = {record["job_id"]: _named(record) for record in records if record.get("job_id")}
    with Jobs(names, quiet=quiet) as seen:
        ended = follow.follow(board, list(names), seen, timeout)
    for record in records:
        if job := ended.get(record.get("job_id") or ""):
            record.update({key: job[key] for key in ("state", "result", "error")})


def _report(records: list[dict[str, Any]], found: Found, as_json: bool) -> None:
    counts = Counter(_became(record) for record in records)
    if as_json:
        skipped = [{"path": path, "reason": reason} for path, reason in found.left_out]
        told = {name: counts[name] for name in ("new", "already_here", "failed")}
        output.print_json({"items": records, "total": len(records), **told, "skipped": skipped})
        return
    output.print_table(("job", "state", "file", "message"), [_row(record) for record in records])
    output.note(f"{counts['new']} added, {counts['already_here']} already there, {counts['failed']} failed")
    errors_by_code = Counter(record["error"]["code"] for record in records if record.get("error"))
    if len(records) > 1 and errors_by_code:
        output.note("Failed: " + ", ".join(f"{number} {code}" for code, number in errors_by_code.most_common()))
    if found.left_out:
        reasons = Counter(REASONS[reason] for _, reason in found.left_out)
        told_reasons = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common())
        output.note(f"Left out of folders: {counted(len(found.left_out), 'thing')} ({told_reasons})")


def _became(record: dict[str, Any]) -> str:
    if record.get("error"):
        return "failed"
    return "already_here" if record.get("duplicate_of") else "new"


def _named(record: dict[str, Any]) -> str:
    return str(record.get("path") or record.get("url"))


def _row(record: dict[str, Any]) -> tuple[str, str, str, str]:
    state = record.get("state") or ("PENDING" if record.get("job_id") else "refused")
    result = record.get("result") or {}
    if error := record.get("error"):
        said = f"{error['message']} {error.get('hint') or ''}".strip()
    elif result:
        said = f"document {result.get('doc_id')} in cluster {result.get('cluster_name') or result.get('cluster_id')}"
    elif record.get("duplicate_of"):
        said = f"already there as document {record['duplicate_of']}"
    else:
        said = str(record.get("message") or "")
    return record.get("job_id") or "", state, _named(record), said
