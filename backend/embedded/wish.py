"""How a running board learns that it is to end."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any, Self


class Wish:
    """The wish to end: Ctrl-C, SIGTERM, SIGHUP. A SIGHUP that `nohup` has silenced stays silent.

    The handler only notes it down, and the loops look: an exception raised from a handler is lost when it happens to
    arrive inside a destructor.
    """

    def __init__(self) -> None:
        self.told = False
        self._before: dict[signal.Signals, Any] = {}

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.told = True

    def __enter__(self) -> Self:
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if sent is not signal.SIGHUP or signal.getsignal(sent) is not signal.SIG_IGN:
                self._before[sent] = signal.signal(sent, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for sent, handler in self._before.items():
            signal.signal(sent, handler)
