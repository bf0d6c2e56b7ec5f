"""The media type of a file by its first bytes; the name only chooses among kinds of text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path, PurePath

from backend.providers.extractors import dbase, media, names, ole
from backend.providers.extractors.encodings import is_utf_16

EMPTY = "application/x-empty"
UNKNOWN = "application/octet-stream"
_HEAD = 65536
_TAR_BLOCK = 512
_TEXT_SAMPLE = 8192
_CONTROL_SHARE, _CONTROL_SHARE_OF_UTF_8 = 0.002, 0.05
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"\x00\x00\x00\x0cJXL ", "image/jxl"),
    (0, b"icns", "image/icns"),
    (0, b"DDS ", "image/vnd.ms-dds"),
    (8, b"WEBP", "image/webp"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"(\xb5/\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"RE~^", "application/vnd.rar"),
    (0, b"%!PS", "application/postscript"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (60, b"BOOKMOBI", "application/x-mobipocket-ebook"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-executable"),
)
_SHORT_MAGIC = {b"BM", b"MZ"}
"""Two bytes that text may begin with too: believed only when the rest is no text."""


def sniff(path: Path, filename: str) -> str:
    """The media type of the file at `path`; reads 64 KB and a little more."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            return EMPTY
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return names.zip_type(path, head, PurePath(filename).suffix.lower())
        if head.startswith(ole.MAGIC):
            return ole.kind(file, filename)
    suffix = PurePath(filename).suffix.lower()
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if is_tar(head):
        return "application/x-tar"
    return _by_magic(head, suffix)


def _by_magic(head: bytes, suffix: str) -> str:
    text = looks_like_text(head[:_TEXT_SAMPLE]) and not media.is_chunked(head)
    if not text and (found := media.media_type(head)):
        return "audio/mp4" if found == "video/mp4" and suffix in {".m4a", ".m4b"} else found
    for offset, magic, media_type in _MAGIC:
        if head.startswith(magic, offset) and not (text and magic in _SHORT_MAGIC):
            return media_type
    if text:
        return names.text_type(_readable_head(head), suffix)
    return names.DBASE if suffix == ".dbf" and dbase.is_dbase(head) else UNKNOWN


def is_tar(head: bytes) -> bool:
    """Whether the first block is the header of a tar member, of any dialect: its checksum is right."""
    block = head[:_TAR_BLOCK]
    field = block[148:156].strip(b" \0")
    if len(block) < _TAR_BLOCK or not field or field.strip(b"01234567"):
        return False
    return int(field, 8) == sum(block) - sum(block[148:156]) + 8 * ord(" ")


def looks_like_text(sample: bytes) -> bool:
    """Whether a person could read it: hardly any control characters, in whatever encoding."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or is_utf_16(sample):
        return True
    share = _CONTROL_SHARE_OF_UTF_8 if _is_utf_8(sample) else _CONTROL_SHARE
    return b"\x00" not in sample and len(_CONTROL.findall(sample)) <= share * len(sample)


def _is_utf_8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _readable_head(head: bytes) -> str:
    """The head as text, well enough to see which kind of text it is; no guessing of encodings here."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="replace")
    return head.replace(b"\x00", b"").decode("utf-8-sig", errors="replace")
