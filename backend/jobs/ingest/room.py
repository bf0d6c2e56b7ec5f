"""Writing bytes of unknown number without filling the disk."""

from __future__ import annotations

from backend.domain.errors import Unavailable
from backend.domain.ports import BlobWriter
from backend.jobs.services import Services

LOOK_EVERY = 32 * 1024 * 1024
"""Bytes after which the room on the disk is looked at again."""


class Room:
    """Writes into a blob as long as there is room. Raises Unavailable (`disk_full`)."""

    def __init__(self, services: Services, blob: BlobWriter) -> None:
        self._services, self._blob = services, blob
        self._look_at = 0

    def write(self, data: bytes) -> None:
        """Write some more."""
        if self._blob.size >= self._look_at:
            free = self._services.blobs.free_bytes()
            if free is not None and free - len(data) < self._services.settings.disk_floor_bytes:
                raise Unavailable(
                    "There is not enough room left on the disk for this.",
                    code="disk_full",
                    hint="Free some space on the server, then try it again.",
                )
            self._look_at = self._blob.size + LOOK_EVERY
        self._blob.write(data)
