"""Taking in bodies of any size: counted as they come, written in a thread, never more than two batches in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from anyio import CancelScope, CapacityLimiter, fail_after
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request

from backend.domain.errors import InvalidInput, TooLarge, Unavailable
from backend.domain.ports import Blobs, BlobWriter

BATCH = 1024 * 1024
"""Bytes handed to the writing thread at once."""
LOOK_EVERY = 64 * BATCH
"""Bytes after which the room on the disk is looked at again."""
FORM_OVERHEAD = 256 * 1024

STALLED_SECONDS = 60
LARGE_BODY = 4 * BATCH

_large_bodies = threading.BoundedSemaphore(8)
_threads = CapacityLimiter(16)


class Receipt:
    """A blob being received: refuses what is too large or would fill the disk while it comes.

    Raises TooLarge (`too_large`) and Unavailable (`disk_full`).
    """

    def __init__(self, blobs: Blobs, *, limit: int, floor: int, announced: int = 0) -> None:
        self._blobs, self._limit, self._floor = blobs, limit, floor
        self._looked_at = 0
        # what announces itself as less than it is will be counted all the same
        if announced > limit + FORM_OVERHEAD:
            raise too_large(limit)
        self._look(announced)
        self.blob: BlobWriter = blobs.writer()

    def write(self, data: bytes | memoryview) -> None:
        """Take some more bytes."""
        size = self.blob.size + len(data)
        if size > self._limit:
            raise too_large(self._limit)
        if size - self._looked_at >= LOOK_EVERY:
            self._look(0)
            self._looked_at = size
        self.blob.write(data)

    def _look(self, more: int) -> None:
        free = self._blobs.free_bytes()
        if free is not None and free - more < self._floor:
            raise Unavailable(
                "There is not enough room left on the disk for this.",
                code="disk_full",
                hint="Free some space on the server, then upload it again.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.blob.__exit__(kind, error, trace)

    async def discard(self) -> None:
        """Leave nothing behind, also when the request itself was cancelled."""
        with CancelScope(shield=True):
            await in_thread(lambda: self.blob.__exit__(None, None, None))


def too_large(limit: int) -> TooLarge:
    """The refusal of what is over `limit` bytes."""
    return TooLarge(
        f"The file is over the limit of {limit:,} bytes.",
        hint="Split it, or ask the owner of the board to raise the limit.",
    )


T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work beside the event loop, in threads that other routes do not use up."""
    return await run_sync(work, limiter=_threads)


async def pump(
    request: Request, sink: Callable[[bytearray], None], *, patience: float | None = None, keep: bool = False
) -> bytearray:
    """Hand the body to `sink` in batches, one being written while the next arrives; the last batch is returned.

    With `keep`, a body that breaks off is handed over as far as it came. `patience` is how many seconds may pass
    without a byte. Raises what `sink` raises, ClientDisconnect, and InvalidInput (`upload_stalled`); nothing of `sink`
    runs any more when this returns or raises.
    """
    writing: asyncio.Task[None] | None = None
    batch = bytearray()
    try:
        async for chunk in _chunks(request, patience):
            batch += chunk
            if len(batch) < BATCH:
                continue
            if writing is not None:
                await writing
            writing = asyncio.create_task(in_thread(partial(sink, batch)))
            batch = bytearray()
        if writing is not None:
            await writing
    except (ClientDisconnect, InvalidInput):
        if keep:
            if writing is not None:
                await writing
            await in_thread(partial(sink, batch))
        raise
    else:
        return batch
    finally:
        if writing is not None and not writing.done():
            with CancelScope(shield=True), suppress(Exception):  # the error that ended the stream is the one to tell
                await writing


@asynccontextmanager
async def body_within(request: Request, limit: int) -> AsyncIterator[bytearray]:
    """The whole body, for JSON. Raises TooLarge, and Unavailable (`busy`) when too many large ones come at once."""
    body = bytearray()
    with ExitStack() as turn:
        async for chunk in _chunks(request):
            if len(body) <= LARGE_BODY < len(body) + len(chunk):
                turn.enter_context(_large_turn())
            body += chunk
            if len(body) > limit:
                raise TooLarge(
                    f"The JSON body is over the limit of {limit:,} bytes.",
                    hint="Send the file as multipart/form-data instead: that way it may be much larger.",
                )
        yield body


@contextmanager
def _large_turn() -> Iterator[None]:
    """JSON has to be in memory as a whole: only a few large bodies may be, at one moment."""
    if not _large_bodies.acquire(blocking=False):
        raise Unavailable(
            "Too many large JSON uploads are under way.",
            code="busy",
            hint="Try again, or send the file as multipart/form-data: that way none is too many.",
            retry_after=5,
        )
    try:
        yield
    finally:
        _large_bodies.release()


async def _chunks(request: Request, patience: float | None = None) -> AsyncIterator[bytes]:
    """The body as it comes. Raises InvalidInput (`upload_stalled`) when nothing comes any more, ClientDisconnect."""
    stream = request.stream()
    patience = STALLED_SECONDS if patience is None else patience
    while True:
        try:
            with fail_after(patience):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            raise InvalidInput(
                f"Nothing was sent for {patience:g} seconds.",
                code="upload_stalled",
                hint="Check the connection, then upload it again.",
                retryable=True,
            ) from error
        if chunk is None:
            return
        yield chunk
