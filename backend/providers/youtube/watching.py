"""What yt-dlp is asked of videos, one task at a time."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from yt_dlp.networking import Request
from yt_dlp.utils import DownloadCancelled

from backend.domain import youtube
from backend.domain.errors import TooLarge, Unreadable
from backend.domain.ports import Cancelled, Progress
from backend.domain.sources import Captions, Playlist, Video
from backend.providers.fetch.network import Network
from backend.providers.fetch.watch import Limits, Watch
from backend.providers.youtube import facts, refusals
from backend.providers.youtube.handler import Line
from backend.providers.youtube.tube import Tube

_MB = 1024 * 1024
_LOOK = Limits(total=120.0, most_bytes=64 * _MB)
_LIST = Limits(total=300.0, most_bytes=64 * _MB)
_MOST_CAPTION_BYTES = 32 * _MB
_FORGOTTEN_SECONDS = 24 * 3600
_BLOCK = _MB


class Watching:
    """`YouTube`, with yt-dlp loaded."""

    def __init__(self, network: Network, folder: Path, *, total_seconds: float, most_bytes: int) -> None:
        self._network, self._folder = network, folder
        self._limits = Limits(total=total_seconds, most_bytes=most_bytes)

    def look(self, video_id: str, *, languages: Sequence[str], cancelled: Cancelled) -> Video:
        """What is known of the video. The address is made here, of the id alone."""
        with Tube(self._line(_LOOK, cancelled)) as tube:
            address = youtube.watch_url(video_id)
            info = tube.asked(lambda: tube.extract_info(address, download=False, ie_key="Youtube", process=False))
            video: Video = tube.asked(lambda: _looked_at(video_id, info, languages, tube))
            return video

    def captions(self, captions: Captions, *, cancelled: Cancelled) -> bytes:
        """The captions as WebVTT, as YouTube has them."""
        line = self._line(_LOOK, cancelled)
        with Tube(line) as tube:
            data = tube.asked(lambda: tube.urlopen(Request(captions.url)).read(_MOST_CAPTION_BYTES))
        if not data.lstrip(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
            raise refusals.refusal("no_captions_no_audio") if not data else refusals.not_understood()
        return bytes(data)

    def sound(
        self, video: Video, sink: Callable[[bytes], object], *, cancelled: Cancelled, progress: Progress | None = None
    ) -> str:
        """Write the smallest good sound into `sink`; returns the ending of its kind."""
        self._forget()
        self._folder.mkdir(parents=True, exist_ok=True)
        line = self._line(self._limits, cancelled)
        with tempfile.TemporaryDirectory(prefix="sound-", dir=self._folder) as folder:
            told = _Told(line, self._limits.most_bytes, progress)
            with Tube(line, Path(folder), told) as tube:
                tube.asked(lambda: tube.process_ie_result(_without_rest(video.handle), download=True))
            found = sorted(Path(folder).glob("sound.*"), key=lambda path: path.stat().st_size)
            if not found or found[-1].stat().st_size == 0:
                raise line.failure or refusals.refusal("no_captions_no_audio")
            with found[-1].open("rb") as file:
                while block := file.read(_BLOCK):
                    sink(block)
            return found[-1].suffix.lstrip(".") or "bin"

    def playlist(self, playlist_id: str, *, most: int, cancelled: Cancelled) -> Playlist:
        """The first `most` videos of it: only ids, each is looked up by a job of its own."""
        with Tube(self._line(_LIST, cancelled)) as tube:
            address = youtube.playlist_url(playlist_id)
            info = tube.asked(lambda: tube.extract_info(address, download=False, ie_key="YoutubeTab", process=False))
            ids = tube.asked(lambda: list(islice(_ids(info), most + 1)))
        if not ids:
            raise line_failure(tube) or refusals.refusal("empty_playlist")
        title = facts.line(info.get("title")) or f"Playlist {playlist_id}"
        return Playlist(playlist_id, title, tuple(ids[:most]), more=len(ids) > most)

    def _line(self, limits: Limits, cancelled: Cancelled) -> Line:
        return Line(self._network, Watch(limits, cancelled))

    def _forget(self) -> None:
        """Remove what workers left that died while they fetched."""
        if self._folder.is_dir():
            for path in self._folder.glob("sound-*"):
                if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


def line_failure(tube: Tube) -> Exception | None:
    """What went wrong on the line of a task that found nothing, if anything did."""
    return tube.line.failure


class _Told:
    """yt-dlp's progress hook: the bytes of the sound itself, of no other file, and never fewer than before."""

    def __init__(self, line: Line, most_bytes: int, progress: Progress | None) -> None:
        self._line, self._most, self._progress = line, most_bytes, progress
        self._most_done = 0

    def __call__(self, status: dict[str, Any]) -> None:
        """Raises DownloadCancelled, with the reason on the line."""
        if not Path(str(status.get("filename", ""))).name.startswith("sound."):
            return
        done = int(status.get("downloaded_bytes") or 0)
        if done > self._most:
            self._stop(TooLarge(f"The sound of this video is over the limit of {self._most:,} bytes."))
        try:
            self._line.watch.wanted()
            self._line.watch.left()
        except Unreadable as error:
            self._stop(error)
        self._most_done = max(self._most_done, done)
        whole = status.get("total_bytes") or status.get("total_bytes_estimate")
        if self._progress and status.get("status") == "downloading":
            self._progress(self._most_done, max(int(whole), self._most_done) if whole else None)

    def _stop(self, error: TooLarge | Unreadable) -> None:
        self._line.failure = error
        raise DownloadCancelled(error.message)


def _looked_at(video_id: str, info: Any, languages: Sequence[str], tube: Tube) -> Video:
    """Raises BoardError for a video there is nothing to be had of."""
    if not isinstance(info, dict) or info.get("_type", "video") != "video" or info.get("id") != video_id:
        raise refusals.refusal("video_unavailable")
    if info.get("live_status") in {"is_live", "is_upcoming", "post_live"}:
        raise refusals.refusal("live_not_ended")
    video = facts.video_of(video_id, info, languages)
    if video.captions is None and not any(sound.get("acodec") != "none" for sound in info.get("formats") or ()):
        raise (
            refusals.of(Exception(""), tube.quiet.said) or tube.line.failure or refusals.refusal("no_captions_no_audio")
        )
    return video


def _without_rest(info: dict[str, Any]) -> dict[str, Any]:
    """Only what a download needs: captions, thumbnails and comments are no business of it."""
    kept = {"id", "title", "formats", "duration", "webpage_url", "live_status", "extractor", "extractor_key"}
    return {name: value for name, value in info.items() if name in kept}


def _ids(info: Any) -> Any:
    """The ids of a playlist's entries, each once, as they come."""
    seen: set[str] = set()
    for entry in (info or {}).get("entries") or ():
        video_id = youtube.youtube_id(str((entry or {}).get("url") or "")) or youtube.youtube_id(
            youtube.watch_url(str((entry or {}).get("id") or ""))
        )
        if video_id and video_id not in seen:
            seen.add(video_id)
            yield video_id
