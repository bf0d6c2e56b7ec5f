"""Archives made by hand, whole and hostile, so that the tests of unpacking carry nobody else's."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

import zstandard

PACKERS = {
    "tar": lambda data: data,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def tarred(members: Mapping[str, bytes], *special: tarfile.TarInfo) -> bytes:
    """A tar of plain files, and of these headers without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in special:
            archive.addfile(info)
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """The header of a link, a device, a pipe."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def link_zip(name: str, target: str, **members: str) -> bytes:
    """A zip with a symbolic link in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, target)
        for other, data in members.items():
            archive.writestr(other.replace("_", "."), data)
    return buffer.getvalue()


def raw_names(names: Sequence[bytes], data: bytes = b"words") -> bytes:
    """A zip whose names are these bytes, whatever they are."""
    buffer = io.BytesIO()
    places = [f"{at:08}" for at in range(len(names))]
    with zipfile.ZipFile(buffer, "w") as archive:
        for place, name in zip(places, names, strict=True):
            archive.writestr(place.ljust(len(name), "_")[: len(name)], data + place.encode())
    whole = buffer.getvalue()
    for place, name in zip(places, names, strict=True):
        whole = whole.replace(place.encode().ljust(len(name), b"_")[: len(name)], name)
    return whole


def overlapping(copies: int) -> bytes:
    """A zip of many names for one and the same bytes (David Fifield's bomb in its simplest shape)."""
    kernel = zipfile.ZipInfo("0")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(kernel, b"0" * 1_000_000, zipfile.ZIP_DEFLATED)
    whole = buffer.getvalue()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, copies, copies, len(entry) * copies, start, 0)
    return whole[:start] + entry * copies + tail


def lying(size: int, data: bytes = b"words") -> bytes:
    """A zip whose directory says that its one member has another size."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    whole = bytearray(buffer.getvalue())
    at = whole.index(b"PK\x01\x02")
    whole[at + 24 : at + 28] = struct.pack("<L", size)
    return bytes(whole)


def zip64_lying(size: int) -> bytes:
    """A zip that gives the size of its member in the extra field of ZIP64, wrongly."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("a.txt")
        info.extra = struct.pack("<HHQ", 1, 8, size)
        archive.writestr(info, b"words", zipfile.ZIP_DEFLATED)
    whole = bytearray(buffer.getvalue())
    at = whole.index(b"PK\x01\x02")
    whole[at + 24 : at + 28] = b"\xff" * 4
    return bytes(whole)


def locked(members: Mapping[str, bytes], password: str) -> bytes:
    """A zip locked with the traditional cipher of PKWARE (APPNOTE 6.1)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    whole = bytearray(buffer.getvalue())
    out, directory = bytearray(), bytearray()
    with zipfile.ZipFile(buffer) as archive:
        infos = archive.infolist()
    at = whole.index(b"PK\x01\x02")
    for info in infos:
        header = whole[info.header_offset : info.header_offset + 30 + len(info.filename)]
        data = whole[info.header_offset + len(header) : info.header_offset + len(header) + info.file_size]
        cipher = _traditional(password, bytes(11) + bytes([info.CRC >> 24]) + bytes(data))
        entry = bytearray(whole[at : at + 46 + len(info.filename)])
        at += len(entry)
        for block, flags, size in ((header, 6, 18), (entry, 8, 20)):
            block[flags] |= 1
            block[size : size + 4] = struct.pack("<L", len(cipher))
        entry[42:46] = struct.pack("<L", len(out))
        out += header + cipher
        directory += entry
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(infos), len(infos), len(directory), len(out), 0)
    return bytes(out + directory + end)


def _traditional(password: str, data: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]
    table = [_crc(value) for value in range(256)]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password.encode():
        update(byte)
    out = bytearray()
    for byte in data:
        temporary = (keys[2] | 2) & 0xFFFF
        out.append(byte ^ ((temporary * (temporary ^ 1)) >> 8) & 0xFF)
        update(byte)
    return bytes(out)


def _crc(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0xEDB88320 if value & 1 else value >> 1
    return value


def letter(subject: str, text: str, *attached: tuple[str, bytes], picture: int = 0) -> bytes:
    """An e-mail with attachments, and an inline picture of so many bytes in its signature."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@example.org>", "bob@example.org", subject
    message.set_content(text)
    if picture:
        message.add_alternative(f"<p>{text}</p><img src='cid:logo'>", subtype="html")
        html = message.get_payload()[1]
        html.add_related(b"\x89PNG\r\n\x1a\n" + bytes(picture), "image", "png", cid="<logo>", filename="logo.png")
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()
