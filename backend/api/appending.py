"""Taking the bytes of one request into an upload under way: no more than it announced, nothing that is unproven."""

from __future__ import annotations

import hmac

from backend.api.receiving import LOOK_EVERY
from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.ports import Partial
from backend.domain.resumable import Checksum
from backend.jobs import resumable
from backend.jobs.services import Services
from backend.store import resumable_uploads
from backend.store.resumable_uploads import ResumableUpload


class Appending:
    """One request's bytes on their way into `partial`, which the caller has locked and will close."""

    def __init__(
        self, services: Services, upload: ResumableUpload, partial: Partial, checksum: Checksum | None
    ) -> None:
        self._services, self._upload, self._partial, self._checksum = services, upload, partial, checksum
        self._hasher = checksum.hasher() if checksum else None
        self._looked_at = partial.size

    def begin(self) -> None:
        """Is there room; and from here on nothing counts before it is proven. Raises Unavailable (`disk_full`)."""
        resumable.check_room(self._services, 0)
        if self._checksum:
            self._partial.doubt()

    def write(self, data: bytearray) -> None:
        """Take some more bytes. Raises TooLarge (`over_length`), Unavailable (`disk_full`)."""
        if self._partial.size + len(data) > self._upload.length:
            raise TooLarge(
                f"These are more bytes than the {self._upload.length} that were announced.",
                code="over_length",
                hint="Begin a new upload with the right `Upload-Length`.",
            )
        if self._partial.size - self._looked_at >= LOOK_EVERY:
            resumable.check_room(self._services, 0)
            self._looked_at = self._partial.size
        if self._hasher:
            self._hasher.update(data)
        self._partial.write(memoryview(data))

    def end(self, last: bytearray) -> ResumableUpload:
        """The body is over: prove it, make it durable, and finish the upload if this was its end.

        Raises InvalidInput (`checksum_mismatch`), and what `resumable.finish` may refuse.
        """
        self.write(last)
        if self._hasher and self._checksum and not hmac.compare_digest(self._hasher.digest(), self._checksum.digest):
            raise InvalidInput(
                "The bytes that came are not those the checksum was made from.",
                code="checksum_mismatch",
                hint="Send them again, from the same offset.",
                retryable=True,
            )
        self._partial.keep()
        owner_id, upload_id = self._upload.owner_id, self._upload.id
        if self._partial.size == self._upload.length:
            return resumable.finish(self._services, owner_id, upload_id, self._partial)
        with self._services.database.session(owner_id) as session:
            hours = self._services.settings.upload_expiry_hours
            self._upload.expires_at = resumable_uploads.extend(session, owner_id, upload_id, hours)
        return self._upload
