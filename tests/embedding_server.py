"""A real server that speaks OpenAI's `/v1/embeddings`: the packaged model's vectors, cut to another length."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from backend.providers.embedding import PackagedEmbedder

LENGTH = 256


@dataclass
class Served:
    """Where it answers, what it was asked, and how many more texts it embeds before it goes down (None: all)."""

    url: str = ""
    texts: list[str] = field(default_factory=list)
    left: int | None = None


@contextmanager
def serving() -> Iterator[Served]:
    """The server, until the block is left."""
    served, model = Served(), PackagedEmbedder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = body["input"]
            if served.left is not None and served.left < len(texts):
                self._answer(503, {"error": "overloaded"})
                return
            served.left = None if served.left is None else served.left - len(texts)
            served.texts += texts
            rows = model.embed(texts)[:, :LENGTH].tolist()
            self._answer(200, {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]})

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
