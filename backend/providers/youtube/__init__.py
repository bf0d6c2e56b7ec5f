"""Videos of YouTube, by yt-dlp. `YouTube` fulfils `Videos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from backend.domain.ports import Cancelled, Progress
from backend.domain.sources import Captions, Playlist, Video
from backend.providers.fetch.network import Network

if TYPE_CHECKING:
    from backend.providers.youtube.watching import Watching


class YouTube:
    """One for each process. Sound on its way lies in `folder`, and is gone when it has been handed on.

    yt-dlp is loaded at the first video: half a second and 25 MB that most processes never need.
    """

    def __init__(self, network: Network, folder: Path, *, total_seconds: float, most_bytes: int) -> None:
        self.version = f"yt-dlp-{version('yt-dlp')}"
        self._network, self._folder = network, folder
        self._total_seconds, self._most_bytes = total_seconds, most_bytes

    @cached_property
    def _loaded(self) -> Watching:
        from backend.providers.youtube.watching import Watching  # noqa: PLC0415 - see above

        return Watching(self._network, self._folder, total_seconds=self._total_seconds, most_bytes=self._most_bytes)

    def look(self, video_id: str, *, languages: Sequence[str], cancelled: Cancelled) -> Video:
        """What is known of the video."""
        return self._loaded.look(video_id, languages=languages, cancelled=cancelled)

    def captions(self, captions: Captions, *, cancelled: Cancelled) -> bytes:
        """The captions as WebVTT, as YouTube has them."""
        return self._loaded.captions(captions, cancelled=cancelled)

    def sound(
        self, video: Video, sink: Callable[[bytes], object], *, cancelled: Cancelled, progress: Progress | None = None
    ) -> str:
        """Write the smallest good sound into `sink`; returns the ending of its kind."""
        return self._loaded.sound(video, sink, cancelled=cancelled, progress=progress)

    def playlist(self, playlist_id: str, *, most: int, cancelled: Cancelled) -> Playlist:
        """The first `most` videos of it."""
        return self._loaded.playlist(playlist_id, most=most, cancelled=cancelled)
