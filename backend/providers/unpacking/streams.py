"""Compressed files as streams that count what comes out of them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import Any

import zstandard

from backend.providers.extractors import refusals
from backend.providers.unpacking.box import Box

DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError)
_MAX_WINDOW = 128 * 1024 * 1024


class Counted(io.RawIOBase):
    """A stream that may give so many bytes and no more. Reading further raises Unreadable: it is a bomb."""

    def __init__(self, inner: Any, allowed: int) -> None:
        super().__init__()
        self._inner, self._left = inner, allowed

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        data: bytes = self._inner.read(wanted)
        self._left -= len(data)
        if self._left < 0:
            raise refusals.bomb()
        return data

    def close(self) -> None:
        self._inner.close()
        super().close()


def opened(box: Box) -> Counted:
    """What the compressed file holds, as a stream. Raises Unreadable `corrupt` for a bomb, while it is read."""
    return Counted(_inflating(box.path, box.media_type), box.allowed)


def _inflating(path: Path, media_type: str) -> Any:
    if media_type == "application/gzip":
        return gzip.open(path, "rb")
    if media_type == "application/x-bzip2":
        return bz2.open(path, "rb")
    if media_type == "application/x-xz":
        return lzma.open(path, "rb")
    inflating = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    return inflating.stream_reader(path.open("rb"), read_across_frames=True)
