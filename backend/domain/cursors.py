"""Keyset cursors: where a page of a list ended, as an opaque string."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.domain.errors import InvalidInput


def encode(*key: Any) -> str:
    """The cursor after the row whose sort key is `key` (strings and numbers)."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any]:
    """The sort key of a cursor with `length` parts. Raises InvalidInput (`invalid_cursor`)."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, UnicodeDecodeError):
        key = None
    if not isinstance(key, list) or len(key) != length or not all(isinstance(part, str | int | float) for part in key):
        raise _not_ours()
    return key


def moment(part: Any) -> datetime:
    """A part of a cursor that is a time. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(str(part))
    except ValueError:
        raise _not_ours() from None


def number(part: Any) -> int:
    """A part of a cursor that is an id or a count. Raises InvalidInput."""
    if not isinstance(part, int) or abs(part) >= 2**63:
        raise _not_ours()
    return part


def real(part: Any) -> float:
    """A part of a cursor that is a measure. Raises InvalidInput."""
    if not isinstance(part, int | float) or isinstance(part, bool):
        raise _not_ours()
    return float(part)


def uuid(part: Any) -> UUID:
    """A part of a cursor that is a job id. Raises InvalidInput."""
    try:
        return UUID(str(part))
    except ValueError:
        raise _not_ours() from None


def _not_ours() -> InvalidInput:
    return InvalidInput(
        "That cursor is not one of ours.", code="invalid_cursor", hint="Take `next_cursor` from the page before."
    )
