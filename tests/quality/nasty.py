"""Whether the board survives files that were made, or broken, to harm what reads them."""

from __future__ import annotations

import gzip
import secrets
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from backend.settings import Settings
from tests.board import Board
from tests.quality import baits
from tests.quality.measure import Measure
from tests.quality.running import Ended, added, running, texts

_AT_ONCE = 2
_LONGEST_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_BASE_BYTES = 1024**3
"""What a process takes before it opens a file, with room for the models of a reader."""
_HARM = {"crashed", "timed_out", "out_of_memory", "worker_died", "internal", "reader_unavailable"}


@dataclass
class Watch:
    """The size of the largest process of the board, and what was at hand when it was."""

    at_hand: set[str] = field(default_factory=set)
    largest: int = 0
    too_large: set[str] = field(default_factory=set)


def measure(corpus: Path) -> list[Measure]:
    """Add every file, and baits made here that name a canary, to a running board."""
    allowed = _BASE_BYTES + Settings.model_fields["extract_memory_bytes"].default
    with tempfile.TemporaryDirectory() as folder, running() as board, _listener() as (port, called):
        token = secrets.token_hex(16)
        secret = board.folder / "canary.txt"
        secret.write_text(token)
        paths = _paths(corpus / "nasty", Path(folder), secret, port)
        before = _workers(board)
        with _watching(board, allowed) as watch:
            ended = _run(board, paths, watch)
        leaks = [name for name, one in ended.items() if one.document_id and _tells(board, one.document_id, token)]
        alive = _workers(board) == before and _reads(board)
        whole = secret.read_text() == token
    lost = {name: one.code for name, one in ended.items() if one.code in _HARM or one.seconds > _LONGEST_SECONDS}
    lost |= dict.fromkeys(watch.too_large, "memory") | dict.fromkeys(leaks, "leak")
    sound = alive and whole and not called()
    return [
        Measure(
            name="nasty_survived",
            value=(len(ended) - len(lost)) / len(ended) if sound else 0.0,
            yardstick=None,
            reach="1: no crash, nothing over 60 s, memory under the limit, no leak of the canary, the workers alive",
            data={
                "files": len(ended),
                "baits": len(baits.made(secret, port)),
                "lost": lost,
                "codes": dict(Counter(one.code for one in ended.values())),
                "longest_seconds": max(one.seconds for one in ended.values()),
                "largest_process_bytes": watch.largest,
                "allowed_bytes": allowed,
                "canary_called": called(),
                "canary_whole": whole,
                "workers_alive": alive,
            },
        )
    ]


def _paths(nasty: Path, folder: Path, secret: Path, port: int) -> dict[str, Path]:
    paths = {str(path.relative_to(nasty)): path for path in sorted(nasty.rglob("*")) if path.is_file()}
    made = {**baits.made(secret, port), "naughty strings.txt": gzip.decompress((nasty / "blns.txt.gz").read_bytes())}
    for name, data in made.items():
        paths[f"made/{name}"] = folder / name
        paths[f"made/{name}"].write_bytes(data)
    return paths


def _run(board: Board, paths: Mapping[str, Path], watch: Watch) -> dict[str, Ended]:
    def one(name: str) -> Ended:
        watch.at_hand.add(name)
        try:
            return added(board, paths[name])
        finally:
            watch.at_hand.discard(name)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(paths, pool.map(one, paths), strict=True))


def _tells(board: Board, document_id: int, token: str) -> bool:
    return any(token in text for text in texts(board, document_id))


def _workers(board: Board) -> dict[str, int]:
    """Those that still run, with their process numbers."""
    return {name: process.pid for name, process in board.processes.items() if process.poll() is None}


def _reads(board: Board) -> bool:
    """Whether a harmless file is still read, and every queue has somebody."""
    done = board.finished(board.upload("after.txt", b"The harbour was quiet in the early morning.")["job_id"], 120)
    queues = httpx.get(f"{board.url}/readyz", timeout=30).json()["checks"]["queues"]
    return done["state"] == "SUCCESS" and all(queue["alive"] for queue in queues.values())


@contextmanager
def _watching(board: Board, allowed: int) -> Iterator[Watch]:
    watch, ended = Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_SECONDS):
            size = max(_sizes(board), default=0)
            watch.largest = max(watch.largest, size)
            if size > allowed:
                watch.too_large |= set(watch.at_hand)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _sizes(board: Board) -> Iterator[int]:
    for process in board.processes.values():
        with suppress(psutil.Error):
            for one in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
                with suppress(psutil.Error):
                    yield one.memory_info().rss


@contextmanager
def _listener() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port of this machine that nobody should call, and the question whether somebody did."""
    heard: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_LOOK_SECONDS)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    listener.accept()[0].close()
                    heard.append(time.time())

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield listener.getsockname()[1], lambda: len(heard)
        finally:
            ended.set()
            thread.join()
