"""Tables of dBASE and FoxPro (dbf): records of fixed width, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.domain.text import Piece
from backend.providers.extractors import encodings, refusals, tables
from backend.providers.extractors.draft import Draft, Source

_VERSIONS = frozenset({0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB})
_HEADER, _FIELD, _END = 32, 32, 0x0D
_WORDS = b"CNFDL"
"""Kinds of field that are kept as characters; the others are numbers in binary, or places in another file."""
_DELETED = b"*"


@dataclass(frozen=True)
class _Field:
    name: str
    kind: int
    start: int
    size: int


def is_dbase(head: bytes) -> bool:
    """Whether the header is one: a known version, a date that exists, and sizes that fit each other."""
    if len(head) < _HEADER + _FIELD or head[0] not in _VERSIONS:
        return False
    month, day = head[2], head[3]
    header, record = int.from_bytes(head[8:10], "little"), int.from_bytes(head[10:12], "little")
    return month in range(1, 13) and day in range(1, 32) and header > _HEADER + _FIELD and record > 1


def read(source: Source) -> Draft:
    """The table as one piece; records that are marked as deleted are left out. Raises Unreadable `corrupt`."""
    fields, records = _content(source.path)
    if not fields:
        raise refusals.corrupt("table")
    rows = [[_value(record, field) for field in fields] for record in records]
    # one guess for the whole table: a cell is too short to tell
    joined, encoding = encodings.decode(b"\n".join(b"\x1f".join(row) for row in rows))
    cells = [line.split("\x1f") for line in joined.split("\n")] if rows else []
    text = tables.markdown([[field.name for field in fields], *cells])
    return Draft(pieces=[Piece(text)], metadata={"encoding": encoding, "record_count": len(rows)})


def _content(path: Path) -> tuple[list[_Field], Iterator[bytes]]:
    data = path.read_bytes()
    count, header = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:10], "little")
    size = int.from_bytes(data[10:12], "little")
    fields, start = [], 1
    for at in range(_HEADER, min(header, len(data)) - _FIELD + 1, _FIELD):
        if data[at] == _END:
            break
        name = data[at : at + 11].split(b"\0")[0].decode("latin-1").strip()
        fields.append(_Field(name, data[at + 11], start, data[at + 16]))
        start += data[at + 16]
    whole = (data[at : at + size] for at in range(header, min(len(data), header + count * size) - size + 1, size))
    return fields if size > 1 else [], (record for record in whole if not record.startswith(_DELETED))


def _value(record: bytes, field: _Field) -> bytes:
    if field.kind not in _WORDS:
        return b""
    return record[field.start : field.start + field.size].replace(b"\n", b" ").replace(b"\0", b" ").strip()
