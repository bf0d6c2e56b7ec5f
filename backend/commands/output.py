"""How answers reach the person: a table on a terminal, tab-separated lines in a pipe, JSON when asked for.

Results go to standard output, progress and errors to standard error. Colour follows the terminal and NO_COLOR.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from backend.domain.errors import BoardError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

COLOURS = {
    "SUCCESS": "green",
    "FAILURE": "red",
    "REVOKED": "dim",
    "PROCESSING": "cyan",
    "RETRY": "yellow",
    "PENDING": "",
    "ok": "green",
    "warning": "yellow",
    "problem": "red",
}


def clean(value: object) -> str:
    """One line of printable text: a file name must not be able to steer the terminal."""
    if value is None:
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows under headings on a terminal; in a pipe one line a row, fields apart by tabs, no headings."""
    if not out.is_terminal:
        for row in rows:
            sys.stdout.write("\t".join(clean(value) for value in row) + "\n")
        return
    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold" if column == "job" else "ellipsis", no_wrap=column != "message")
    for row in rows:
        table.add_row(*(Text(clean(value), style=COLOURS.get(str(value), "")) for value in row))
    out.print(table, soft_wrap=False)


def say(message: str, style: str = "") -> None:
    """A line on standard output."""
    out.print(Text(clean(message), style=style))


def note(message: str, style: str = "dim") -> None:
    """A line on standard error: progress, and advice."""
    err.print(Text(clean(message), style=style))


def refuse(error: BoardError, *, as_json: bool) -> None:
    """An error as one clear sentence, and what to do about it."""
    if as_json:
        sys.stderr.write(json.dumps({"error": error.as_json()}, ensure_ascii=False) + "\n")
        return
    err.print(Text.assemble(("Error: ", "bold red"), clean(error.message)))
    if error.hint:
        err.print(Text.assemble(("Hint:  ", "bold"), clean(error.hint)))


def human_bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - the step between decimal units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
