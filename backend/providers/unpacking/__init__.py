"""Takes the members out of archives and mails, in a sandbox. `ArchiveUnpacker` fulfils `Unpacker`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.domain.errors import Unreadable
from backend.domain.members import Listing, Member, Unpacked
from backend.domain.ports import Cancelled
from backend.providers import scratch
from backend.providers.sandbox import Sandbox

_REVISION = 1
"""To be raised when other members, or other bytes, come out of the same archive."""


class ArchiveUnpacker:
    """Starts its zygote at first use; safe to inherit across a fork."""

    def __init__(self, timeout_seconds: float, memory_bytes: int, file_bytes: int) -> None:
        """`file_bytes` bounds what one unit of work takes out."""
        self.version = f"unpacking/{_REVISION}"
        self._sandbox = Sandbox(
            f"{__name__}.inside:work",
            timeout_seconds=timeout_seconds,
            memory_bytes=memory_bytes,
            file_bytes=file_bytes,
        )

    def members(
        self, path: Path, *, filename: str, media_type: str, password: str | None, cancelled: Cancelled
    ) -> Listing:
        """What is inside. Raises Unreadable: `corrupt` (damaged, or a bomb), `too_large`, and what a sandbox raises."""
        request = {"filename": filename, "media_type": media_type, "password": password}
        value = self._sandbox.run(request, cancelled=cancelled, files={"path": path})
        return Listing(
            members=tuple(Member(**member) for member in value["members"]),
            sequential=value["sequential"],
            warnings=tuple(value["warnings"]),
        )

    @contextmanager
    def unpacked(
        self,
        path: Path,
        wanted: Sequence[int],
        *,
        filename: str,
        media_type: str,
        password: str | None,
        cancelled: Cancelled,
    ) -> Iterator[list[Unpacked]]:
        """The wanted members as files, until the block is left. One that brings the sandbox down harms no other."""
        request = {"filename": filename, "media_type": media_type, "password": password}
        folder, lock = scratch.claim()
        try:
            yield self._taken(path, wanted, request, folder, cancelled)
        finally:
            scratch.remove(folder)
            os.close(lock)

    def _taken(
        self, path: Path, wanted: Sequence[int], request: dict[str, Any], folder: Path, cancelled: Cancelled
    ) -> list[Unpacked]:
        try:
            return self._together(path, wanted, request, folder, cancelled)
        except Unreadable as error:
            if error.code == "cancelled" or error.retryable:
                raise
            if len(wanted) == 1:
                return [Unpacked(wanted[0], error=error.as_json())]
        return [one for index in wanted for one in self._taken(path, [index], request, folder, cancelled)]

    def _together(
        self, path: Path, wanted: Sequence[int], request: dict[str, Any], folder: Path, cancelled: Cancelled
    ) -> list[Unpacked]:
        asked = {**request, "wanted": list(wanted)}
        value = self._sandbox.run(asked, cancelled=cancelled, files={"path": path}, into=folder)
        return [
            Unpacked(result["index"], None if result["error"] else folder / str(result["index"]), result["error"])
            for result in value["results"]
        ]

    def close(self) -> None:
        """End the sandbox's process."""
        self._sandbox.close()
