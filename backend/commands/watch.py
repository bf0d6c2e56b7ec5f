"""`watch`: sends what is put into a folder, once it is quiet, for as long as it runs."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import watchfiles

from backend.commands import client, output
from backend.commands.add import Password
from backend.commands.quiet import Keeper
from backend.commands.sending import Journey, Note
from backend.commands.watched import Memory
from backend.domain import errors

LOOK_MILLISECONDS = 500
SCAN_SECONDS = 300.0
"""Everything is looked at again so often: no file system promises to tell of every change."""


def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; what is in it already is sent, too.")],
    quiet: Annotated[float, typer.Option(min=0.1, help="Seconds a file must be left alone before it is sent.")] = 3.0,
    poll: Annotated[bool, typer.Option("--poll", help="Look again and again: for network shares.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Forget what was sent before.")] = False,
    password: Password = None,
    as_json: output.AsJson = False,
) -> None:
    """Send what is put into a folder, until Ctrl-C. What was sent once is not sent again; nothing is ever removed."""
    if not folder.is_dir():
        raise errors.InvalidInput(f"There is no folder {folder}.", code="no_such_file")
    board = client.signed_in()
    here = folder.resolve()
    with _until_told() as stopped, Memory(board.address, _account(board), here) as memory:
        if again:
            memory.forget()
        keeper = Keeper(board, here, Note(password), memory, Journey(stopped=stopped), quiet, as_json=as_json)
        output.note(f"Watching {here}; Ctrl-C ends it.")
        try:
            while not stopped.is_set():
                poll = _look(keeper, here, stopped, poll=poll)
        except KeyboardInterrupt:
            if not stopped.is_set():
                raise
        output.note("Stopped. What is under way goes on the next time.")


def _look(keeper: Keeper, folder: Path, stopped: threading.Event, *, poll: bool) -> bool:
    """Watch until told, or until the folder is another one (a share came or went). Whether to poll from here on."""
    try:
        before = _identity(folder)
        changes = watchfiles.watch(
            folder,
            watch_filter=None,
            stop_event=stopped,
            debounce=LOOK_MILLISECONDS,
            rust_timeout=LOOK_MILLISECONDS,
            yield_on_timeout=True,
            force_polling=poll,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        scanned = 0.0
        for changed in changes:
            if not scanned or time.monotonic() - scanned > SCAN_SECONDS:
                keeper.scan()
                scanned = time.monotonic()
            for _, name in changed:
                keeper.saw(Path(name))
            keeper.turn()
            if _identity(folder) != before:
                return poll
    except OSError as error:
        if folder.is_dir() and not poll:
            output.note(f"This folder cannot be watched ({error}): it is looked through again and again instead.")
            return True
        stopped.wait(5)
    return poll


def _identity(folder: Path) -> tuple[int, int]:
    known = folder.stat()
    return known.st_dev, known.st_ino


def _account(board: client.Board) -> str:
    """Whose memory it is. A key that may only upload does not say."""
    try:
        return str(board.get("/users/me")["id"])
    except errors.NotAllowed:
        return ""


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM; a second one does not wait for what is under way."""
    stopped = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = {sent: signal.signal(sent, tell) for sent in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for sent, handler in before.items():
            signal.signal(sent, handler)
