"""Identifiers that sort by time."""

from __future__ import annotations

from uuid import UUID


def uuid7(milliseconds: int, random: bytes) -> UUID:
    """A version 7 UUID (RFC 9562, 5.7) from Unix `milliseconds` and ten `random` bytes.

    Rows with such keys are inserted at the end of the index, and a job id tells when the job was made.
    """
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(random[:10], "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return UUID(int=value)
