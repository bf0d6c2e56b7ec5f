"""Which of the old Office formats a compound file is, by the names of its streams."""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
ENCRYPTED = "application/x-ole-encrypted"
OTHER = "application/x-ole-storage"

_STREAMS = (
    ("EncryptedPackage", ENCRYPTED),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
)
_BY_SUFFIX = {".doc": DOC, ".dot": DOC, ".xls": XLS, ".xlt": XLS, ".ppt": PPT, ".pps": PPT, ".msg": MSG}
_DIRECTORY_BYTES = 16384


def kind(file: BinaryIO, filename: str) -> str:
    """The media type. The first directory sector names the streams; its place is at bytes 48 to 51 of the header."""
    file.seek(0)
    header = file.read(512)
    shift = min(int.from_bytes(header[30:32], "little"), 12)
    file.seek((int.from_bytes(header[48:52], "little") + 1) << shift)
    directory = file.read(_DIRECTORY_BYTES)
    for name, media_type in _STREAMS:
        if (name + "\0").encode("utf-16-le") in directory:
            return media_type
    return _BY_SUFFIX.get(PurePath(filename).suffix.lower(), OTHER)
