"""What stands in for a parser in the tests of the sandbox: each misbehaves in its own way."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.domain.errors import Unreadable


def parse(do: str, **more: Any) -> dict[str, Any]:
    """Leave a mark in the scratch folder, then do what the test asks for."""
    Path("at-work").touch()
    return _DEEDS[do](**more)


def _echo(**more: Any) -> dict[str, Any]:
    return more


def _long(size: int) -> dict[str, Any]:
    return {"text": "x" * size}


def _refuse() -> dict[str, Any]:
    raise Unreadable("It has a lock.", code="encrypted", hint="Open it.")


def _bug() -> dict[str, Any]:
    raise KeyError("secret words of the document")


def _loop() -> dict[str, Any]:
    while True:
        pass


def _sleep(seconds: float = 600) -> dict[str, Any]:
    time.sleep(seconds)
    return {}


def _stick_once(mark: str) -> dict[str, Any]:
    """Sleep while there is nothing in the file `mark`."""
    if not Path(mark).read_text():
        time.sleep(600)
    return {"again": True}


def _eat() -> dict[str, Any]:
    return {"size": len(bytearray(8 * 1024**3))}


def _eat_like_rust() -> dict[str, Any]:
    os.write(2, b"memory allocation of 8589934592 bytes failed\n")
    os.abort()


def _segfault() -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def _stray(own_session: bool) -> dict[str, Any]:
    """Leave a process running that nobody waits for."""
    if os.fork() == 0:
        if own_session:
            os.setsid()
        if os.fork() == 0:
            Path("stray").touch()
            time.sleep(600)
        os._exit(0)
    while not Path("stray").exists():
        time.sleep(0.01)
    return {}


def _surroundings() -> dict[str, Any]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    open_files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if _is_open(link.name)]
    return {
        "environment": dict(os.environ),
        "open_files": open_files,
        "no_new_privs": status["NoNewPrivs"].strip(),
        "leads_its_session": os.getsid(0) == os.getpid(),
        "folder": str(Path.cwd()),
        "stdin": sys.stdin.read() if sys.stdin else "",
    }


def _is_open(name: str) -> bool:
    try:
        return os.fstat(int(name)) is not None
    except OSError:
        return False


def _write(size: int) -> dict[str, Any]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Path("left-behind").open("wb") as file:
        written = 0
        try:
            while written < size:
                written += file.write(b"\0" * 1024 * 1024)
                file.flush()
        except OSError:
            return {"stopped": True, "folder": str(Path.cwd())}
    return {"stopped": False, "folder": str(Path.cwd())}


def _read_files(**files: str) -> dict[str, Any]:
    """What each file says, here and to a program; and where it thinks it is."""
    said = {name: Path(path).read_text() for name, path in files.items()}
    return {"here": said, "sizes": {name: Path(path).stat().st_size for name, path in files.items()}}


def _hand_out(out: str, what: str) -> dict[str, Any]:
    folder = Path(out)
    (folder / "page-1.png").write_bytes(b"one")
    _MADE[what](folder)
    return {"made": sorted(path.name for path in folder.iterdir())}


_MADE: dict[str, Callable[[Path], object]] = {
    "files": lambda out: (out / "page-2.png").write_bytes(b"two"),
    "a link": lambda out: (out / "link").symlink_to("/etc/passwd"),
    "a second name": lambda out: (out / "again").hardlink_to(out / "page-1.png"),
    "a folder": lambda out: (out / "folder").mkdir(),
    "a pipe": lambda out: os.mkfifo(out / "pipe"),
    "a strange name": lambda out: (out / "..%0a\n").touch(),
    "a hidden name": lambda out: (out / ".hidden").touch(),
    "too many": lambda out: [(out / f"{number}").touch() for number in range(50)],
    "too much": lambda out: (out / "big").open("wb").truncate(1024**2),
    "a link instead": lambda out: (out / "page-1.png").unlink() or out.rmdir() or out.symlink_to("/etc"),
    "nothing of use": lambda _out: os.kill(os.getpid(), signal.SIGKILL),
}

_DEEDS = {
    "echo": _echo,
    "long": _long,
    "refuse": _refuse,
    "bug": _bug,
    "loop": _loop,
    "sleep": _sleep,
    "stick once": _stick_once,
    "eat": _eat,
    "eat like rust": _eat_like_rust,
    "segfault": _segfault,
    "stray": _stray,
    "surroundings": _surroundings,
    "write": _write,
    "read files": _read_files,
    "hand out": _hand_out,
}
