"""A stand-in for a service that transcribes, which hears the same sentences in every sound, or refuses."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SENTENCES = (
    (0.0, "The lighthouse keeper trims the wick before the evening tide comes in."),
    (6.0, "His daughter writes down each ship that passes the point and the hour of it."),
    (12.0, "When the fog lies on the water they ring the bell by hand until the morning."),
)


@dataclass
class Speech:
    """Where it is; the next `refusals` questions are refused for good."""

    url: str
    refusals: int = 0


@contextlib.contextmanager
def listening() -> Iterator[Speech]:
    """The service, on loopback."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                refused = speech.refusals > 0
                speech.refusals -= int(refused)
            segments = [{"start": at, "end": at + 5, "text": text} for at, text in SENTENCES]
            told = json.dumps({"error": "no"} if refused else {"language": "en", "segments": segments}).encode()
            self.send_response(422 if refused else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    speech = Speech(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield speech
    finally:
        server.shutdown()
        server.server_close()
