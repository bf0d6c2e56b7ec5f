"""`add`: send files to the board, streamed, each with an idempotency key so that a second try makes no second job."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from uuid import uuid4

import httpx
import typer

from backend.commands import client, exits, follow, output
from backend.commands.jobs import Timeout, Wait
from backend.commands.progress import Bytes, Jobs
from backend.domain import errors

TRIES = 6
TRIES_AT_A_FAULT = 2
"""A fault of the server is likely to come again; only an outage or a full queue is worth patience."""
UPLOAD_TIMEOUT = httpx.Timeout(120.0, connect=5.0)


@dataclass(frozen=True)
class Source:
    """A file to be sent, and the name it goes by."""

    path: Path
    name: str
    size: int


class Metered:
    """A file that tells how much of it was read. It has `fileno`, so httpx knows its length and streams it."""

    def __init__(self, file: BinaryIO, moved: Callable[[int], None]) -> None:
        self.file = file
        self.moved = moved
        self.sent = 0

    def fileno(self) -> int:
        return self.file.fileno()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sent += len(data)
        self.moved(len(data))
        return data


def add(
    things: Annotated[
        list[str], typer.Argument(metavar="FILE|DIR|-...", help="Files, folders, or - for standard input.")
    ],
    name: Annotated[str, typer.Option(help="The file name of what comes from standard input.")] = "stdin.txt",
    password: Annotated[
        str | None, typer.Option(help="Opens encrypted files.", envvar="SYNCBOARD_FILE_PASSWORD")
    ] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="Files sent at the same time.")] = 4,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: output.AsJson = False,
) -> None:
    """Add files to the board. With --wait, stay until each is read, understood and filed."""
    board = client.signed_in()
    with _standard_input(name if "-" in things else None) as piped:
        sources = list(_sources(things, piped))
        board.get("/users/me")
        with (
            Bytes(sum(source.size for source in sources), len(sources), quiet=as_json) as bar,
            ThreadPoolExecutor(parallel) as pool,
        ):
            records = list(
                pool.map(lambda source: _send(board, source, password, bar.moved, len(sources) == 1), sources)
            )
    if wait:
        names = {record["job_id"]: record["file"] for record in records if "job_id" in record}
        with Jobs(names, quiet=as_json) as seen:
            ended = follow.follow(board, list(names), seen, timeout)
        for record in records:
            if job := ended.get(record.get("job_id", "")):
                record.update({key: job[key] for key in ("state", "result", "error")})
    _report(records, as_json)
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
        yield Source(Path(file.name), name, file.tell())


def _sources(things: Sequence[str], piped: Source | None) -> Iterator[Source]:
    """The files that were named, folders walked in order. Raises InvalidInput before anything is sent."""
    for thing in things:
        path = Path(thing)
        if thing == "-" and piped is not None:
            yield piped
        elif thing.startswith(("http://", "https://")):
            raise errors.InvalidInput(
                f"{thing} is a link, and this version of SyncBoard takes files only.",
                code="unsupported_source",
                hint="Save the page as a file and add that.",
            )
        elif path.is_dir():
            found = [file for file in sorted(path.rglob("*")) if file.is_file() and not _hidden(file.relative_to(path))]
            if not found:
                raise errors.InvalidInput(f"The folder {thing} holds no files.", code="empty_folder")
            yield from (Source(file, file.name, file.stat().st_size) for file in found)
        elif path.is_file():
            yield Source(path, path.name, path.stat().st_size)
        else:
            raise errors.InvalidInput(f"There is no file or folder {thing}.", code="no_such_file")


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _send(
    board: client.Board, source: Source, password: str | None, moved: Callable[[int], None], alone: bool
) -> dict[str, Any]:
    """The server's answer for one file, or its refusal; the refusal is raised when it was the only file."""
    try:
        return {"file": str(source.name), **_upload(board, source, password, moved)}
    except errors.BoardError as error:
        if alone or error.code == "unreachable":
            raise
        return {"file": str(source.name), "error": error.as_json()}
    except OSError as error:
        unread = errors.InvalidInput(f"{source.path} cannot be read: {error.strerror}.", code="unreadable_file")
        if alone:
            raise unread from error
        return {"file": str(source.name), "error": unread.as_json()}


def _upload(board: client.Board, source: Source, password: str | None, moved: Callable[[int], None]) -> dict[str, Any]:
    """Send it, again with the same key after a lost connection or a full queue: it stays one job."""
    key = str(uuid4())
    for attempt in range(1, TRIES + 1):
        with source.path.open("rb") as file:
            metered = Metered(file, moved)
            try:
                answer = board.send(
                    "POST",
                    "/upload_file",
                    data={"password": password} if password else {},
                    files={"file": (source.name, metered)},
                    headers={"Idempotency-Key": key},
                    timeout=UPLOAD_TIMEOUT,
                )
            except errors.BoardError as error:
                patient = isinstance(error, errors.Unavailable | errors.TooMany)
                if not error.retryable or attempt >= (TRIES if patient else TRIES_AT_A_FAULT):
                    raise
                moved(-metered.sent)
                time.sleep(min(error.retry_after or 2 ** (attempt - 1), 60))
                continue
        accepted: dict[str, Any] = answer.json()
        return accepted
    raise AssertionError("the last try returns or raises")


def _report(records: list[dict[str, Any]], as_json: bool) -> None:
    refused = sum(1 for record in records if record.get("error"))
    if as_json:
        output.print_json({"items": records, "total": len(records), "failed": refused})
        return
    output.print_table(("job", "state", "file", "message"), [_row(record) for record in records])
    known = sum(1 for record in records if record.get("duplicate_of"))
    new = len(records) - known - sum(1 for record in records if "job_id" not in record)
    output.note(f"{new} added, {known} already there, {refused} failed")


def _row(record: dict[str, Any]) -> tuple[str, str, str, str]:
    state = record.get("state") or ("refused" if "job_id" not in record else "PENDING")
    result = record.get("result") or {}
    if error := record.get("error"):
        said = f"{error['message']} {error.get('hint') or ''}".strip()
    elif result:
        said = f"document {result.get('doc_id')} in cluster {result.get('cluster_name') or result.get('cluster_id')}"
    elif record.get("duplicate_of"):
        said = f"already there as document {record['duplicate_of']}"
    else:
        said = str(record.get("message") or "")
    return record.get("job_id", ""), state, record["file"], said
