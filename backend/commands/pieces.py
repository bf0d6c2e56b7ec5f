"""A file sent piece by piece over the tus protocol: whatever breaks, it goes on from where it got to.

Each piece comes with its SHA-256, so that bytes which were damaged on the way do not count. How far an upload is, only
the server says; where it is, a bookmark remembers for the next time that this file is sent.
"""

from __future__ import annotations

import base64
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx

from backend.commands import client
from backend.commands.bookmarks import Bookmark
from backend.commands.sources import Source
from backend.domain import errors, resumable

PIECE, SMALLEST = 16 * 1024 * 1024, 1024 * 1024
"""Bytes in one request at first, and on a line that breaks again and again."""
CHUNK = 256 * 1024
OUTAGE_SECONDS = 120.0
BEGINNINGS = 3
TIMEOUT = httpx.Timeout(120.0, connect=5.0)
TUS = {"Tus-Resumable": resumable.VERSION}


class Transfer:
    """One file on its way."""

    def __init__(
        self,
        board: client.Board,
        source: Source,
        metadata: Mapping[str, str],
        moved: Callable[[int], None],
        pause: Callable[[float], None],
    ) -> None:
        self.board, self.source, self.metadata, self.moved, self.pause = board, source, metadata, moved, pause
        self.bookmark = Bookmark(board.address, source.path)
        self.place = self.bookmark.place
        self.offset: int | None = None
        """None while only the server knows."""
        self.told, self.piece, self.begun = 0, PIECE, 0

    def run(self) -> dict[str, Any]:
        """The job and the document it became, as every way in answers. Raises the server's refusals, OSError."""
        wait, give_up = 0.5, time.monotonic() + OUTAGE_SECONDS
        with self.source.path.open("rb") as file:
            while True:
                try:
                    headers = self._step(file)
                except errors.BoardError as error:
                    self.offset = None
                    if not _passing(error) or time.monotonic() > give_up:
                        raise
                    self.piece = max(SMALLEST, self.piece // 2)
                    self.pause(min(error.retry_after or wait, 60))
                    wait = min(2 * wait, 10)
                    continue
                wait, give_up = 0.5, time.monotonic() + OUTAGE_SECONDS
                if "SyncBoard-Job-Id" in headers:
                    self.bookmark.remove()
                    return self._answer(headers)

    def _step(self, file: BinaryIO) -> httpx.Headers:
        """Begin, ask how far it is, or send a piece: whichever is next."""
        if self.place is None:
            return self._begin()
        try:
            if self.offset is not None:
                return self._send(file, self.place, self.offset)
            answer = self.board.send("HEAD", self.place, headers=TUS)
        except errors.NotFound:  # its time was over, or it is another account's
            self.bookmark.remove()
            self.place = None
            self._reached(0)
            return httpx.Headers()
        if int(answer.headers["Upload-Length"]) != self.source.size:
            self.place = None
            return httpx.Headers()
        self._reached(int(answer.headers["Upload-Offset"]))
        return answer.headers

    def _begin(self) -> httpx.Headers:
        self.begun += 1
        if self.begun > BEGINNINGS:
            raise errors.NotFound(f"The server forgets the upload of {self.source.shown}.", code="upload_not_found")
        pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in self.metadata.items())
        headers = {**TUS, "Upload-Length": str(self.source.size), "Upload-Metadata": ",".join(pairs)}
        answer = self.board.send("POST", "/uploads/", headers=headers)
        # only the path: a token is never sent to another address than the one it came from
        self.place = urlsplit(answer.headers["Location"]).path
        self.bookmark.put(self.place)
        self._reached(0)
        return answer.headers

    def _send(self, file: BinaryIO, place: str, offset: int) -> httpx.Headers:
        file.seek(offset)
        data = file.read(min(self.piece, self.source.size - offset))
        if (
            len(data) < min(self.piece, self.source.size - offset)
            or os.fstat(file.fileno()).st_size != self.source.size
        ):
            raise errors.InvalidInput(
                f"{self.source.shown} was changed while it was sent.",
                code="changed_meanwhile",
                hint="Add it again once nobody writes it any more.",
            )
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        headers = {
            **TUS,
            "Content-Type": resumable.CONTENT_TYPE,
            "Content-Length": str(len(data)),
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {digest}",
        }
        answer = self.board.send("PATCH", place, content=self._told(data), headers=headers, timeout=TIMEOUT)
        self._reached(int(answer.headers["Upload-Offset"]))
        return answer.headers

    def _told(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), CHUNK):
            chunk = data[at : at + CHUNK]
            yield chunk
            self.told += len(chunk)
            self.moved(len(chunk))

    def _reached(self, offset: int) -> None:
        self.offset = offset
        self.moved(offset - self.told)
        self.told = offset

    def _answer(self, headers: httpx.Headers) -> dict[str, Any]:
        known = headers.get("SyncBoard-Duplicate-Of")
        return {
            "job_id": headers["SyncBoard-Job-Id"],
            "document_id": int(headers["SyncBoard-Document-Id"]),
            "message": "These bytes are already on your board." if known else "Upload accepted.",
            "filename": self.source.name,
            "duplicate_of": int(known) if known else None,
        }


def _passing(error: errors.BoardError) -> bool:
    """Whether it may go on by itself: what was lost on the way, and an offset that has moved meanwhile."""
    return error.retryable or (isinstance(error, errors.Conflict) and error.code == "wrong_offset")
