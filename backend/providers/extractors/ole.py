"""Which of the old Office formats a compound file is, by the names of its streams."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG, HWP = "application/vnd.ms-outlook", "application/x-hwp"
ENCRYPTED = "application/x-ole-encrypted"
OTHER = "application/x-ole-storage"

_STREAMS = (
    ("EncryptedPackage", ENCRYPTED),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
    ("HwpSummaryInformation", HWP),
)
_BY_SUFFIX = {".doc": DOC, ".dot": DOC, ".xls": XLS, ".xlt": XLS, ".ppt": PPT, ".pps": PPT, ".msg": MSG}
_DIRECTORY_BYTES = 16384


def kind(file: BinaryIO, filename: str) -> str:
    """The media type, by the streams that the first directory sector names."""
    _, directory = _directory(file)
    for name, media_type in _STREAMS:
        if _entry(name) in directory:
            return media_type
    return _BY_SUFFIX.get(PurePath(filename).suffix.lower(), OTHER)


def is_encrypted(path: Path, media_type: str) -> bool:
    """Whether the file asks for a password, for the kinds whose readers do not say so themselves."""
    if media_type == ENCRYPTED:
        return True
    if media_type == PPT:  # CurrentUserAtom.headerToken of [MS-PPT] 2.3.2
        return b"\x14\x00\x00\x00\xdf\xc4\xd1\xf3" in path.read_bytes()
    if media_type != DOC:
        return False
    with path.open("rb") as file:
        shift, directory = _directory(file)
        at = directory.find(_entry("WordDocument"))
        start = int.from_bytes(directory[at + 116 : at + 120], "little") if at >= 0 else 0
        file.seek((start + 1) << shift)
        information = file.read(12)  # FibBase of [MS-DOC] 2.5.2: magic number, then flags, of which bit 8 is fEncrypted
    return information[:2] == b"\xec\xa5" and bool(information[11] & 1)


def _directory(file: BinaryIO) -> tuple[int, bytes]:
    """The sector shift, and the beginning of the directory, whose place is at bytes 48 to 51 of the header."""
    file.seek(0)
    header = file.read(512)
    shift = min(int.from_bytes(header[30:32], "little"), 12)
    file.seek((int.from_bytes(header[48:52], "little") + 1) << shift)
    return shift, file.read(_DIRECTORY_BYTES)


def _entry(name: str) -> bytes:
    return (name + "\0").encode("utf-16-le")
