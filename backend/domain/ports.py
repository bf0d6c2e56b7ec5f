"""What the house asks of the outside world. `backend/providers` fulfils these; `wiring.py` chooses which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from backend.domain.content import Content
from backend.domain.members import Listing, Unpacked
from backend.domain.sources import Captions, Fetched, Playlist, Video

Cancelled = Callable[[], bool]
"""Asked now and then by long work: true once the person cancelled, or the lease was lost."""

Progress = Callable[[int, int | None], None]
"""Told now and then by long work: how many bytes are done, and of how many, when that is known."""


class BlobWriter(Protocol):
    """A blob being written. Nothing is visible until `commit`; leaving the `with` block without it discards."""

    size: int

    @property
    def sha256(self) -> str:
        """The SHA-256 in hex of the bytes so far."""
        ...

    @property
    def path(self) -> Path:
        """A readable local path of the bytes so far, until `commit` or the end of the block."""
        ...

    def write(self, data: bytes | memoryview) -> None: ...
    def commit(self) -> str:
        """Fsync, move into place, return the SHA-256 of the bytes in hex. The same bytes are stored once."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Partial(BlobWriter, Protocol):
    """An upload under way, locked for its holder. `size` is how far it is; leaving the `with` block unlocks it."""

    def doubt(self) -> None:
        """What is written from here on counts only when `keep` is called."""
        ...

    def keep(self) -> None:
        """Make all that was written durable, and count it. Raises Unavailable."""
        ...

    def close(self) -> None:
        """Take back what was never proven, and let others write."""
        ...

    def delete(self) -> None:
        """Remove it; bytes that `commit` gave a place among the originals stay there."""
        ...


class Partials(Protocol):
    """Uploads under way, each known by an id that the house made. Several processes may share them."""

    def create(self, upload_id: UUID) -> None: ...
    def size(self, upload_id: UUID) -> int:
        """How many bytes are safely there. Raises NotFound."""
        ...

    def open(self, upload_id: UUID) -> Partial:
        """Raises NotFound, Conflict (`upload_busy`) when somebody else writes it."""
        ...

    def forgotten(self, seconds: float) -> list[UUID]:
        """Those nobody wrote to for so many seconds."""
        ...


class Blobs(Protocol):
    """Content-addressed originals, named by the SHA-256 of their bytes."""

    @property
    def partials(self) -> Partials: ...
    def writer(self) -> BlobWriter: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def path(self, sha256: str) -> Path:
        """A readable local path of the blob. Raises NotFound."""
        ...

    def exists(self, sha256: str) -> bool: ...
    def delete(self, sha256: str) -> None: ...
    def sweep(self) -> int:
        """Remove what is left of writers that were killed; how many files that was."""
        ...

    def free_bytes(self) -> int | None:
        """What is left on the device, or None where the store does not know."""
        ...

    def all(self) -> Iterator[str]: ...


class Fetcher(Protocol):
    """Fetches what other people name, through one guard. No other way leads out."""

    def pace(self, url: str) -> float:
        """Seconds the site asks to be left between two requests; 0 when it says nothing. Raises BoardError."""
        ...

    def fetch(
        self, url: str, sink: Callable[[bytes], None], *, cancelled: Cancelled, progress: Progress | None = None
    ) -> Fetched:
        """Write what a URL leads to into `sink`, in blocks as they come.

        Raises InvalidInput (`invalid_url`, `blocked_address`), NotFound (`not_found`), NotAllowed (`needs_login`,
        `robots_refused`), TooLarge, Unreadable (`timed_out`, `too_many_redirects`, `site_error`, `cancelled`),
        Unavailable (`unreachable`, `site_error`, `site_busy` with `retry_after`), and whatever `sink` raises.
        """
        ...


class Videos(Protocol):
    """Looks up videos of YouTube and brings their captions or their sound.

    All raise BoardError: `video_unavailable`, `video_private`, `age_restricted`, `region_blocked`, `live_not_ended`,
    `video_refused`, `video_protected`, `video_not_understood`, and what `Fetcher.fetch` raises of the network.
    """

    version: str

    def look(self, video_id: str, *, languages: Sequence[str], cancelled: Cancelled) -> Video:
        """What is known of the video; `languages` are those preferred for its captions, best first."""
        ...

    def captions(self, captions: Captions, *, cancelled: Cancelled) -> bytes:
        """The captions as WebVTT."""
        ...

    def sound(
        self, video: Video, sink: Callable[[bytes], object], *, cancelled: Cancelled, progress: Progress | None = None
    ) -> str:
        """Write the smallest good sound into `sink`; returns the ending of its kind (`webm`).

        Raises Unreadable (`no_captions_no_audio`) where there is none, TooLarge.
        """
        ...

    def playlist(self, playlist_id: str, *, most: int, cancelled: Cancelled) -> Playlist:
        """The first `most` videos of it. Raises NotFound (`playlist_unavailable`), Unreadable (`empty_playlist`)."""
        ...


class Extractor(Protocol):
    """Reads one file into text, in a child process with limits."""

    version: str
    """Changes when the same bytes may give other text: part of every cache key."""

    def sniff(self, path: Path, filename: str) -> str:
        """The media type by content, with the file name as a hint only."""
        ...

    def supports(self, media_type: str, filename: str) -> bool: ...

    def extract(
        self,
        path: Path,
        *,
        filename: str,
        media_type: str,
        password: str | None,
        cancelled: Cancelled,
        source_url: str | None = None,
    ) -> Content:
        """A page fetched from `source_url` is read for its article.

        Raises Unreadable (encrypted, no_text, unsupported_type, corrupt, timed_out, out_of_memory, crashed).
        """
        ...


class Unpacker(Protocol):
    """Takes the members out of archives and mails, in a child process with limits."""

    version: str
    """Changes when other members may come out of the same bytes: part of every cache key."""

    def members(
        self, path: Path, *, filename: str, media_type: str, password: str | None, cancelled: Cancelled
    ) -> Listing:
        """What is inside. Raises Unreadable."""
        ...

    def unpacked(
        self,
        path: Path,
        wanted: Sequence[int],
        *,
        filename: str,
        media_type: str,
        password: str | None,
        cancelled: Cancelled,
    ) -> AbstractContextManager[list[Unpacked]]:
        """The wanted members as files, until the block is left."""
        ...


class Embedder(Protocol):
    """Turns text into unit vectors."""

    model: str
    """Name, dimension and text format, e.g. `minilm-l6-v2-int8/384/1`: vectors of other models never mix."""
    dimension: int

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimension), rows of L2 norm 1. Raises Unavailable."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...
