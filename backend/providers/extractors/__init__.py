"""From bytes to text. `Reader` fulfils `Extractor`; the formats are in the files beside this one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from backend.domain.content import Content, Part
from backend.domain.ports import Cancelled
from backend.providers.extractors import names, signatures
from backend.providers.sandbox import Sandbox

_REVISION = 2
"""To be raised when our own part of reading gives other text for the same bytes."""


class Reader:
    """Reads files in a sandbox. Cheap to make, starts its zygote at first use, safe to inherit across a fork."""

    def __init__(self, timeout_seconds: float, memory_bytes: int) -> None:
        self.version = f"kreuzberg-{version('kreuzberg')}/trafilatura-{version('trafilatura')}/{_REVISION}"
        self._sandbox = Sandbox(f"{__name__}.reading:read", timeout_seconds=timeout_seconds, memory_bytes=memory_bytes)

    def sniff(self, path: Path, filename: str) -> str:
        """The media type by content; the name only chooses among kinds of text."""
        return signatures.sniff(path, filename)

    def supports(self, media_type: str, filename: str) -> bool:
        """Whether a file of this type has any chance to be read; made for refusing at upload."""
        return names.is_readable(media_type)

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
        """The file's text; of a page fetched from `source_url`, its article.

        Raises Unreadable; Unavailable when no reading process can be started.
        """
        request = {"filename": filename, "media_type": media_type, "password": password, "source_url": source_url}
        value = self._sandbox.run(request, cancelled=cancelled, files={"path": path})
        return Content(
            text=value["text"],
            media_type=value["media_type"],
            title=value["title"],
            language=value["language"],
            parts=tuple(Part(**part) for part in value["parts"]),
            metadata=value["metadata"],
            warnings=tuple(value["warnings"]),
        )

    def close(self) -> None:
        """End the reading process."""
        self._sandbox.close()
