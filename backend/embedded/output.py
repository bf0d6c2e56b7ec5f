"""What a person sees of `syncboard up`, and the log of every process in a file of its own."""

from __future__ import annotations

import logging
import os
import select
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 10 * 1024 * 1024
LOGS_KEPT = 3
ATOMIC = 4096  # a pipe that can take anything takes this much at once (PIPE_BUF)


class Output:
    """Lines to standard output, and lines of each process to `folder/<name>.log`, which never grows without end.

    Standard output may be closed, or a pipe that nobody reads: neither may stop the board, so a line that cannot be
    written at once is left out there. It is in the file.
    """

    def __init__(self, folder: Path, *, echo: bool) -> None:
        self.folder = folder
        self._echo = echo
        self._logs: dict[str, logging.Logger] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def say(self, sentence: str) -> None:
        """Tell the person; kept in `up.log` too."""
        self._log("up").info(sentence)
        self._print(sentence, patience=2)

    def line(self, name: str, line: str) -> None:
        """Keep a line that process `name` has written; show it, prefixed, when lines are shown."""
        self._log(name).info(line)
        if self._echo:
            self._print(f"{name:<20} | {line}", patience=0)

    def _log(self, name: str) -> logging.Logger:
        if name not in self._logs:
            handler = RotatingFileHandler(self.folder / f"{name}.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT)
            log = logging.Logger(name)  # noqa: LOG001 - apart from the tree: nobody configures it but us
            log.addHandler(handler)
            self._logs[name] = log
        return self._logs[name]

    def _print(self, line: str, *, patience: float) -> None:
        data = (line + "\n").encode(errors="replace")
        try:
            for start in range(0, len(data), ATOMIC):
                if not select.select([], [1], [], patience)[1]:
                    return
                os.write(1, data[start : start + ATOMIC])
        except (OSError, ValueError):
            self._echo = False  # the reader is gone
