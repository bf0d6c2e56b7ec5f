"""The process that outlives a killed supervisor by seconds, and ends what that one could not.

    python -m backend.embedded.watch RUN

The kernel asks every child to end when the supervisor is killed, but not its children's children, and a worker that
has just lost its broker may not listen. This one waits for the end of its input, which the supervisor holds open.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import Self

from backend.embedded import process

RUN = "SYNCBOARD_RUN"
"""In the environment of every process of one run of a board: nothing of the next run is touched."""

GRACE_SECONDS = 4.0
FAREWELL = b"all is ended\n"


class Watch:
    """Has the processes of `run` ended should this process be killed within the `with` block."""

    def __init__(self, run: str, folder: str) -> None:
        self._command = [sys.executable, "-m", "backend.embedded.watch", run]
        self._folder = folder

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what kills our group is not for it
        )
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._process.communicate(FAREWELL, timeout=5)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self._process.kill()


def main(run: str) -> None:
    """Wait for the farewell; without one, end what is left of `run`."""
    if sys.stdin.buffer.read() != FAREWELL:
        time.sleep(GRACE_SECONDS)
        process.end(process.living_with(RUN, run), [(signal.SIGTERM, 1), (signal.SIGKILL, 3)])


if __name__ == "__main__":
    main(sys.argv[1])
