"""What a route or a job may use of the world: built once per process in `wiring.py`, handed in everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.domain.pictures import PageReader, Renderer
from backend.domain.ports import Blobs, Embedder, Extractor, Fetcher, Unpacker, Videos
from backend.domain.sound import MediaDecoder, Transcriber
from backend.domain.walls import WallsProver
from backend.domain.writing import Writer
from backend.settings import Settings
from backend.store.database import Database

Ring = Callable[[str], None]
"""Say that a queue has something to do: `ring("uploads")`. Returns at once, never raises."""


@dataclass(frozen=True)
class Services:
    """The outside world, as arguments."""

    settings: Settings
    database: Database
    blobs: Blobs
    extractor: Extractor
    embedder: Embedder
    """The model that is wanted; which one answers the board now, `jobs/embedders.py` says."""
    embedders: Mapping[str, Embedder]
    """Every model that can be run here, by its full name."""
    unpacker: Unpacker
    renderer: Renderer
    pages: PageReader
    fetcher: Fetcher
    videos: Videos
    decoder: MediaDecoder
    transcriber: Transcriber
    walls: WallsProver
    ring: Ring
    writer: Writer | None = None
    """A language model, where one is set."""
