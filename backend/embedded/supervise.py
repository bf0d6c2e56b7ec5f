"""Keeps the programs of a board running: reads what they write, starts again what dies, stops all of it cleanly.

One thread and one loop, because the kernel ties a child to the thread that started it (`process.die_with_parent`).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from backend.domain.errors import BoardError
from backend.embedded import process
from backend.embedded.output import Output

BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
HEALTHY_SECONDS = 60.0


@dataclass(frozen=True)
class Program:
    """A process to keep running, and how it is asked to end: each signal with the seconds it is given."""

    name: str
    command: tuple[str, ...]
    stop: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 3.0))
    orphaned: signal.Signals = signal.SIGTERM
    needed: bool = True
    """Whether a board without it is no board."""


class Server(Protocol):
    """An embedded server; it knows itself how it is started."""

    def alive(self) -> bool: ...
    def start(self) -> str: ...
    def stop(self) -> None: ...


@dataclass
class _State:
    name: str
    start: Program | Server
    running: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float | None = 0.0
    failures: int = 0
    unfinished: dict[int, bytes] = field(default_factory=dict)


class Supervisor:
    """`turn` is one round of the loop; call it for as long as the board is to run, then `stop`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, output: Output) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._output = output
        self._states: dict[str, _State] = {}
        self._pipes = selectors.DefaultSelector()

    def watch(self, name: str, server: Server) -> None:
        """Start `server` again, in the same place, whenever it dies; it runs already."""
        self._states[name] = _State(name, server, started=time.monotonic(), due=None)

    def run(self, programs: Sequence[Program]) -> None:
        """Start these programs and keep them running."""
        for program in programs:
            self._states[program.name] = _State(program.name, program)
            self._start(self._states[program.name])

    def failures(self) -> dict[str, int]:
        """How often in a row each needed program has ended soon after its start."""
        failed = (state for state in self._states.values() if state.failures)
        return {s.name: s.failures for s in failed if not isinstance(s.start, Program) or s.start.needed}

    def turn(self, seconds: float = 0.25) -> None:
        """Read output for at most `seconds`, then see who died and who is due to be started again."""
        self._read(seconds)
        for state in self._states.values():
            if state.due is not None:
                if time.monotonic() >= state.due:
                    self._start(state)
            elif not self._alive(state):
                self._plan_restart(state)

    def stop(self) -> None:
        """End every program, all at the same time, each by its own steps; servers are left to who started them."""
        running = [(state, state.start) for state in self._states.values() if isinstance(state.start, Program)]
        waiting = {state.name: list(program.stop) for state, program in running if state.running is not None}
        deadlines = dict.fromkeys(waiting, 0.0)
        while waiting:
            for name, steps in list(waiting.items()):
                child = self._states[name].running
                if child is None or child.poll() is not None or (not steps and time.monotonic() > deadlines[name]):
                    del waiting[name]
                elif time.monotonic() > deadlines[name]:
                    sent, seconds = steps.pop(0)
                    deadlines[name] = time.monotonic() + seconds
                    _signal(child, sent, group=sent == signal.SIGKILL)
            self._read(0.05)
        self._read(0)
        self._states.clear()

    def _alive(self, state: _State) -> bool:
        if isinstance(state.start, Program):
            return state.running is not None and state.running.poll() is None
        return state.start.alive()

    def _plan_restart(self, state: _State) -> None:
        lived = time.monotonic() - state.started
        state.failures = 1 if lived > HEALTHY_SECONDS else state.failures + 1
        delay = BACK_OFF[min(state.failures, len(BACK_OFF)) - 1]
        state.due = time.monotonic() + delay
        if state.running is not None:
            _signal(state.running, signal.SIGKILL, group=True)
        how = "" if state.running is None else f" ({_manner(state.running.returncode)})"
        self._output.say(f"{state.name} has ended{how}; it is started again in {delay:g} s.")

    def _start(self, state: _State) -> None:
        state.due = None
        state.started = time.monotonic()
        if not isinstance(state.start, Program):
            try:
                state.start.start()
            except BoardError as error:
                self._output.say(error.message)
            return
        state.running = subprocess.Popen(
            state.start.command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for us; they are asked in their own way
            preexec_fn=process.die_with_parent(state.start.orphaned),  # noqa: PLW1509 - see die_with_parent
        )
        self._pipes.register(state.running.stdout, selectors.EVENT_READ, state)  # type: ignore[arg-type]

    def _read(self, seconds: float) -> None:
        for key, _ in self._pipes.select(seconds):
            state: _State = key.data
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            data = os.read(key.fd, 65536)
            *lines, rest = (state.unfinished.pop(key.fd, b"") + data).split(b"\n")
            if not data:
                self._pipes.unregister(pipe)
                pipe.close()
                lines = [rest] if rest else []
            elif rest:
                state.unfinished[key.fd] = rest
            for line in lines:
                self._output.line(state.name, line.decode(errors="replace").rstrip())


def _signal(child: subprocess.Popen[bytes], sent: signal.Signals, *, group: bool) -> None:
    """To the process, or to its whole group: it leads one, which may outlive it."""
    try:
        if group:
            os.killpg(child.pid, sent)
        else:
            child.send_signal(sent)
    except (ProcessLookupError, PermissionError):
        return


def _manner(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
