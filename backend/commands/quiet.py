"""Which files of a watched folder are ready: those that nobody has written to for a while, and whose bytes are new."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backend.commands import client, output, sending, sources
from backend.commands.sending import Journey, Note
from backend.commands.watched import Memory, State
from backend.domain import errors

BLOCK = 1024 * 1024
FIRST_WAIT, LONGEST_WAIT = 5.0, 60.0
"""Seconds until it is tried again while the board is away or will not take more."""

LATER = {"quota_bytes", "upload_not_found"}
"""Refusals that may be over one day though nothing about the file changes."""


class Keeper:
    """Hears of files, waits until they are quiet, sends each once. Paths are below `folder`, which is resolved."""

    def __init__(
        self,
        board: client.Board,
        folder: Path,
        note: Note,
        memory: Memory,
        journey: Journey,
        seconds: float,
        *,
        as_json: bool,
    ) -> None:
        self.board, self.folder, self.note, self.memory, self.journey = board, folder, note, memory, journey
        self.seconds, self.as_json = seconds, as_json
        self.restless: dict[Path, tuple[State, float]] = {}
        self.held_until, self.wait = 0.0, FIRST_WAIT

    def scan(self) -> None:
        """Hear of everything there is."""
        self._hear(sources.walk(self.folder, lambda _path, _reason: None))

    def saw(self, path: Path) -> None:
        """Something happened to this one: a file, or a folder that may have come with files in it."""
        above = [parent for parent in path.parents if parent.is_relative_to(self.folder) and parent != self.folder]
        if path == self.folder or any(sources.unwanted(part) for part in (path, *above)):
            return
        self._hear(sources.walk(path, lambda _path, _reason: None) if path.is_dir() else [path])

    def _hear(self, paths: Iterable[Path]) -> None:
        for path in paths:
            state = _state(path)
            if state and state[0] and not self.memory.knows(path, state):
                known = self.restless.get(path)
                if known is None or known[0] != state:
                    self.restless[path] = state, time.monotonic()

    def turn(self) -> None:
        """Send what has been quiet for long enough. Raises NotAuthenticated, NotAllowed, KeyboardInterrupt."""
        for path, (state, since) in list(self.restless.items()):
            now = _state(path)
            if not now or not now[0]:
                del self.restless[path]
            elif now != state:
                self.restless[path] = now, time.monotonic()
            elif time.monotonic() - since >= self.seconds and time.monotonic() >= self.held_until:
                self._take(path, state)

    def _take(self, path: Path, state: State) -> None:
        shown = str(path.relative_to(self.folder))
        try:
            sha256 = self._digest(path)
            if self.memory.was_sent(sha256):
                answer = {"message": "These bytes were sent before."}
            else:
                answer = sending.send(self.board, sources.source(path, shown), self.note, self.journey)
        except (errors.NotAuthenticated, errors.NotAllowed):
            raise
        except errors.BoardError as error:
            self._refused(path, state, shown, error)
            return
        except OSError as error:
            self.restless[path] = state, time.monotonic()
            output.note(f"{shown} cannot be read yet: {error.strerror}.")
            return
        self.wait = FIRST_WAIT
        if _state(path) == state:
            self.memory.note(path, state, sha256)
            del self.restless[path]
        self._tell(shown, answer)

    def _refused(self, path: Path, state: State, shown: str, error: errors.BoardError) -> None:
        if error.retryable or error.code in LATER:
            self.restless[path] = self.restless.pop(path)  # behind the others: it may be its own fault
            self.held_until = time.monotonic() + (error.retry_after or self.wait)
            self.wait = min(2 * self.wait, LONGEST_WAIT)
            output.note(f"{shown} has to wait: {error.message}")
            return
        if _state(path) == state:
            self.memory.note(path, state)
            del self.restless[path]
            self._tell(shown, {"error": error.as_json()})

    def _digest(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                self.journey.count(0)
        return digest.hexdigest()

    def _tell(self, shown: str, answer: dict[str, Any]) -> None:
        if self.as_json:
            sys.stdout.write(json.dumps({"path": shown, **answer}, ensure_ascii=False) + "\n")
        else:
            error = answer.get("error")
            state = "refused" if error else "sent" if answer.get("job_id") else "known"
            said = error["message"] if error else answer["message"]
            sys.stdout.write("\t".join(map(output.clean, (answer.get("job_id") or "", state, shown, said))) + "\n")
        sys.stdout.flush()


def _state(path: Path) -> State | None:
    """None when it is no file any more."""
    try:
        known = path.lstat()
    except OSError:
        return None
    return known.st_size, known.st_mtime_ns
