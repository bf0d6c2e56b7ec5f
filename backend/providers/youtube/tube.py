"""yt-dlp itself, bound hand and foot: no file of settings, no plugin, no cookie, no other program, one way out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from yt_dlp import YoutubeDL
from yt_dlp.globals import plugin_dirs
from yt_dlp.networking.common import RequestDirector

from backend.domain.errors import BoardError
from backend.providers.youtube import refusals
from backend.providers.youtube.handler import Line, handler_on

Hook = Callable[[dict[str, Any]], None]
"""Told of a download's progress, as yt-dlp has it."""

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
_OURS = frozenset({"cancelled", "timed_out", "blocked_address", "too_large"})
"""Refusals of ours that explain whatever yt-dlp makes of them."""

SMALLEST_GOOD = "ba[abr>=?40]/ba/b[height<=?480]/b"
"""The smallest sound that speech is well heard in, alone where there is such a track."""
_SMALL_FIRST = ["lang", "+size", "+abr", "+tbr"]


class Quiet:
    """Where yt-dlp speaks to: the log of the house keeps what explains a failure."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def debug(self, message: str) -> None:
        """Nobody reads how it is going."""

    def info(self, message: str) -> None:
        """The same."""

    def warning(self, message: str) -> None:
        """Kept: it tells why there are no formats."""
        self.said.append(str(message)[:1000])

    def error(self, message: str) -> None:
        """Kept."""
        self.said.append(str(message)[:1000])


class Tube(YoutubeDL):  # type: ignore[misc]
    """A YoutubeDL for one task on one line. Raises only BoardError from `asked`."""

    def __init__(self, line: Line, folder: Path | None = None, hook: Hook | None = None) -> None:
        plugin_dirs.value = []
        self.line, self.quiet = line, Quiet()
        super().__init__(_options(self.quiet, folder, hook))

    @cached_property
    def _request_director(self) -> RequestDirector:
        """Only our handler: what it refuses nobody else is asked for."""
        return self.build_request_director([handler_on(self.line)])

    def asked(self, question: Callable[[], _T]) -> _T:
        """What yt-dlp answers. Raises BoardError: what YouTube's words mean, else what went wrong on the line."""
        try:
            return question()
        except BoardError:
            raise
        except MemoryError:
            raise
        except Exception as error:
            failure = self.line.failure
            if failure is not None and failure.code in _OURS:
                raise failure from error
            _log.info("yt-dlp: %s", str(error)[:500])
            raise refusals.of(error, self.quiet.said) or failure or refusals.not_understood() from error


def _options(quiet: Quiet, folder: Path | None, hook: Hook | None) -> dict[str, Any]:
    return {
        "allowed_extractors": ["youtube.*"],
        "logger": quiet,
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "ignoreerrors": False,
        "cachedir": False,
        "cookiefile": None,
        "cookiesfrombrowser": None,
        "usenetrc": False,
        "proxy": "",
        "js_runtimes": {},
        "remote_components": [],
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
        "postprocessors": [],
        "fixup": "never",
        "check_formats": None,
        "enable_file_urls": False,
        "overwrites": True,
        "nopart": True,
        "updatetime": False,
        "noplaylist": True,
        "extract_flat": "in_playlist",
        "lazy_playlist": True,
        "retries": 2,
        "fragment_retries": 2,
        "extractor_retries": 1,
        "socket_timeout": 20,
        "sleep_interval_requests": 0,
        "format": SMALLEST_GOOD,
        "format_sort": _SMALL_FIRST,
        "outtmpl": {"default": str((folder or Path()) / "sound.%(ext)s")},
        "paths": {},
        "progress_hooks": [hook] if hook else [],
        "ffmpeg_location": "/nonexistent",
    }
