"""How closed a sandbox can be on this machine, from the strongest level to the weakest."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.providers.confine import bubblewrap, landlock, namespaces, view

_log = logging.getLogger(__name__)

BUBBLEWRAP, NAMESPACES, LANDLOCK, LIMITS = "bubblewrap", "namespaces", "landlock", "limits"
LEVELS = (BUBBLEWRAP, NAMESPACES, LANDLOCK, LIMITS)
"""Each has what those after it have, as far as the kernel offers it; docs/security.md says what each means."""
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Best:
    """The strongest level that works here, and why each stronger one does not."""

    level: str
    why_not: dict[str, str]


@lru_cache(maxsize=1)
def best() -> Best:
    """Tried once per process, in a process of its own: about 50 ms."""
    why_not: dict[str, str] = {}
    for level in LEVELS:
        reason = refusal(level)
        if not reason:
            break
        why_not[level] = reason
    _log.info("Files are read at the level %s", level)
    return Best(level, why_not)


def refusal(level: str) -> str:
    """Why it does not work on this machine; "" when it does. Tries it."""
    if level == LIMITS:
        return ""
    if sys.platform != "linux":
        return "It is made for Linux."
    if level == LANDLOCK:
        return "" if landlock.abi() else "The kernel does not offer it."
    with tempfile.TemporaryDirectory(prefix="syncboard-level-") as folder:
        seen = view.of(view.__name__, (), Path(folder).resolve())
        nothing = [view.python(), "-I", "-S", "-c", ""]
        command = [*bubblewrap.command(seen), *nothing] if level == BUBBLEWRAP else [sys.executable, "-m", __name__]
        try:
            tried = subprocess.run(  # noqa: S603 - our own words, but for the place of bwrap on the PATH
                command,
                env={"PYTHONPATH": view.import_path(), "TMPDIR": folder},
                cwd=folder,
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"It could not be started: {type(error).__name__}."
    if tried.returncode == 0:
        return ""
    return (tried.stderr.decode(errors="replace").strip().splitlines() or [f"It ended with {tried.returncode}."])[-1]


if __name__ == "__main__":
    namespaces.enter(view.of(view.__name__, (), Path.cwd()))
