"""Zip archives. Nothing that the directory says is believed further than it can do harm."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from backend.domain.errors import Unreadable
from backend.providers.extractors import refusals
from backend.providers.unpacking import aes, filenames
from backend.providers.unpacking.box import Box, Entries, Entry, Sink, damaged_member, pieces_of

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, struct.error, OverflowError
)  # fmt: skip
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_UNICODE_PATH = 0x7075


def entries(box: Box) -> Entries:
    """The members, folders left out. Raises Unreadable `corrupt`, `too_large`."""
    with _opened(box) as archive:
        infos = archive.infolist()
        size = box.path.stat().st_size
        if sum(i.file_size for i in infos) > box.allowed or sum(i.compress_size for i in infos) > size:
            raise refusals.bomb()  # members that lie on top of one another add up to more than the file
        found = Entries()
        for info in _files(infos):
            entry = Entry(_name(info), info.file_size, encrypted=bool(info.flag_bits & _ENCRYPTED))
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind == stat.S_IFLNK:
                entry.skipped = {"code": "link", "message": "A link to another file is not followed."}
            elif kind not in {0, stat.S_IFREG}:
                entry.skipped = {"code": "not_a_file", "message": "It is not a file."}
            found.add(entry)
    return found


def take(box: Box, wanted: Sequence[int], sink: Sink) -> None:
    """Put the wanted members into the sink."""
    with _opened(box) as archive:
        files = _files(archive.infolist())
        for index in wanted:
            sink.put(index, _pieces(archive, files[index], box.password))


def _opened(box: Box) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(box.path)
    except _DAMAGED as error:
        raise refusals.corrupt("archive") from error


def _files(infos: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    return [info for info in infos if not info.filename.endswith(("/", "\\"))]


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str | None) -> Iterator[bytes]:
    if info.flag_bits & _ENCRYPTED and password is None:
        raise refusals.encrypted()
    left = info.file_size
    try:
        for piece in _inflated(archive, info, password):
            left -= len(piece)
            yield piece
    except RuntimeError as error:  # how zipfile says that the password is wrong; its NotImplementedError is one, too
        if isinstance(error, NotImplementedError):
            raise _unknown_method() from error
        raise refusals.wrong_password() from error
    except _DAMAGED as error:
        raise damaged_member() from error
    if left:
        raise damaged_member()


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str | None) -> Iterator[bytes]:
    if info.compress_type == aes.METHOD:
        yield from aes.pieces(archive, info, password or "")
        return
    with archive.open(info, pwd=password.encode() if password else None) as file:
        yield from pieces_of(file)


def _unknown_method() -> Unreadable:
    return Unreadable(
        "This file was packed in a way that cannot be unpacked here.",
        code="unsupported_type",
        hint="Unpack the archive with its own program, and add the files.",
    )


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF_8:
        return filenames.tidy(info.orig_filename)
    extra = info.extra
    while len(extra) >= 4:  # noqa: PLR2004 - the head of a field: its kind and its length
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _UNICODE_PATH and length > 5:  # noqa: PLR2004 - a version and a checksum come first
            return filenames.shown(extra[9 : 4 + length])
        extra = extra[4 + length :]
    return filenames.shown(info.orig_filename.encode("cp437", errors="replace"))
