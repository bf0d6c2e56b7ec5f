"""Which kind of sound or film a file is, by its first bytes."""

from __future__ import annotations

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"MThd", "audio/midi"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
)
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"M4P ": "audio/mp4", b"qt  ": "video/quicktime",
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic",
    b"avif": "image/avif", b"avis": "image/avif",
}  # fmt: skip
"""The brands of ISO media files (ISO/IEC 14496-12); any other is a film."""
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_FRAMES = {
    **dict.fromkeys((bytes((0xFF, byte)) for byte in b"\xfb\xfa\xf3\xf2\xe3\xe2\xfd\xfc\xf5\xf4"), "audio/mpeg"),
    **dict.fromkeys((bytes((0xFF, byte)) for byte in b"\xf1\xf0\xf9\xf8"), "audio/aac"),
}
"""How bare frames of MPEG audio, layers 2 and 3 (ISO/IEC 11172-3, 2.4.1.3), and of AAC in ADTS begin."""
_CHUNKED = {b"RIFF", b"FORM"}
_EARLY = 8192
_PACKET = 188


def media_type(head: bytes) -> str | None:
    """The media type, or None when it is neither sound nor film."""
    for offset, magic, found in _MAGIC:
        if head.startswith(magic, offset):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head.startswith(b"FORM") and head[8:12] in {b"AIFF", b"AIFC"}:
        return "audio/aiff"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12]) or ("video/3gpp" if head[8:10] == b"3g" else "video/mp4")
    return _contained(head) or _FRAMES.get(head[:2])


def is_chunked(head: bytes) -> bool:
    """Whether it is sound or film in chunks (RIFF, IFF), for certain: samples may look like letters in UTF-16."""
    return head[:4] in _CHUNKED and media_type(head) is not None


def _contained(head: bytes) -> str | None:
    """Containers that say only later what they hold."""
    early = head[:_EARLY]
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in early else "audio/ogg"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/x-matroska" if b"matroska" in early else "video/webm"
    if head.startswith(_ASF):
        return "video/x-ms-wmv" if _ASF_VIDEO in early else "audio/x-ms-wma"
    if all(head[at : at + 1] == b"G" for at in (0, _PACKET, 2 * _PACKET)):
        return "video/mp2t"
    return None
