"""What the headers of a resumable upload say (tus 1.0.0, https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.domain.errors import InvalidInput

VERSION = "1.0.0"
EXTENSIONS = ("creation", "creation-with-upload", "termination", "checksum", "expiration")
"""`creation-defer-length` is not among them: the room for an upload is reserved when it begins."""
CONTENT_TYPE = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256")

LONGEST_VALUE = 4000
_DIGITS = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,100}")


@dataclass(frozen=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes

    def hasher(self) -> hashlib._Hash:
        """A new hash of this algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def number(header: str, value: str | None) -> int:
    """A count of bytes in a header. Raises InvalidInput (`invalid_header`)."""
    if value is None or not _DIGITS.fullmatch(value):
        raise InvalidInput(
            f"`{header}` is missing or not a number of bytes.",
            code="invalid_header",
            hint=f"Send `{header}` as decimal digits, as the tus protocol says.",
        )
    return int(value)


def metadata(header: str | None) -> dict[str, str]:
    """The pairs of `Upload-Metadata`: keys as they are, values base64 of UTF-8.

    Raises InvalidInput (`invalid_header`) for what breaks that rule or is longer than anybody's name or note.
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip(" ") for part in (header or "").split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(" "), validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise _bad_metadata("A value is not base64 of UTF-8 text.") from error
        if not _KEY.fullmatch(key) or key in found or "\0" in value or len(value) > LONGEST_VALUE:
            raise _bad_metadata("A key is given twice or is none, or a value is too long.")
        found[key] = value
    return found


def checksum(header: str | None) -> Checksum | None:
    """`Upload-Checksum`, or None without one. Raises InvalidInput (`invalid_header`)."""
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise InvalidInput(
            "The `Upload-Checksum` cannot be used.",
            code="invalid_header",
            hint=f"Send the algorithm ({' or '.join(ALGORITHMS)}), a space, and the digest in base64.",
        )
    return Checksum(algorithm, digest)


def refuse_extensions(headers: Mapping[str, str]) -> None:
    """Raises InvalidInput (`unsupported_extension`) where a header asks for what is not in EXTENSIONS."""
    for header in ("Upload-Defer-Length", "Upload-Concat"):
        if header.lower() in headers:
            raise InvalidInput(
                f"`{header}` is not supported here.",
                code="unsupported_extension",
                hint="Send one file in one upload, and its size with `Upload-Length` when you begin.",
            )


def _bad_metadata(why: str) -> InvalidInput:
    return InvalidInput(
        f"The `Upload-Metadata` cannot be read: {why}",
        code="invalid_header",
        hint="Send pairs with commas between: the key, a space, and the value in base64.",
    )
