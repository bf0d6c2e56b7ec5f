"""Unpacking what a site sends compressed, a little at a time: no chunk is ever unpacked whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from backend.domain.errors import TooLarge, Unreadable
from backend.providers.fetch.watch import Limits

ACCEPTED = "gzip, deflate"
"""What is asked for: both are in the standard library, which unpacks them with a limit for each step."""

BLOCK = 64 * 1024
_GZIP, _ZLIB, _RAW = 31, 15, -15


class Inflater:
    """Turns the bytes on the wire into those of the page, and counts both.

    Raises TooLarge (`too_large`) when either are more than may come or one unpacks to far more than it should, and
    Unreadable (`site_error`) for an encoding that was not asked for or is broken.
    """

    def __init__(self, encoding: str, limits: Limits) -> None:
        self._limits = limits
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in {"", "identity", "gzip", "deflate"}:
            raise Unreadable(
                f"The site packs its pages in a way nobody asked for ({encoding[:40]}).",
                code="site_error",
                hint="Save the page in your browser, and upload the file.",
            )
        self._plain = self._encoding in {"", "identity"}
        self._unpacker = None if self._encoding == "deflate" else zlib.decompressobj(_GZIP)
        self.packed = 0
        self.size = 0

    def write(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes, in blocks of at most BLOCK."""
        self.packed += len(data)
        if self.packed > self._limits.most_bytes:
            raise too_large(self._limits.most_bytes)
        for block in (data,) if self._plain else self._unpacked(data):
            self.size += len(block)
            if self.size > self._limits.most_bytes:
                raise too_large(self._limits.most_bytes)
            if self.size > self._limits.ratio_from and self.size > self.packed * self._limits.ratio:
                raise TooLarge("The page unpacks to far more than it should.", hint="It is not fetched.")
            if block:
                yield block

    def close(self) -> None:
        """Raises Unreadable (`site_error`) when the packed stream had no end."""
        if not self._plain and self.packed and not (self._unpacker and self._unpacker.eof):
            raise broken()

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        while data:
            unpacker = self._unpacker = self._unpacker or zlib.decompressobj(_wrapping(data))
            if unpacker.eof:
                if self._encoding != "gzip" or not data.startswith(b"\x1f\x8b"):
                    return  # padding after the end
                unpacker = self._unpacker = zlib.decompressobj(_GZIP)
            try:
                yield unpacker.decompress(data, BLOCK)
            except zlib.error as error:
                raise broken() from error
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail


def _wrapping(data: bytes) -> int:
    """`deflate` means zlib; some servers send it bare."""
    return _ZLIB if data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] * 256 + data[1]) % 31 == 0) else _RAW  # noqa: PLR2004


def broken() -> Unreadable:
    """What came cannot be unpacked."""
    return Unreadable("What the site sent is damaged.", code="site_error", hint="Try again later.", retryable=True)


def too_large(limit: int) -> TooLarge:
    """There is more than may be fetched."""
    return TooLarge(
        f"What this address leads to is over the limit of {limit:,} bytes.",
        hint="Download it yourself and upload the file, or ask the owner of the board to raise FETCH_MAX_BYTES.",
    )
