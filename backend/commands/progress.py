"""Progress for the person who waits: bars on a terminal, a line at each change where there is none."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from backend.commands import follow, output

SHOWN = 8
"""Jobs with a bar of their own; the others wait in line anyway."""


class Bytes:
    """Bytes on their way to the server: one bar for all files."""

    def __init__(self, total: int, files: int, *, quiet: bool) -> None:
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=output.err,
            transient=True,
            disable=quiet or not output.err.is_terminal,
        )
        noun = "file" if files == 1 else "files"
        self.task = self.bars.add_task(f"Sending {files} {noun}", total=total)

    def moved(self, size: int) -> None:
        """So many more bytes were sent; negative when a file starts over."""
        self.bars.advance(self.task, size)

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()


class Jobs:
    """Jobs on their way to their end. Call it with each status."""

    def __init__(self, names: dict[str, str], *, quiet: bool) -> None:
        self.names = names
        self.live = output.err.is_terminal and not quiet
        self.quiet = quiet
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=output.err,
            transient=True,
            disable=not self.live,
        )
        self.all = self.bars.add_task("Jobs", total=len(names))
        self.rows: dict[str, TaskID] = {}
        self.last: dict[str, tuple[str, str]] = {}

    def __call__(self, job: dict[str, Any]) -> None:
        job_id, meta = job["job_id"], job.get("meta") or {}
        now = (job["state"], str(meta.get("stage") or ""))
        changed = self.last.get(job_id) != now
        self.last[job_id] = now
        if self.live:
            self._draw(job)
        elif changed and not self.quiet and meta.get("waiting_reason") != "behind_others":
            where = f"{job['state']} {meta.get('percent') or 0:.0f} %"
            output.note(f"{self.names.get(job_id, job_id)}: {where} {follow.describe(job)}")

    def _draw(self, job: dict[str, Any]) -> None:
        job_id = job["job_id"]
        if job["state"] in follow.ENDED:
            if job_id in self.rows:
                self.bars.remove_task(self.rows.pop(job_id))
            self.bars.advance(self.all)
            return
        if job_id not in self.rows and (len(self.rows) >= SHOWN or job["state"] != "PROCESSING"):
            return
        name = escape(output.clean(self.names.get(job_id, job_id)))[:40]
        if job_id not in self.rows:
            self.rows[job_id] = self.bars.add_task(name, total=100)
        said = escape(output.clean(follow.describe(job)))
        percent = (job.get("meta") or {}).get("percent") or 0
        self.bars.update(self.rows[job_id], completed=percent, description=f"{name}  [dim]{said}[/dim]")

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()
